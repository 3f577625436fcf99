-- What the jobs read, write and call; made anew with each of them. `${brokers}` and `${topics}` (the
-- prefix of all topics) are filled in on submission.
--
-- Sinks write at least once: after a restart from a checkpoint up to one checkpoint interval's messages
-- stand in their topics twice. Readers settle that by identity: spans by (trace_id, span_id, state), dead
-- letters by (topic, partition, offset), statistics by their key (the last word counts), alerts by
-- record_id. In return a message can be read at once, not only after the next checkpoint.

CREATE TEMPORARY FUNCTION read_record AS 'jollyscope.flink.ReadRecord' LANGUAGE JAVA;
CREATE TEMPORARY FUNCTION read_whole AS 'jollyscope.flink.ReadWhole' LANGUAGE JAVA;
CREATE TEMPORARY FUNCTION robust_z AS 'jollyscope.flink.RobustZ' LANGUAGE JAVA;

-- Lines as they were sent, of all three kinds.
CREATE TEMPORARY TABLE received (
    record_key          BYTES,
    line                BYTES,
    topic               STRING METADATA VIRTUAL,
    `partition`         INT METADATA VIRTUAL,
    `offset`            BIGINT METADATA VIRTUAL,
    sent                TIMESTAMP_LTZ(3) METADATA FROM 'timestamp' VIRTUAL
) WITH (
    'connector' = 'kafka',
    'topic-pattern' = '${topics}\.(executions|metrics|events)',
    'properties.bootstrap.servers' = '${brokers}',
    'properties.group.id' = '${topics}-flink-clean',
    'properties.auto.offset.reset' = 'earliest',
    'scan.startup.mode' = 'group-offsets',
    'scan.topic-partition-discovery.interval' = '60 s',
    'key.format' = 'raw',
    'key.fields' = 'record_key',
    'value.format' = 'raw',
    'value.fields-include' = 'EXCEPT_KEY'
);

-- Span records that are good, each once: the same key, time and bytes as they came with.
CREATE TEMPORARY TABLE clean (
    record_key          BYTES,
    line                BYTES,
    sent                TIMESTAMP_LTZ(3) METADATA FROM 'timestamp'
) WITH (
    'connector' = 'kafka',
    'topic' = '${topics}.spans.clean',
    'properties.bootstrap.servers' = '${brokers}',
    'properties.compression.type' = 'zstd',
    'properties.max.request.size' = '33554432',
    'key.format' = 'raw',
    'key.fields' = 'record_key',
    'value.format' = 'raw',
    'value.fields-include' = 'EXCEPT_KEY',
    'sink.delivery-guarantee' = 'at-least-once'
);

-- Lines that are no records. `line` is the whole of it; where it is not UTF-8, so that JSON cannot say
-- it, `line_bytes` has it in base64 and `line` with replacement characters.
CREATE TEMPORARY TABLE dead_letters (
    record_key          BYTES,
    kind                STRING,
    `time`              BIGINT,
    topic               STRING,
    `partition`         INT,
    `offset`            BIGINT,
    reason              STRING,
    line                STRING,
    line_bytes          BYTES
) WITH (
    'connector' = 'kafka',
    'topic' = '${topics}.deadletter',
    'properties.bootstrap.servers' = '${brokers}',
    'properties.compression.type' = 'zstd',
    'properties.max.request.size' = '67108864',
    'key.format' = 'raw',
    'key.fields' = 'record_key',
    'value.format' = 'json',
    'value.json.encode.ignore-null-fields' = 'true',
    'value.fields-include' = 'EXCEPT_KEY',
    'sink.delivery-guarantee' = 'at-least-once'
);

-- The clean spans again, for what is counted of them. Event time is the span's start. A clock that is
-- ahead by more than a minute must not make everybody else late: then the broker's time counts.
CREATE TEMPORARY TABLE spans (
    line                BYTES,
    sent                TIMESTAMP_LTZ(3) METADATA FROM 'timestamp' VIRTUAL,
    started             AS read_whole(line, 'start_time'),
    began               AS LEAST(
        TO_TIMESTAMP_LTZ(read_whole(line, 'start_time') / 1000000, 3), sent + INTERVAL '1' MINUTE
    ),
    WATERMARK FOR began AS began - INTERVAL '30' SECOND
) WITH (
    'connector' = 'kafka',
    'topic' = '${topics}.spans.clean',
    'properties.bootstrap.servers' = '${brokers}',
    'properties.group.id' = '${topics}-flink-${job}',
    'properties.auto.offset.reset' = 'earliest',
    'scan.startup.mode' = 'group-offsets',
    'scan.watermark.idle-timeout' = '5 s',
    'value.format' = 'raw'
);

