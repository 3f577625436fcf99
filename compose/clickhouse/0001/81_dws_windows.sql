-- What Flink counted as records passed, for dashboards: soon there, and of a window that fires again for
-- late records the last word. Columns as in `dws_minutes`.
CREATE TABLE IF NOT EXISTS dws_windows (
    minute              Int64 CODEC(Delta, ZSTD(1)),
    step_type           LowCardinality(String) CODEC(ZSTD(1)),
    tool_name           LowCardinality(String) CODEC(ZSTD(1)),
    model               LowCardinality(String) CODEC(ZSTD(1)),
    service             LowCardinality(String) CODEC(ZSTD(1)),
    user_id             LowCardinality(String) CODEC(ZSTD(1)),
    span_count          Int64 CODEC(T64, ZSTD(1)),
    error_count         Int64 CODEC(T64, ZSTD(1)),
    p50_ms              Nullable(Float64) CODEC(ZSTD(1)),
    p95_ms              Nullable(Float64) CODEC(ZSTD(1)),
    p99_ms              Nullable(Float64) CODEC(ZSTD(1)),
    input_tokens        Nullable(Int64) CODEC(T64, ZSTD(1)),
    output_tokens       Nullable(Int64) CODEC(T64, ZSTD(1)),
    cost_usd            Nullable(Float64) CODEC(ZSTD(1))
) ENGINE = ReplacingMergeTree
PARTITION BY intDiv(minute, 604800000000000) % 64
ORDER BY (minute, step_type, tool_name, model, service, user_id);
