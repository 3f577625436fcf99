-- Per minute and step, tool, model, service, user.
CREATE VIEW dws_minutes AS
SELECT
    start_time - start_time % 60000000000 AS minute,
    step_type,
    tool_name,
    model,
    service,
    user_id,
    count(*)::BIGINT AS span_count,
    count(*) FILTER (WHERE status = 'error')::BIGINT AS error_count,
    quantile_cont(duration_ms, 0.5) AS p50_ms,
    quantile_cont(duration_ms, 0.95) AS p95_ms,
    quantile_cont(duration_ms, 0.99) AS p99_ms,
    sum(input_tokens)::BIGINT AS input_tokens,
    sum(output_tokens)::BIGINT AS output_tokens,
    sum(cost_usd) AS cost_usd
FROM dwd_spans
GROUP BY ALL;
