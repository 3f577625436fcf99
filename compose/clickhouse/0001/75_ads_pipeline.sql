-- How far records have come: settled in the store, still running, refused.
CREATE OR REPLACE VIEW ads_pipeline AS
SELECT 'stored' AS stage, 'span' AS kind, toInt64(count()) AS records, maxOrNull(start_time) AS newest_time
FROM dwd_spans
UNION ALL
SELECT 'running', 'span', toInt64(count()), maxOrNull(start_time) FROM dwd_open_spans
UNION ALL
SELECT 'stored', 'metric', toInt64(count()), maxOrNull(time) FROM dwd_metrics
UNION ALL
SELECT 'stored', 'event', toInt64(count()), maxOrNull(time) FROM dwd_events
UNION ALL
SELECT 'refused', kind, toInt64(count()), maxOrNull(time) FROM dwd_dead_letters GROUP BY kind;
