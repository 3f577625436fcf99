-- Log lines, state changes, alerts, audit and file events. Doubles vanish when parts merge, and `FINAL` leaves them out before.
CREATE TABLE IF NOT EXISTS dwd_events_data (
    schema              Int32 CODEC(ZSTD(1)),
    record_id           String CODEC(ZSTD(1)),
    time                Int64 CODEC(Delta, ZSTD(1)),
    observed_time       Nullable(Int64) CODEC(Delta, ZSTD(1)),
    type                LowCardinality(String) CODEC(ZSTD(1)),
    name                LowCardinality(Nullable(String)) CODEC(ZSTD(1)),
    severity_number     Int32 CODEC(ZSTD(1)),
    severity            LowCardinality(Nullable(String)) CODEC(ZSTD(1)),
    body                Nullable(String) CODEC(ZSTD(1)),
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
ORDER BY (time, record_id);
