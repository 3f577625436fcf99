CREATE MATERIALIZED VIEW IF NOT EXISTS dwd_metrics_kept TO dwd_metrics_data AS
SELECT * EXCEPT (received, topic, partition, offset, line, reason)
FROM dwd_metrics_checked
WHERE reason = '';
