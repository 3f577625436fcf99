CREATE MATERIALIZED VIEW IF NOT EXISTS ods_metrics_received TO ods_metrics AS
SELECT
    coalesce(_timestamp_ms, now64(3)) AS received,
    _topic AS topic,
    toString(_partition) AS partition,
    toInt64(_offset) AS offset,
    line
FROM ods_metrics_queue;
