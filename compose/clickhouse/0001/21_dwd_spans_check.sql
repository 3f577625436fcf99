-- Reads a line once, and says what is wrong with it. Which field is of which type stands in
-- `known` and `types`; `?` may be null.
CREATE MATERIALIZED VIEW IF NOT EXISTS dwd_spans_check TO dwd_spans_checked AS
WITH
    read AS (
        SELECT
            received, topic, partition, offset, line,
            JSONExtractKeysAndValuesRaw(line) AS fields,
            JSONExtract(line, 'Tuple(
            schema Nullable(Int64), trace_id Nullable(String), span_id Nullable(String),
            parent_span_id Nullable(String), session_id Nullable(String), conversation_id
            Nullable(String), user_id Nullable(String), service Nullable(String), name
            Nullable(String), kind Nullable(String), step_type Nullable(String), start_time
            Nullable(Int64), end_time Nullable(Int64), duration_ms Nullable(Float64), state
            Nullable(String), status Nullable(String), error_type Nullable(String),
            error_message Nullable(String), stack_trace Nullable(String), input
            Nullable(String), output Nullable(String), tool_name Nullable(String),
            tool_call_id Nullable(String), model Nullable(String), provider
            Nullable(String), input_tokens Nullable(Int64), output_tokens Nullable(Int64),
            cached_tokens Nullable(Int64), reasoning_tokens Nullable(Int64), cost_usd
            Nullable(Float64), cpu_percent Nullable(Float64), memory_mb Nullable(Float64)
            )') AS record
        FROM ods_spans
    ),
    -- Each step names only what the one before made: an alias that is used within its own SELECT is
    -- planned anew wherever it stands.
    named AS (SELECT *, fields.1 AS names FROM read),
    typed AS (
        SELECT
            *,
            arrayMap(
                name -> transform(
                    name,
                    [
                        'schema', 'trace_id', 'span_id', 'parent_span_id', 'session_id', 'conversation_id',
                        'user_id', 'service', 'name', 'kind', 'step_type', 'start_time', 'end_time',
                        'duration_ms', 'state', 'status', 'error_type', 'error_message', 'stack_trace', 'input',
                        'output', 'tool_name', 'tool_call_id', 'model', 'provider', 'input_tokens',
                        'output_tokens', 'cached_tokens', 'reasoning_tokens', 'cost_usd', 'cpu_percent',
                        'memory_mb', 'attributes', 'resource', 'scope', 'events', 'links'
                    ],
                    [
                        'whole', 'text', 'text', 'text?', 'text?', 'text?', 'text?', 'text?', 'text', 'text',
                        'text', 'whole', 'whole?', 'number?', 'text', 'text', 'text?', 'text?', 'text?',
                        'text?', 'text?', 'text?', 'text?', 'text?', 'text?', 'whole?', 'whole?', 'whole?',
                        'whole?', 'number?', 'number?', 'number?', 'object', 'object', 'object', 'array',
                        'array'
                    ],
                    ''
                ),
                names
            ) AS types,
            fields.2[indexOf(names, 'attributes')] AS attributes_json,
            fields.2[indexOf(names, 'resource')] AS resource_json,
            fields.2[indexOf(names, 'scope')] AS scope_json,
            fields.2[indexOf(names, 'events')] AS events_json,
            fields.2[indexOf(names, 'links')] AS links_json
        FROM named
    ),
    -- Nested fields stay as they were written (`1` and `1.0` are two types), which the engine's JSON
    -- functions do not keep. The text is cut out behind the one before, as records are written; where
    -- it is not what JSON says the field is, the fields stood in another order, and JSON's is taken.
    found_attributes AS (
        SELECT *, if(attributes_json = '', '', simpleJSONExtractRaw(line, 'attributes')) AS attributes_found FROM typed
    ),
    behind_attributes AS (
        SELECT
            *,
            if(attributes_found = '', line, substring(line, position(line, '"attributes":') + 13 + length(attributes_found))) AS after_attributes
        FROM found_attributes
    ),
    found_resource AS (
        SELECT *, if(resource_json = '', '', simpleJSONExtractRaw(after_attributes, 'resource')) AS resource_found FROM behind_attributes
    ),
    behind_resource AS (
        SELECT
            *,
            if(resource_found = '', after_attributes, substring(after_attributes, position(after_attributes, '"resource":') + 11 + length(resource_found))) AS after_resource
        FROM found_resource
    ),
    found_scope AS (
        SELECT *, if(scope_json = '', '', simpleJSONExtractRaw(after_resource, 'scope')) AS scope_found FROM behind_resource
    ),
    behind_scope AS (
        SELECT
            *,
            if(scope_found = '', after_resource, substring(after_resource, position(after_resource, '"scope":') + 8 + length(scope_found))) AS after_scope
        FROM found_scope
    ),
    found_events AS (
        SELECT *, if(events_json = '', '', simpleJSONExtractRaw(after_scope, 'events')) AS events_found FROM behind_scope
    ),
    behind_events AS (
        SELECT
            *,
            if(events_found = '', after_scope, substring(after_scope, position(after_scope, '"events":') + 9 + length(events_found))) AS after_events
        FROM found_events
    ),
    found_links AS (
        SELECT *, if(links_json = '', '', simpleJSONExtractRaw(after_events, 'links')) AS links_found FROM behind_events
    ),
    judged AS (
        SELECT
            received, topic, partition, offset, line, fields, names, record,
{wrong_fields},
            toInt32(ifNull(record.schema, 0)) AS schema,
            ifNull(record.trace_id, '') AS trace_id,
            ifNull(record.span_id, '') AS span_id,
            record.parent_span_id AS parent_span_id,
            record.session_id AS session_id,
            record.conversation_id AS conversation_id,
            record.user_id AS user_id,
            record.service AS service,
            ifNull(record.name, '') AS name,
            ifNull(record.kind, 'internal') AS kind,
            ifNull(record.step_type, 'other') AS step_type,
            ifNull(record.start_time, 0) AS start_time,
            record.end_time AS end_time,
            record.duration_ms AS duration_ms,
            ifNull(record.state, 'closed') AS state,
            ifNull(record.status, 'unset') AS status,
            record.error_type AS error_type,
            record.error_message AS error_message,
            record.stack_trace AS stack_trace,
            record.input AS input,
            record.output AS output,
            record.tool_name AS tool_name,
            record.tool_call_id AS tool_call_id,
            record.model AS model,
            record.provider AS provider,
            record.input_tokens AS input_tokens,
            record.output_tokens AS output_tokens,
            record.cached_tokens AS cached_tokens,
            record.reasoning_tokens AS reasoning_tokens,
            record.cost_usd AS cost_usd,
            record.cpu_percent AS cpu_percent,
            record.memory_mb AS memory_mb,
            multiIf(attributes_json = '', '{}', JSONExtractRaw(attributes_found) = attributes_json, attributes_found, attributes_json) AS attributes,
            multiIf(resource_json = '', '{}', JSONExtractRaw(resource_found) = resource_json, resource_found, resource_json) AS resource,
            multiIf(scope_json = '', '{}', JSONExtractRaw(scope_found) = scope_json, scope_found, scope_json) AS scope,
            multiIf(events_json = '', '[]', JSONExtractRaw(events_found) = events_json, events_found, events_json) AS events,
            multiIf(links_json = '', '[]', JSONExtractRaw(links_found) = links_json, links_found, links_json) AS links
        FROM found_links
    )
