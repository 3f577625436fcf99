-- Those that end within the same block never were, to anybody.
CREATE MATERIALIZED VIEW IF NOT EXISTS dwd_spans_begun TO dwd_open_spans_data AS
SELECT * EXCEPT (topic, partition, offset, line, reason, ends), 0::UInt8 AS closed
FROM (
    SELECT *, max(state = 'closed') OVER (PARTITION BY trace_id, span_id) AS ends
    FROM dwd_spans_checked
    WHERE reason = ''
)
WHERE state = 'open' AND NOT ends;
