-- The contract's: each once, and those that broke off.
CREATE OR REPLACE VIEW dwd_spans AS
SELECT
    {columns_before_end},
    end_time, duration_ms, state,
    {columns_after_state}
FROM dwd_spans_data FINAL
UNION ALL
SELECT
    {columns_before_end},
    ended, lasted, stands,
    {columns_after_state}
FROM dwd_unfinished_spans
WHERE stands = 'interrupted';
