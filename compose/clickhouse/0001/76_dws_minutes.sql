-- Per minute and step, tool, model, service, user. Made of settled spans, so exact; what Flink counts as
-- records pass stands in `dws_windows`.
CREATE OR REPLACE VIEW dws_minutes AS
SELECT
    start_time - start_time % 60000000000 AS minute,
    step_type,
    tool_name,
    model,
    service,
    user_id,
    toInt64(count()) AS span_count,
    toInt64(countIf(status = 'error')) AS error_count,
    quantilesExactInclusive(0.5, 0.95, 0.99)(duration_ms)[1] AS p50_ms,
    quantilesExactInclusive(0.5, 0.95, 0.99)(duration_ms)[2] AS p95_ms,
    quantilesExactInclusive(0.5, 0.95, 0.99)(duration_ms)[3] AS p99_ms,
    sum(spans.input_tokens) AS input_tokens,
    sum(spans.output_tokens) AS output_tokens,
    sum(spans.cost_usd) AS cost_usd
FROM dwd_spans AS spans
GROUP BY minute, step_type, tool_name, model, service, user_id;
