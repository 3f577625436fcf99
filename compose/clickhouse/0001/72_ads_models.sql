CREATE OR REPLACE VIEW ads_models AS
SELECT
    called.1 AS model,
    called.2 AS provider,
    toInt64(countIf(NOT taken)) AS call_count,
    toInt64(countIf(NOT taken AND status = 'error')) AS error_count,
    quantilesExactInclusiveIf(0.5, 0.95, 0.99)(duration_ms, NOT taken)[1] AS p50_ms,
    quantilesExactInclusiveIf(0.5, 0.95, 0.99)(duration_ms, NOT taken)[2] AS p95_ms,
    quantilesExactInclusiveIf(0.5, 0.95, 0.99)(duration_ms, NOT taken)[3] AS p99_ms,
    sumIf(spans.input_tokens, NOT taken OR outer_input_tokens IS NULL) AS input_tokens,
    sumIf(spans.output_tokens, NOT taken OR outer_output_tokens IS NULL) AS output_tokens,
    sumIf(spans.cached_tokens, NOT taken OR outer_cached_tokens IS NULL) AS cached_tokens,
    sumIf(spans.reasoning_tokens, NOT taken OR outer_reasoning_tokens IS NULL) AS reasoning_tokens,
    sumIf(spans.cost_usd, NOT taken OR outer_cost_usd IS NULL) AS cost_usd,
    maxIf(start_time, NOT taken) AS last_time
FROM (
    SELECT
        *,
        -- Counted with the span that it stands in.
        outer_model IS NOT NULL
        AND (step_type = 'think' OR outer_input_tokens IS NOT NULL OR outer_output_tokens IS NOT NULL) AS taken,
        if(taken, (outer_model, outer_provider), (model, provider)) AS called
    FROM dws_spans
    WHERE step_type <> 'user_input'
) AS spans
WHERE
    taken
    -- A wrapper or agent that names its model is no call of it.
    OR model IS NOT NULL
    AND (step_type = 'think' OR spans.input_tokens IS NOT NULL OR spans.output_tokens IS NOT NULL)
GROUP BY called
HAVING countIf(NOT taken) > 0;
