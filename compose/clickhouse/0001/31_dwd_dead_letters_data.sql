CREATE TABLE IF NOT EXISTS dwd_dead_letters_data (
    kind                LowCardinality(String),
    time                Int64 CODEC(Delta, ZSTD(1)),
    segment             String CODEC(ZSTD(1)),
    position            Int64 CODEC(ZSTD(1)),
    reason              String CODEC(ZSTD(1)),
    line                String CODEC(ZSTD(1))
) ENGINE = ReplacingMergeTree
ORDER BY (kind, segment, position, cityHash64(line));
