CREATE MATERIALIZED VIEW IF NOT EXISTS dwd_events_kept TO dwd_events_data AS
SELECT * EXCEPT (received, topic, partition, offset, line, reason)
FROM dwd_events_checked
WHERE reason = '';
