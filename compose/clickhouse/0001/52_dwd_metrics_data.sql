-- Samples. Doubles vanish when parts merge, and `FINAL` leaves them out before.
CREATE TABLE IF NOT EXISTS dwd_metrics_data (
    schema              Int32 CODEC(ZSTD(1)),
    record_id           String CODEC(ZSTD(1)),
    name                LowCardinality(String) CODEC(ZSTD(1)),
    time                Int64 CODEC(Delta, ZSTD(1)),
    start_time          Nullable(Int64) CODEC(Delta, ZSTD(1)),
    type                LowCardinality(String) CODEC(ZSTD(1)),
    value               Nullable(Float64) CODEC(Gorilla, ZSTD(1)),
    unit                LowCardinality(Nullable(String)) CODEC(ZSTD(1)),
    description         LowCardinality(Nullable(String)) CODEC(ZSTD(1)),
    temporality         LowCardinality(Nullable(String)) CODEC(ZSTD(1)),
    monotonic           Nullable(Bool) CODEC(ZSTD(1)),
    distribution        String CODEC(ZSTD(1)),
    service             LowCardinality(Nullable(String)) CODEC(ZSTD(1)),
    session_id          Nullable(String) CODEC(ZSTD(1)),
    trace_id            Nullable(String) CODEC(ZSTD(1)),
    span_id             Nullable(String) CODEC(ZSTD(1)),
    attributes          String CODEC(ZSTD(1)),
    resource            LowCardinality(String) CODEC(ZSTD(1)),
    scope               LowCardinality(String) CODEC(ZSTD(1)),
    INDEX by_trace trace_id TYPE bloom_filter(0.01) GRANULARITY 1
) ENGINE = ReplacingMergeTree
PARTITION BY intDiv(time, 604800000000000) % 64
ORDER BY (name, time, record_id);
