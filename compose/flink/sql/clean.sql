-- Judges every line: good span records go on, each once; what is no record becomes a dead letter with
-- its reason. Metrics and events are only judged: their readers take them where they are.
--
-- State: of every span (trace_id, span_id, state) that it was seen, for one hour of the clock. One
-- delivered again later than that passes, and the store drops it. 100 bytes a span: 1,000 spans a
-- second make 360 MB. Beside it the Kafka offsets.

SET 'pipeline.name' = '${topics} clean';
SET 'table.local-time-zone' = 'UTC';
SET 'table.exec.state.ttl' = '1 h';

-- One view with its steps in it: Flink 2.0 does not plan a table function in a view of a view.
CREATE TEMPORARY VIEW judged AS
WITH lines AS (
    SELECT
        *,
        CASE
            WHEN topic LIKE '%.executions' THEN 'span'
            WHEN topic LIKE '%.metrics' THEN 'metric'
            ELSE 'event'
        END AS kind
    FROM received
),
read_lines AS (
    SELECT
        record_key, line, topic, `partition`, `offset`, sent, kind,
        wrong, utf8, deep, wrong_items, fields,
        TRY_CAST(fields['schema'] AS BIGINT) AS schema_version,
        fields['trace_id'] AS trace_id,
        fields['span_id'] AS span_id,
        fields['parent_span_id'] AS parent_span_id,
        COALESCE(fields['state'], 'closed') AS state
    FROM lines
    CROSS JOIN LATERAL TABLE(
        read_record(
            line,
            CASE kind
                WHEN 'span' THEN
                    'schema* whole, trace_id* text, span_id* text, parent_span_id* text?, session_id text?, '
                    || 'conversation_id text?, user_id text?, service text?, name text, kind* text, '
                    || 'step_type* text, start_time* whole, end_time* whole?, duration_ms* number?, '
                    || 'state* text, status* text, error_type text?, error_message text?, '
                    || 'stack_trace text?, input text?, output text?, tool_name text?, tool_call_id text?, '
                    || 'model text?, provider text?, input_tokens whole?, output_tokens whole?, '
                    || 'cached_tokens whole?, reasoning_tokens whole?, cost_usd number?, '
                    || 'cpu_percent number?, memory_mb number?, attributes object, resource object, '
                    || 'scope object, events events, links links'
                WHEN 'metric' THEN
                    'schema* whole, record_id* text, name* text, time* whole, start_time whole?, type* text, '
                    || 'value number?, unit text?, description text?, temporality* text?, '
                    || 'monotonic truth?, distribution object, service text?, session_id text?, '
                    || 'trace_id* text?, span_id* text?, attributes object, resource object, scope object'
                ELSE
                    'schema* whole, record_id* text, time* whole, observed_time whole?, type* text, name text?, '
                    || 'severity_number* whole, severity text?, body any, service text?, session_id text?, '
                    || 'trace_id* text?, span_id* text?, attributes object, resource object, scope object'
            END
        )
    ) AS read_line(wrong, utf8, deep, wrong_items, fields)
)
-- The first rule that a line breaks, null where it breaks none: the same rules in the same order and
-- words as ClickHouse's (fragments/common_reasons.sql and the `_check` files).
SELECT
    *,
    CASE
        WHEN wrong IS NOT NULL THEN wrong
        WHEN schema_version IS NULL THEN 'it has no schema version'
        WHEN schema_version > 1 THEN
            'its schema version ' || CAST(schema_version AS STRING) || ' is newer than 1, the newest read here'
        WHEN schema_version < 1 THEN
            'schema version ' || CAST(schema_version AS STRING) || ' never existed'
        WHEN NOT REGEXP(trace_id, '^[0-9a-f]{32}$') THEN 'trace_id is not 32 digits of lowercase hex'
        WHEN NOT REGEXP(span_id, '^[0-9a-f]{16}$') THEN 'span_id is not 16 digits of lowercase hex'
        WHEN trace_id = '00000000000000000000000000000000' THEN 'trace_id is all zeros'
        WHEN span_id = '0000000000000000' THEN 'span_id is all zeros'
        WHEN deep THEN 'it is nested deeper than 127 levels'

        WHEN kind = 'span' AND trace_id IS NULL THEN 'trace_id is missing'
        WHEN kind = 'span' AND span_id IS NULL THEN 'span_id is missing'
        WHEN kind = 'span' AND fields['start_time'] IS NULL THEN 'start_time is missing'
        WHEN NOT REGEXP(parent_span_id, '^[0-9a-f]{16}$') THEN
            'parent_span_id is not 16 digits of lowercase hex'
        WHEN parent_span_id = '0000000000000000' THEN 'parent_span_id is all zeros'
        WHEN fields['kind'] NOT IN ('internal', 'server', 'client', 'producer', 'consumer') THEN
            'its kind is none of the five'
        WHEN fields['step_type'] NOT IN ('user_input', 'think', 'act', 'observe', 'response', 'other') THEN
            'its step_type is none of the six'
        WHEN fields['status'] NOT IN ('unset', 'ok', 'error') THEN 'its status is none of the three'
        WHEN state = 'interrupted' THEN 'state `interrupted` is for readers to find, never written'
        WHEN state NOT IN ('open', 'closed') THEN 'its state is neither open nor closed'
        WHEN kind = 'span' AND state = 'closed' AND fields['end_time'] IS NULL THEN
            'state is closed but end_time is missing'
        WHEN TRY_CAST(fields['duration_ms'] AS DOUBLE) < 0 THEN 'duration_ms is negative'
        WHEN wrong_items IS NOT NULL THEN 'its ' || wrong_items || ' are not as they should be'

        WHEN kind <> 'span' AND fields['record_id'] IS NULL THEN 'record_id is missing'
        WHEN kind = 'metric' AND fields['name'] IS NULL THEN 'name is missing'
        WHEN kind <> 'span' AND fields['time'] IS NULL THEN 'time is missing'
        WHEN kind = 'metric'
            AND fields['type'] NOT IN ('gauge', 'sum', 'histogram', 'exponential_histogram', 'summary') THEN
            'its type is none of the five'
        WHEN fields['temporality'] NOT IN ('delta', 'cumulative') THEN
            'its temporality is neither delta nor cumulative'
        WHEN kind = 'event' AND fields['type'] NOT IN ('log', 'state', 'alert', 'audit', 'file') THEN
            'its type is none of the five'
        WHEN TRY_CAST(fields['severity_number'] AS BIGINT) > 24 THEN 'severity_number is above 24'
    END AS reason
