CREATE VIEW ads_models AS
WITH called AS (
    SELECT
        *,
        -- Counted with the span that it stands in.
        outer_model IS NOT NULL
        AND (step_type = 'think' OR outer_input_tokens IS NOT NULL OR outer_output_tokens IS NOT NULL) AS taken
    FROM dws_spans
    WHERE
        step_type <> 'user_input'
        AND (
            taken
            -- A wrapper or agent that names its model is no call of it.
            OR model IS NOT NULL AND (step_type = 'think' OR input_tokens IS NOT NULL OR output_tokens IS NOT NULL)
        )
)
SELECT
    CASE WHEN taken THEN outer_model ELSE model END AS model,
    CASE WHEN taken THEN outer_provider ELSE provider END AS provider,
    count(*) FILTER (WHERE NOT taken)::BIGINT AS call_count,
    count(*) FILTER (WHERE NOT taken AND status = 'error')::BIGINT AS error_count,
    quantile_cont(duration_ms, 0.5) FILTER (WHERE NOT taken) AS p50_ms,
    quantile_cont(duration_ms, 0.95) FILTER (WHERE NOT taken) AS p95_ms,
    quantile_cont(duration_ms, 0.99) FILTER (WHERE NOT taken) AS p99_ms,
    sum(input_tokens) FILTER (WHERE NOT taken OR outer_input_tokens IS NULL)::BIGINT AS input_tokens,
    sum(output_tokens) FILTER (WHERE NOT taken OR outer_output_tokens IS NULL)::BIGINT AS output_tokens,
    sum(cached_tokens) FILTER (WHERE NOT taken OR outer_cached_tokens IS NULL)::BIGINT AS cached_tokens,
    sum(reasoning_tokens) FILTER (WHERE NOT taken OR outer_reasoning_tokens IS NULL)::BIGINT AS reasoning_tokens,
    sum(cost_usd) FILTER (WHERE NOT taken OR outer_cost_usd IS NULL) AS cost_usd,
    max(start_time) FILTER (WHERE NOT taken) AS last_time
FROM called
GROUP BY ALL
HAVING call_count > 0;
