CREATE OR REPLACE VIEW ads_sessions AS
SELECT
    session_id,
    argMinIf(traces.user_id, (traces.start_time, traces.trace_id), traces.user_id IS NOT NULL) AS user_id,
    argMinIf(traces.service, (traces.start_time, traces.trace_id), traces.service IS NOT NULL) AS service,
    argMinIf(traces.input, (traces.start_time, traces.trace_id), traces.input IS NOT NULL) AS input,
    min(traces.start_time) AS start_time,
    max(traces.end_time) AS end_time,
    (max(traces.end_time) - min(traces.start_time)) / 1e6 AS duration_ms,
    multiIf(countIf(traces.state = 'open') > 0, 'open', countIf(traces.state = 'interrupted') > 0, 'interrupted', 'closed') AS state,
    argMax(traces.status, (traces.start_time, traces.trace_id)) AS status,
    toInt64(count()) AS trace_count,
    sum(traces.span_count) AS span_count,
    sum(traces.step_count) AS step_count,
    sum(traces.error_count) AS error_count,
    sum(traces.tool_calls) AS tool_calls,
    sum(traces.input_tokens) AS input_tokens,
    sum(traces.output_tokens) AS output_tokens,
    sum(traces.cost_usd) AS cost_usd
FROM ads_traces AS traces
WHERE session_id IS NOT NULL
GROUP BY session_id;
