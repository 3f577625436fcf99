CREATE MATERIALIZED VIEW IF NOT EXISTS dwd_spans_marked TO dwd_open_spans_data AS
SELECT trace_id, span_id, start_time, state, received, 1::UInt8 AS closed
FROM dwd_spans_checked
WHERE reason = '' AND state = 'closed'
    AND (trace_id, span_id) IN (SELECT trace_id, span_id FROM dwd_open_spans_data);
