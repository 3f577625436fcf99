CREATE MATERIALIZED VIEW IF NOT EXISTS ods_events_received TO ods_events AS
SELECT
    coalesce(_timestamp_ms, now64(3)) AS received,
    _topic AS topic,
    toString(_partition) AS partition,
    toInt64(_offset) AS offset,
    line
FROM ods_events_queue;
