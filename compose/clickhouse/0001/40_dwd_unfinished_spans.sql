-- Spans that have begun and not ended. Nobody here knows whether their program still lives: where
-- nothing of the trace was heard for {interrupted_s} s, they count as interrupted.
CREATE OR REPLACE VIEW dwd_unfinished_spans AS
WITH
    begun AS (
        SELECT * FROM dwd_open_spans_data FINAL
        WHERE closed = 0
    ),
    heard AS (
        SELECT trace_id AS of_trace, max(heard) AS at FROM trace_states
        WHERE trace_id IN (SELECT trace_id FROM begun)
        GROUP BY trace_id
    ),
    timed AS (
        SELECT
            begun.*,
            greatest(begun.received, ifNull(heard.at, begun.received)) AS last_heard,
            last_heard <= now64(3) - toIntervalSecond({interrupted_s}) AS lost
        FROM begun
        LEFT JOIN heard ON heard.of_trace = begun.trace_id
    )
SELECT
    {columns_before_end},
    if(lost, greatest(start_time, toUnixTimestamp64Milli(last_heard) * 1000000), NULL) AS ended,
    if(lost, (assumeNotNull(ended) - start_time) / 1e6, NULL) AS lasted,
    if(lost, 'interrupted', 'open') AS stands,
    {columns_after_state},
    received
FROM timed
-- One that was delivered again after its mark was gone.
WHERE (start_time, trace_id, span_id) NOT IN (
    SELECT start_time, trace_id, span_id FROM dwd_spans_data
    WHERE (start_time, trace_id, span_id) IN (SELECT start_time, trace_id, span_id FROM begun)
);
