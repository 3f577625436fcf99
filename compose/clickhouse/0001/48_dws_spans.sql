-- Spans, and of a call that two libraries recorded, one span within the other, what the outer one said
-- of it: so that sums count it once.
CREATE OR REPLACE VIEW dws_spans AS
WITH
    repeats AS (
        SELECT
            repeated_trace,
            lower(leftPad(hex(pair.1.id), 16, '0')) AS inner_id,
            lower(leftPad(hex(pair.3.id), 16, '0')) AS outer_id
        FROM (
            SELECT trace_id AS repeated_trace, arrayJoin(arrayFilter(k -> k.2, known)) AS pair
            FROM ({trace_known:trace_states_now})
        )
    ),
    -- Each name here is planned anew where it stands; so much of it once took a second, and so half of one.
    outers AS (
        SELECT
            repeated_trace, inner_id, tool_name, model, provider, input_tokens, output_tokens,
            cached_tokens, reasoning_tokens, cost_usd
        FROM repeats
        INNER JOIN (
            SELECT *
            FROM (
                SELECT
                    trace_id, span_id, tool_name, model, provider, input_tokens, output_tokens,
                    cached_tokens, reasoning_tokens, cost_usd
                FROM dwd_spans_data FINAL
                UNION ALL
                SELECT
                    trace_id, span_id, tool_name, model, provider, input_tokens, output_tokens,
                    cached_tokens, reasoning_tokens, cost_usd
                FROM dwd_unfinished_spans
            )
            WHERE (trace_id, span_id) IN (SELECT repeated_trace, outer_id FROM repeats)
        ) AS said ON said.trace_id = repeats.repeated_trace AND said.span_id = repeats.outer_id
    )
SELECT
    spans.schema AS schema, spans.trace_id AS trace_id, spans.span_id AS span_id,
    spans.parent_span_id AS parent_span_id, spans.session_id AS session_id,
    spans.conversation_id AS conversation_id, spans.user_id AS user_id, spans.service AS
    service, spans.name AS name, spans.kind AS kind, spans.step_type AS step_type,
    spans.start_time AS start_time, spans.end_time AS end_time, spans.duration_ms AS
    duration_ms, spans.state AS state, spans.status AS status, spans.error_type AS error_type,
    spans.error_message AS error_message, spans.stack_trace AS stack_trace, spans.input AS
    input, spans.output AS output, spans.tool_name AS tool_name, spans.tool_call_id AS
    tool_call_id, spans.model AS model, spans.provider AS provider, spans.input_tokens AS
    input_tokens, spans.output_tokens AS output_tokens, spans.cached_tokens AS cached_tokens,
    spans.reasoning_tokens AS reasoning_tokens, spans.cost_usd AS cost_usd, spans.cpu_percent AS
    cpu_percent, spans.memory_mb AS memory_mb, spans.attributes AS attributes, spans.resource AS
    resource, spans.scope AS scope, spans.events AS events, spans.links AS links,
    ifNull(outers.inner_id, '') <> '' AS repeated,
    if(repeated, outers.tool_name, NULL) AS outer_tool_name,
    if(repeated, outers.model, NULL) AS outer_model,
    if(repeated, outers.provider, NULL) AS outer_provider,
    if(repeated, outers.input_tokens, NULL) AS outer_input_tokens,
    if(repeated, outers.output_tokens, NULL) AS outer_output_tokens,
    if(repeated, outers.cached_tokens, NULL) AS outer_cached_tokens,
    if(repeated, outers.reasoning_tokens, NULL) AS outer_reasoning_tokens,
    if(repeated, outers.cost_usd, NULL) AS outer_cost_usd
FROM dwd_spans AS spans
LEFT JOIN outers ON outers.repeated_trace = spans.trace_id AND outers.inner_id = spans.span_id;
