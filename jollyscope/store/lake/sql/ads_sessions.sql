CREATE VIEW ads_sessions AS
SELECT
    session_id,
    arg_min(user_id, {'start': start_time, 'id': trace_id}) AS user_id,
    arg_min(service, {'start': start_time, 'id': trace_id}) AS service,
    arg_min(input, {'start': start_time, 'id': trace_id}) AS input,
    min(start_time) AS start_time,
    max(end_time) AS end_time,
    (max(end_time) - min(start_time)) / 1e6 AS duration_ms,
    CASE
        WHEN bool_or(state = 'open') THEN 'open'
        WHEN bool_or(state = 'interrupted') THEN 'interrupted'
        ELSE 'closed'
    END AS state,
    arg_max(status, {'start': start_time, 'id': trace_id}) AS status,
    count(*)::BIGINT AS trace_count,
    sum(span_count)::BIGINT AS span_count,
    sum(step_count)::BIGINT AS step_count,
    sum(error_count)::BIGINT AS error_count,
    sum(tool_calls)::BIGINT AS tool_calls,
    sum(input_tokens)::BIGINT AS input_tokens,
    sum(output_tokens)::BIGINT AS output_tokens,
    sum(cost_usd) AS cost_usd
FROM ads_traces
WHERE session_id IS NOT NULL
GROUP BY session_id;
