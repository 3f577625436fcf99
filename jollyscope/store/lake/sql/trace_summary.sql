-- One row a trace from all its spans (`{spans}`): the columns of ads_traces.
--
-- The root is the earliest span without a parent, else the earliest span. Tokens and cost count
-- each model call once: a run (`user_input`) that repeats its children's sums adds nothing, and
-- speaks only where no other span of the trace has any.
WITH ranked AS (
    SELECT
        *,
        {'orphan': parent_span_id IS NOT NULL, 'start': start_time, 'id': span_id} AS rank,
        CASE
            WHEN step_type = 'other' THEN CASE WHEN status = 'error' THEN 'e' END
            ELSE CASE step_type
                WHEN 'user_input' THEN 'u' WHEN 'think' THEN 't' WHEN 'act' THEN 'a'
                WHEN 'observe' THEN 'o' ELSE 'r' END
        END AS letter
    FROM {spans}
)
SELECT
    trace_id,
    arg_min(session_id, rank) AS session_id,
    arg_min(user_id, rank) AS user_id,
    arg_min(service, rank) AS service,
    arg_min(name, rank) AS name,
    arg_min(input, rank) AS input,
    coalesce(
        arg_min(output, rank) FILTER (WHERE parent_span_id IS NULL),
        arg_max(output, {'start': start_time, 'id': span_id}) FILTER (WHERE step_type = 'response')
    ) AS output,
    min(start_time) AS start_time,
    max(greatest(start_time, coalesce(end_time, 0))) AS end_time,
    (max(greatest(start_time, coalesce(end_time, 0))) - min(start_time)) / 1e6 AS duration_ms,
    CASE
        WHEN bool_or(state = 'open') THEN 'open'
        WHEN bool_or(state = 'interrupted') THEN 'interrupted'
        ELSE 'closed'
    END AS state,
    coalesce(
        arg_min(status, rank) FILTER (WHERE parent_span_id IS NULL),
        CASE WHEN bool_or(status = 'error') THEN 'error' ELSE 'unset' END
    ) AS status,
    count(*)::BIGINT AS span_count,
    count(*) FILTER (WHERE step_type <> 'other')::BIGINT AS step_count,
    count(*) FILTER (WHERE status = 'error')::BIGINT AS error_count,
    count(*) FILTER (WHERE step_type = 'act')::BIGINT AS tool_calls,
    list_sort(coalesce(list(DISTINCT tool_name) FILTER (WHERE tool_name IS NOT NULL), [])) AS tools,
    list_sort(coalesce(list(DISTINCT model) FILTER (WHERE model IS NOT NULL), [])) AS models,
    coalesce(
        sum(input_tokens) FILTER (WHERE step_type <> 'user_input'),
        max(input_tokens) FILTER (WHERE step_type = 'user_input')
    )::BIGINT AS input_tokens,
    coalesce(
        sum(output_tokens) FILTER (WHERE step_type <> 'user_input'),
        max(output_tokens) FILTER (WHERE step_type = 'user_input')
    )::BIGINT AS output_tokens,
    coalesce(
        sum(cost_usd) FILTER (WHERE step_type <> 'user_input'),
        max(cost_usd) FILTER (WHERE step_type = 'user_input')
    ) AS cost_usd,
    left(coalesce(string_agg(CASE WHEN status = 'error' THEN upper(letter) ELSE letter END, ''
        ORDER BY start_time, span_id), ''), 64) AS step_strip
FROM ranked
GROUP BY trace_id
