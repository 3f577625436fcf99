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
    sumIf(spans.input_tokens, outer_input_tokens IS NULL) AS input_tokens,
    sumIf(spans.output_tokens, outer_output_tokens IS NULL) AS output_tokens,
    sumIf(spans.cost_usd, outer_cost_usd IS NULL) AS cost_usd
FROM dws_spans AS spans
GROUP BY minute, step_type, tool_name, model, service, user_id;
