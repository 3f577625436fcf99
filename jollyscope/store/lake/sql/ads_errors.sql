CREATE VIEW ads_errors AS
SELECT
    error_type,
    error_message,
    step_type,
    tool_name,
    count(*)::BIGINT AS error_count,
    count(DISTINCT trace_id)::BIGINT AS trace_count,
    min(start_time) AS first_time,
    max(start_time) AS last_time,
    arg_max(trace_id, {'start': start_time, 'id': trace_id}) AS last_trace_id
FROM dwd_spans
WHERE status = 'error'
GROUP BY error_type, error_message, step_type, tool_name;
