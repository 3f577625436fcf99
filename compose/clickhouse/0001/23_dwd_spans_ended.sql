CREATE MATERIALIZED VIEW IF NOT EXISTS dwd_spans_ended TO dwd_spans_data AS
SELECT * EXCEPT (received, topic, partition, offset, line, reason)
FROM dwd_spans_checked
WHERE reason = '' AND state = 'closed';
