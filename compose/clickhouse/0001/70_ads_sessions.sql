CREATE OR REPLACE VIEW ads_sessions AS
SELECT
    session_id,
    argMinIf(user_id, (start_time, trace_id), user_id IS NOT NULL) AS user_id,
    argMinIf(service, (start_time, trace_id), service IS NOT NULL) AS service,
    argMinIf(input, (start_time, trace_id), input IS NOT NULL) AS input,
    min(start_time) AS start_time,
    max(end_time) AS end_time,
    (max(end_time) - min(start_time)) / 1e6 AS duration_ms,
    multiIf(countIf(state = 'open') > 0, 'open', countIf(state = 'interrupted') > 0, 'interrupted', 'closed') AS state,
    argMax(status, (start_time, trace_id)) AS status,
    toInt64(count()) AS trace_count,
    sum(span_count) AS span_count,
    sum(step_count) AS step_count,
    sum(error_count) AS error_count,
    sum(tool_calls) AS tool_calls,
    sum(input_tokens) AS input_tokens,
    sum(output_tokens) AS output_tokens,
    sum(cost_usd) AS cost_usd
FROM (SELECT * FROM ads_traces WHERE session_id IS NOT NULL) AS traces
GROUP BY session_id;
