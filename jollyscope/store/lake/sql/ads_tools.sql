CREATE VIEW ads_tools AS
SELECT
    tool_name,
    count(*)::BIGINT AS call_count,
    count(*) FILTER (WHERE status = 'error')::BIGINT AS error_count,
    count(DISTINCT trace_id)::BIGINT AS trace_count,
    quantile_cont(duration_ms, 0.5) AS p50_ms,
    quantile_cont(duration_ms, 0.95) AS p95_ms,
    quantile_cont(duration_ms, 0.99) AS p99_ms,
    sum(duration_ms) AS total_ms,
    min(start_time) AS first_time,
    max(start_time) AS last_time
FROM dws_spans
WHERE step_type = 'act' AND tool_name IS NOT NULL AND outer_tool_name IS NULL
GROUP BY tool_name;
