CREATE OR REPLACE VIEW ads_users AS
SELECT
    user_id,
    toInt64(uniqExactIf(session_id, session_id IS NOT NULL)) AS session_count,
    toInt64(count()) AS trace_count,
    toInt64(countIf(status = 'error')) AS failed_count,
    sum(traces.tool_calls) AS tool_calls,
    sum(traces.input_tokens) AS input_tokens,
    sum(traces.output_tokens) AS output_tokens,
    sum(traces.cost_usd) AS cost_usd,
    min(start_time) AS first_time,
    max(start_time) AS last_time
FROM ads_traces AS traces
WHERE user_id IS NOT NULL
GROUP BY user_id;
