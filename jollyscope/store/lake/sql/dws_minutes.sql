-- Per minute and step, tool, model, service, user. Spans are spans; tokens and cost count each call once.
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
    sum(input_tokens) FILTER (WHERE outer_input_tokens IS NULL)::BIGINT AS input_tokens,
    sum(output_tokens) FILTER (WHERE outer_output_tokens IS NULL)::BIGINT AS output_tokens,
    sum(cost_usd) FILTER (WHERE outer_cost_usd IS NULL) AS cost_usd
FROM dws_spans
GROUP BY ALL;
