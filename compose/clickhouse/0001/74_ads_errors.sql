CREATE OR REPLACE VIEW ads_errors AS
SELECT
    error_type,
    error_message,
    step_type,
    tool_name,
    toInt64(count()) AS error_count,
    toInt64(uniqExact(trace_id)) AS trace_count,
    min(start_time) AS first_time,
    max(start_time) AS last_time,
    argMax(trace_id, (start_time, trace_id)) AS last_trace_id
FROM dwd_spans
WHERE status = 'error'
GROUP BY error_type, error_message, step_type, tool_name;
