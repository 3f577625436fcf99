CREATE OR REPLACE VIEW dwd_open_spans AS
SELECT
    {columns_before_end},
    ended AS end_time, lasted AS duration_ms, stands AS state,
    {columns_after_state}
FROM dwd_unfinished_spans
WHERE stands = 'open';
