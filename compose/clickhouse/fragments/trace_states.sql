WITH reinterpretAsUInt64(reverse(unhex(span_id))) AS span
SELECT
    trace_id,
    min(start_time) AS first,
    max(greatest(start_time, ifNull(end_time, 0))) AS last,
    max(received) AS heard,
    max(toUInt8(state = 'interrupted') + 2 * toUInt8(state = 'open')) AS unfinished,
    min((toUInt8(session_id IS NULL), toUInt8(parent_span_id IS NOT NULL), start_time, span_id, ifNull(session_id, ''))) AS session,
    min((toUInt8(user_id IS NULL), toUInt8(parent_span_id IS NOT NULL), start_time, span_id, ifNull(user_id, ''))) AS user,
    min((toUInt8(service IS NULL), toUInt8(parent_span_id IS NOT NULL), start_time, span_id, ifNull(service, ''))) AS program,
    min((toUInt8(parent_span_id IS NOT NULL), start_time, span_id, name, status)) AS root,
    -- What came into the root, else what its model was asked, else anything.
    min((
        multiIf(input IS NULL, 3, parent_span_id IS NULL, 0, step_type IN ('user_input', 'think'), 1, 2)::UInt8,
        toUInt8(parent_span_id IS NOT NULL), start_time, span_id, ifNull(input, '')
    )) AS question,
    -- The root's, else that of the last response, else of the last thought.
    min((
        multiIf(output IS NULL, 3, parent_span_id IS NULL, 0, step_type = 'response', 1, step_type = 'think', 2, 3)::UInt8,
        if(parent_span_id IS NULL, start_time, -start_time),
        if(parent_span_id IS NULL, span, bitNot(span)),
        ifNull(output, '')
    )) AS answer,
    arraySort(groupUniqArrayIf(toString(assumeNotNull(tool_name)), tool_name IS NOT NULL)) AS tools,
    arraySort(groupUniqArrayIf(toString(assumeNotNull(model)), model IS NOT NULL)) AS models,
    CAST(groupUniqArray((
        span,
        ifNull(reinterpretAsUInt64(reverse(unhex(parent_span_id))), 0),
        start_time,
        ifNull(end_time, 0),
        transform(step_type, ['user_input', 'think', 'act', 'observe', 'response'], [1, 2, 3, 4, 5], 0)::UInt8,
        (
            (status = 'error') + 2 * (output IS NOT NULL AND status <> 'error' AND state = 'closed')
            + 4 * (input IS NOT NULL)
        )::UInt8,
        if(tool_name IS NULL, 0, cityHash64(tool_name)),
        input_tokens,
        output_tokens,
        cost_usd
    )), 'Array(Tuple(
        id UInt64, parent UInt64, start Int64, end Int64, step UInt8, flags UInt8, tool UInt64,
        input_tokens Nullable(Int64), output_tokens Nullable(Int64), cost_usd Nullable(Float64)
    ))') AS spans
FROM {source}
GROUP BY trace_id
