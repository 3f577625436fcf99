-- Span records as they were received, for a short time.
CREATE TABLE IF NOT EXISTS ods_spans (
    received            DateTime64(3, 'UTC') DEFAULT now64(3) CODEC(DoubleDelta, ZSTD(1)),
    topic               LowCardinality(String),     -- or `spool`
    partition           String CODEC(ZSTD(1)),      -- number; of the spool the segment's file
    offset              Int64 CODEC(Delta, ZSTD(1)),
    line                String CODEC(ZSTD(1)),
    -- `received` is when the record came into Kafka, which Flink hands on; this is when it was here.
    stored              DateTime64(3, 'UTC') DEFAULT now64(3) CODEC(DoubleDelta, ZSTD(1)),
    INDEX by_stored stored TYPE minmax GRANULARITY 1
) ENGINE = MergeTree
PARTITION BY toDate(received)
ORDER BY (topic, partition, offset)
SETTINGS ttl_only_drop_parts = 1;
