-- Spans that have begun, and a mark (`closed`) for each of them that has ended, which takes its row away.
-- Five minutes' rows merge a minute after the last of them came, and what has ended leaves nothing
-- behind: so the table stays small, though nearly every span may pass through it. (With marks for a
-- million spans in it, a question took 1.5 s longer.)
CREATE TABLE IF NOT EXISTS dwd_open_spans_data (
    schema              Int32 CODEC(ZSTD(1)),
    trace_id            String CODEC(ZSTD(1)),
    span_id             String CODEC(ZSTD(1)),
    parent_span_id      Nullable(String) CODEC(ZSTD(1)),
    session_id          Nullable(String) CODEC(ZSTD(1)),
    conversation_id     Nullable(String) CODEC(ZSTD(1)),
    user_id             LowCardinality(Nullable(String)) CODEC(ZSTD(1)),
    service             LowCardinality(Nullable(String)) CODEC(ZSTD(1)),
    name                LowCardinality(String) CODEC(ZSTD(1)),
    kind                LowCardinality(String) CODEC(ZSTD(1)),
    step_type           LowCardinality(String) CODEC(ZSTD(1)),
    start_time          Int64 CODEC(Delta, ZSTD(1)),
    end_time            Nullable(Int64) CODEC(Delta, ZSTD(1)),
    duration_ms         Nullable(Float64) CODEC(ZSTD(1)),
    state               LowCardinality(String) CODEC(ZSTD(1)),
    status              LowCardinality(String) CODEC(ZSTD(1)),
    error_type          LowCardinality(Nullable(String)) CODEC(ZSTD(1)),
    error_message       Nullable(String) CODEC(ZSTD(1)),
    stack_trace         Nullable(String) CODEC(ZSTD(1)),
    input               Nullable(String) CODEC(ZSTD(1)),
    output              Nullable(String) CODEC(ZSTD(1)),
    tool_name           LowCardinality(Nullable(String)) CODEC(ZSTD(1)),
    tool_call_id        Nullable(String) CODEC(ZSTD(1)),
    model               LowCardinality(Nullable(String)) CODEC(ZSTD(1)),
    provider            LowCardinality(Nullable(String)) CODEC(ZSTD(1)),
    input_tokens        Nullable(Int64) CODEC(T64, ZSTD(1)),
    output_tokens       Nullable(Int64) CODEC(T64, ZSTD(1)),
    cached_tokens       Nullable(Int64) CODEC(T64, ZSTD(1)),
    reasoning_tokens    Nullable(Int64) CODEC(T64, ZSTD(1)),
    cost_usd            Nullable(Float64) CODEC(ZSTD(1)),
    cpu_percent         Nullable(Float64) CODEC(ZSTD(1)),
    memory_mb           Nullable(Float64) CODEC(ZSTD(1)),
    attributes          String CODEC(ZSTD(1)),
    resource            LowCardinality(String) CODEC(ZSTD(1)),
    scope               LowCardinality(String) CODEC(ZSTD(1)),
    events              String CODEC(ZSTD(1)),
    links               String CODEC(ZSTD(1)),
    received            DateTime64(3, 'UTC') CODEC(ZSTD(1)),
    closed              UInt8 CODEC(ZSTD(1)),
    version             UInt8 MATERIALIZED closed CODEC(ZSTD(1))    -- the engine wants one beside the mark
) ENGINE = ReplacingMergeTree(version, closed)
-- Never more than 64 partitions, whatever times come in: one insert may not touch over 100.
PARTITION BY intDiv(start_time, 300000000000) % 64
ORDER BY (trace_id, span_id)
SETTINGS
    min_age_to_force_merge_seconds = 60,
    min_age_to_force_merge_on_partition_only = 1,
    allow_experimental_replacing_merge_with_cleanup = 1,
    enable_replacing_merge_with_cleanup_for_min_age_to_force_merge = 1;