SELECT
    * EXCEPT (fields, names, record, wrong),
    multiIf(
{common_reasons}
        record.trace_id IS NULL, 'trace_id is missing',
        record.span_id IS NULL, 'span_id is missing',
        record.start_time IS NULL, 'start_time is missing',
        record.parent_span_id IS NOT NULL AND NOT match(record.parent_span_id, '^[0-9a-f]{16}$'), 'parent_span_id is not 16 digits of lowercase hex',
        record.parent_span_id = '0000000000000000', 'parent_span_id is all zeros',
        kind NOT IN ('internal', 'server', 'client', 'producer', 'consumer'), 'its kind is none of the five',
        step_type NOT IN ('user_input', 'think', 'act', 'observe', 'response', 'other'), 'its step_type is none of the six',
        status NOT IN ('unset', 'ok', 'error'), 'its status is none of the three',
        state = 'interrupted', 'state `interrupted` is for readers to find, never written',
        state NOT IN ('open', 'closed'), 'its state is neither open nor closed',
        state = 'closed' AND end_time IS NULL, 'state is closed but end_time is missing',
        duration_ms < 0, 'duration_ms is negative',
        events <> '[]' AND arrayExists(
            item -> NOT startsWith(item, '{')
            OR arrayExists(
                field -> NOT multiIf(
                    field.1 IN ('name'), startsWith(field.2, '"'),
                    field.1 IN ('time', 'dropped_attributes'), match(field.2, '^[0-9]{1,19}$') AND toUInt64OrZero(field.2) < 9223372036854775808,
                    field.1 = 'attributes', startsWith(field.2, '{'),
                    true
                ),
                JSONExtractKeysAndValuesRaw(item)
            ),
            JSONExtractArrayRaw(events)
        ), 'its events are not as they should be',
        links <> '[]' AND arrayExists(
            item -> NOT startsWith(item, '{')
            OR arrayExists(
                field -> NOT multiIf(
                    field.1 IN ('trace_id', 'span_id', 'trace_state'), startsWith(field.2, '"'),
                    field.1 IN ('dropped_attributes', 'flags'), match(field.2, '^[0-9]{1,19}$') AND toUInt64OrZero(field.2) < 9223372036854775808,
                    field.1 = 'attributes', startsWith(field.2, '{'),
                    true
                ),
                JSONExtractKeysAndValuesRaw(item)
            ),
            JSONExtractArrayRaw(links)
        ), 'its links are not as they should be',
        ''
    ) AS reason
FROM judged;