FROM read_lines;

EXECUTE STATEMENT SET
BEGIN

INSERT INTO clean
SELECT record_key, line, sent
FROM (
    SELECT
        record_key, line, sent,
        -- No ROW_NUMBER: in a job with two sinks Flink 2.0 plans it as one that takes back what it said.
        COUNT(*) OVER (
            PARTITION BY trace_id, span_id, state ORDER BY came RANGE UNBOUNDED PRECEDING
        ) AS times
    FROM (SELECT *, PROCTIME() AS came FROM judged WHERE kind = 'span' AND reason IS NULL)
)
WHERE times = 1;

INSERT INTO dead_letters
SELECT
    record_key,
    kind,
    UNIX_TIMESTAMP(DATE_FORMAT(sent, 'yyyy-MM-dd HH:mm:ss')) * 1000000000
    + EXTRACT(MILLISECOND FROM sent) * 1000000,
    topic,
    `partition`,
    `offset`,
    'Not ' || CASE kind WHEN 'event' THEN 'an ' ELSE 'a ' END || kind || ' record: ' || reason || '.',
    COALESCE(DECODE(line, 'UTF-8'), ''),
    CASE WHEN utf8 THEN CAST(NULL AS BYTES) ELSE line END
FROM judged
WHERE reason IS NOT NULL;

END;
