CREATE MATERIALIZED VIEW IF NOT EXISTS trace_states_kept TO trace_states AS
{trace_states:(SELECT * FROM dwd_spans_checked WHERE reason = '' AND state = 'closed')};
