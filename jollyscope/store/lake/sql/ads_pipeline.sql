-- How far records have come: settled in the store, still running, refused.
CREATE VIEW ads_pipeline AS
SELECT 'stored' AS stage, 'span' AS kind, count(*)::BIGINT AS records, max(start_time) AS newest_time
FROM dwd_spans
UNION ALL
SELECT 'running', 'span', count(*)::BIGINT, max(start_time) FROM dwd_open_spans
UNION ALL
SELECT 'stored', 'metric', count(*)::BIGINT, max(time) FROM dwd_metrics
UNION ALL
SELECT 'stored', 'event', count(*)::BIGINT, max(time) FROM dwd_events
UNION ALL
SELECT 'refused', kind, count(*)::BIGINT, max(time) FROM dwd_dead_letters GROUP BY kind;
