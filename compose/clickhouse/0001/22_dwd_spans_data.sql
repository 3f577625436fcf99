-- Ended spans. Doubles vanish when parts merge, and `FINAL` leaves them out before.
--
-- Ordered by time, so that parts overlap little: `FINAL` then merges little, and newest rows are found
-- without an index.
CREATE TABLE IF NOT EXISTS dwd_spans_data (
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
    input               Nullable(String) CODEC(ZSTD(3)),
    output              Nullable(String) CODEC(ZSTD(3)),
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
    INDEX by_trace trace_id TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX by_span span_id TYPE bloom_filter(0.01) GRANULARITY 1
) ENGINE = ReplacingMergeTree
-- By weeks; never more than 64, whatever times come in: one insert may not touch over 100.
PARTITION BY intDiv(start_time, 604800000000000) % 64
ORDER BY (start_time, trace_id, span_id);
