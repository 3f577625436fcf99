CREATE OR REPLACE VIEW ads_models AS
SELECT
    model,
    provider,
    toInt64(count()) AS call_count,
    toInt64(countIf(status = 'error')) AS error_count,
    quantilesExactInclusive(0.5, 0.95, 0.99)(duration_ms)[1] AS p50_ms,
    quantilesExactInclusive(0.5, 0.95, 0.99)(duration_ms)[2] AS p95_ms,
    quantilesExactInclusive(0.5, 0.95, 0.99)(duration_ms)[3] AS p99_ms,
    sum(spans.input_tokens) AS input_tokens,
    sum(spans.output_tokens) AS output_tokens,
    sum(spans.cached_tokens) AS cached_tokens,
    sum(spans.reasoning_tokens) AS reasoning_tokens,
    sum(spans.cost_usd) AS cost_usd,
    max(start_time) AS last_time
FROM dwd_spans AS spans
WHERE
    model IS NOT NULL AND step_type <> 'user_input'
    -- A wrapper or agent that names its model is no call of it.
    AND (step_type = 'think' OR spans.input_tokens IS NOT NULL OR spans.output_tokens IS NOT NULL)
GROUP BY model, provider;