-- Spans that have ended, each once, with the fields that are counted. `clean` delivers at least once: what
-- a restart of that job doubles is dropped here again.
CREATE TEMPORARY VIEW ended AS
WITH read_spans AS (
    SELECT began, started, fields, fields['trace_id'] AS trace_id, PROCTIME() AS came
    FROM spans
    CROSS JOIN LATERAL TABLE(
        read_record(
            line,
            'trace_id* text, span_id* text, state* text, service* text?, step_type* text, tool_name* text?, '
            || 'model* text?, user_id* text?, status* text, input* text?, duration_ms* number?, '
            || 'input_tokens* whole?, output_tokens* whole?, cost_usd* number?'
        )
    ) AS read_line(wrong, utf8, deep, wrong_items, fields)
    WHERE COALESCE(fields['state'], 'closed') = 'closed'
),
counted AS (
    SELECT
        *,
        COUNT(*) OVER (
            PARTITION BY trace_id, fields['span_id'] ORDER BY came RANGE UNBOUNDED PRECEDING
        ) AS seen
    FROM read_spans
)
SELECT
    began,
    started,
    started - MOD(started, 60000000000) AS `minute`,
    trace_id,
    COALESCE(fields['service'], '') AS service,
    COALESCE(fields['step_type'], 'other') AS step_type,
    COALESCE(fields['tool_name'], '') AS tool_name,
    COALESCE(fields['model'], '') AS `model`,
    COALESCE(fields['user_id'], '') AS user_id,
    COALESCE(fields['status'], 'unset') = 'error' AS failed,
    TRIM(fields['input']) AS input,
    TRY_CAST(fields['duration_ms'] AS DOUBLE) AS duration_ms,
    TRY_CAST(fields['input_tokens'] AS BIGINT) AS input_tokens,
    TRY_CAST(fields['output_tokens'] AS BIGINT) AS output_tokens,
    TRY_CAST(fields['cost_usd'] AS DOUBLE) AS cost_usd
FROM counted
WHERE seen = 1;

-- What is counted of a minute: the latest message of a key is what holds.
-- Each change comes with one that takes the number before it back, which Kafka would tell as a deletion:
-- the buffer is for their meeting in it, and never for so many keys that it is emptied between them.
CREATE TEMPORARY TABLE stats (
    `minute`            BIGINT NOT NULL,
    step_type           STRING NOT NULL,
    tool_name           STRING NOT NULL,
    `model`             STRING NOT NULL,
    service             STRING NOT NULL,
    user_id             STRING NOT NULL,
    span_count          BIGINT,
    error_count         BIGINT,
    p50_ms              DOUBLE,
    p95_ms              DOUBLE,
    p99_ms              DOUBLE,
    input_tokens        BIGINT,
    output_tokens       BIGINT,
    cost_usd            DOUBLE,
    PRIMARY KEY (`minute`, step_type, tool_name, `model`, service, user_id) NOT ENFORCED
) WITH (
    'connector' = 'upsert-kafka',
    'topic' = '${topics}.stats',
    'properties.bootstrap.servers' = '${brokers}',
    'properties.compression.type' = 'zstd',
    'sink.buffer-flush.interval' = '500 ms',
    'sink.buffer-flush.max-rows' = '10000000',
    'key.format' = 'json',
    'value.format' = 'json'
);

-- Spans that came too late for their minute: they are in `clean` and the store, not in `stats`.
CREATE TEMPORARY TABLE `late` (
    late_minute         BIGINT NOT NULL,
    late_count          BIGINT,
    PRIMARY KEY (late_minute) NOT ENFORCED
) WITH (
    'connector' = 'upsert-kafka',
    'topic' = '${topics}.stats',
    'properties.bootstrap.servers' = '${brokers}',
    'properties.compression.type' = 'zstd',
    'sink.buffer-flush.interval' = '500 ms',
    'sink.buffer-flush.max-rows' = '10000000',
    'key.format' = 'json',
    'value.format' = 'json'
);

-- Alerts are event records: the store keeps them as any other event.
CREATE TEMPORARY TABLE alerts (
    record_key          STRING,
    `schema`            INT,
    record_id           STRING,
    `time`              BIGINT,
    `type`              STRING,
    `name`              STRING,
    severity_number     INT,
    severity            STRING,
    `body`              STRING,
    service             STRING,
    trace_id            STRING,
    attributes          ROW<
        step_type STRING, tool_name STRING, `model` STRING, `value` DOUBLE, z DOUBLE, span_count BIGINT,
        error_count BIGINT
    >
) WITH (
    'connector' = 'kafka',
    'topic' = '${topics}.alerts',
    'properties.bootstrap.servers' = '${brokers}',
    'properties.compression.type' = 'zstd',
    'key.format' = 'raw',
    'key.fields' = 'record_key',
    'value.format' = 'json',
    'value.json.encode.ignore-null-fields' = 'true',
    'value.fields-include' = 'EXCEPT_KEY',
    'sink.delivery-guarantee' = 'at-least-once'
);
