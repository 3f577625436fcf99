CREATE VIEW ads_models AS
SELECT
    model,
    provider,
    count(*)::BIGINT AS call_count,
    count(*) FILTER (WHERE status = 'error')::BIGINT AS error_count,
    quantile_cont(duration_ms, 0.5) AS p50_ms,
    quantile_cont(duration_ms, 0.95) AS p95_ms,
    quantile_cont(duration_ms, 0.99) AS p99_ms,
    sum(input_tokens)::BIGINT AS input_tokens,
    sum(output_tokens)::BIGINT AS output_tokens,
    sum(cached_tokens)::BIGINT AS cached_tokens,
    sum(reasoning_tokens)::BIGINT AS reasoning_tokens,
    sum(cost_usd) AS cost_usd,
    max(start_time) AS last_time
FROM dwd_spans
WHERE
    model IS NOT NULL AND step_type <> 'user_input'
    -- A wrapper or agent that names its model is no call of it.
    AND (step_type = 'think' OR input_tokens IS NOT NULL OR output_tokens IS NOT NULL)
GROUP BY model, provider;
