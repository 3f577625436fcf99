CREATE OR REPLACE VIEW ads_tools AS
SELECT
    tool_name,
    toInt64(count()) AS call_count,
    toInt64(countIf(status = 'error')) AS error_count,
    toInt64(uniqExact(trace_id)) AS trace_count,
    quantilesExactInclusive(0.5, 0.95, 0.99)(duration_ms)[1] AS p50_ms,
    quantilesExactInclusive(0.5, 0.95, 0.99)(duration_ms)[2] AS p95_ms,
    quantilesExactInclusive(0.5, 0.95, 0.99)(duration_ms)[3] AS p99_ms,
    sum(duration_ms) AS total_ms,
    min(start_time) AS first_time,
    max(start_time) AS last_time
FROM dws_spans
WHERE step_type = 'act' AND tool_name IS NOT NULL AND outer_tool_name IS NULL
GROUP BY tool_name;
