-- One row a trace from all its spans (`{spans}`): the columns of ads_traces, and `repeats`.
--
-- The root is the earliest span without a parent, else the earliest span. Tokens and cost count
-- each model call once: a run (`user_input`) that repeats its children's sums adds nothing, and
-- speaks only where no other span of the trace has any; of a call recorded by two libraries, one
-- span within the other, the outer one counts. Steps are those of `model/steps.py`, `steps_of`.
-- `repeats` are the inner ones of such calls, each with what the outer one says; null where there are none.
WITH key AS (
    SELECT
        trace_id, span_id, parent_span_id, step_type, tool_name,
        {
            'tool_name': tool_name, 'model': model, 'provider': provider, 'input_tokens': input_tokens,
            'output_tokens': output_tokens, 'cached_tokens': cached_tokens, 'reasoning_tokens': reasoning_tokens,
            'cost_usd': cost_usd
        } AS said,
        {'start': start_time, 'end': -coalesce(end_time, 0), 'id': span_id} AS place
    FROM {spans}
    WHERE step_type IN ('think', 'act', 'other')
),
-- Calls that stand in a span of the same call, with at most one other span between; and what that
-- one said. `place` orders them, so that of a cycle one is left.
again AS (
    SELECT
        c.trace_id,
        c.span_id,
        CASE WHEN p.step_type = c.step_type THEN p.said ELSE g.said END AS said
    FROM key AS c
    INNER JOIN key AS p ON p.trace_id = c.trace_id AND p.span_id = c.parent_span_id AND p.place < c.place
    LEFT JOIN key AS g ON g.trace_id = p.trace_id AND g.span_id = p.parent_span_id AND g.place < p.place
    WHERE c.step_type <> 'other' AND CASE
        WHEN p.step_type = c.step_type THEN coalesce(p.tool_name, c.tool_name, '') = coalesce(c.tool_name, p.tool_name, '')
        WHEN p.step_type = 'other' AND g.step_type = c.step_type
            THEN coalesce(g.tool_name, c.tool_name, '') = coalesce(c.tool_name, g.tool_name, '')
        ELSE false
    END
),
ranked AS (
    SELECT
        s.* EXCLUDE (input_tokens, output_tokens, cost_usd),
        again.span_id IS NOT NULL AS twice,
        CASE WHEN again.said.input_tokens IS NULL THEN s.input_tokens END AS input_tokens,
        CASE WHEN again.said.output_tokens IS NULL THEN s.output_tokens END AS output_tokens,
        CASE WHEN again.said.cost_usd IS NULL THEN s.cost_usd END AS cost_usd,
        {'span_id': s.span_id, 'said': again.said} AS repeat,
        {'orphan': s.parent_span_id IS NOT NULL, 'start': s.start_time, 'id': s.span_id} AS rank,
        CASE
            WHEN step_type = 'other' OR twice THEN CASE WHEN step_type = 'other' AND status = 'error' THEN 'e' END
            ELSE CASE step_type
                WHEN 'user_input' THEN 'u' WHEN 'think' THEN 't' WHEN 'act' THEN 'a'
                WHEN 'observe' THEN 'o' ELSE 'r' END
        END AS letter,
        s.output IS NOT NULL AND s.status <> 'error' AND s.state = 'closed' AS answered
    FROM {spans} AS s
    LEFT JOIN again ON again.trace_id = s.trace_id AND again.span_id = s.span_id
),
summed AS (
    SELECT
        trace_id,
        arg_min(session_id, rank) AS session_id,
        arg_min(user_id, rank) AS user_id,
        arg_min(service, rank) AS service,
        arg_min(name, rank) AS name,
        coalesce(
            arg_min(input, rank) FILTER (WHERE parent_span_id IS NULL),
            arg_min(input, rank) FILTER (WHERE step_type IN ('user_input', 'think')),
            arg_min(input, rank)
        ) AS input,
        coalesce(
            arg_min(output, rank) FILTER (WHERE parent_span_id IS NULL),
            arg_max(output, {'start': start_time, 'id': span_id}) FILTER (WHERE step_type = 'response'),
            arg_max(output, {'start': start_time, 'id': span_id}) FILTER (WHERE step_type = 'think')
        ) AS output,
        min(start_time) AS start_time,
        max(greatest(start_time, coalesce(end_time, 0))) AS end_time,
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
        count(*) FILTER (WHERE status = 'error')::BIGINT AS error_count,
        count(*) FILTER (WHERE step_type = 'act' AND NOT twice)::BIGINT AS tool_calls,
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
        list_sort(list(repeat) FILTER (WHERE twice)) AS repeats,
        bool_or(step_type = 'user_input') AS has_input,
        bool_or(step_type = 'response') AS has_response,
        bool_or(step_type = 'think' AND NOT twice AND input IS NOT NULL) AS was_asked,
        bool_or(step_type = 'user_input' AND answered) AS has_answer,
        -- `y` is a thought that may be the answer; a call's end sorts behind its start.
        list({
            'time': start_time, 'start': start_time, 'id': span_id,
            'letter': CASE WHEN status = 'error' THEN upper(letter) WHEN letter = 't' AND answered THEN 'y' ELSE letter END
        }) FILTER (WHERE letter IS NOT NULL) AS begun,
        list({'time': end_time, 'start': start_time, 'id': span_id || '+', 'letter': 'o'})
            FILTER (WHERE letter = 'a' AND answered) AS seen,
        bool_or(step_type = 'observe') AS has_observed
    FROM ranked
    GROUP BY trace_id
),
stepped AS (
    SELECT
        *,
        list_sort(list_concat(begun, CASE WHEN has_observed THEN NULL ELSE seen END)) AS steps,
        NOT has_input AND was_asked AS asks,
        NOT has_response AND state = 'closed' AND status <> 'error'
        AND (has_answer OR coalesce(list_last(steps).letter = 'y', false)) AS answers
    FROM summed
)
SELECT
    trace_id, session_id, user_id, service, name, input, output, start_time, end_time,
    (end_time - start_time) / 1e6 AS duration_ms,
    state, status, span_count,
    (
        coalesce(len(list_filter(steps, lambda step: lower(step.letter) <> 'e')), 0)
        + asks::BIGINT + answers::BIGINT
    )::BIGINT AS step_count,
    error_count, tool_calls, tools, models, input_tokens, output_tokens, cost_usd,
    left(
        CASE WHEN asks THEN 'u' ELSE '' END
        || coalesce(replace(array_to_string(list_transform(steps, lambda step: step.letter), ''), 'y', 't'), '')
        || CASE WHEN answers THEN 'r' ELSE '' END,
        64
    ) AS step_strip,
    repeats
FROM stepped
