CREATE VIEW ads_users AS
SELECT
    user_id,
    count(DISTINCT session_id)::BIGINT AS session_count,
    count(*)::BIGINT AS trace_count,
    count(*) FILTER (WHERE status = 'error')::BIGINT AS failed_count,
    sum(tool_calls)::BIGINT AS tool_calls,
    sum(input_tokens)::BIGINT AS input_tokens,
    sum(output_tokens)::BIGINT AS output_tokens,
    sum(cost_usd) AS cost_usd,
    min(start_time) AS first_time,
    max(start_time) AS last_time
FROM ads_traces
WHERE user_id IS NOT NULL
GROUP BY user_id;
