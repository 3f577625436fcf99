-- Stands in for a Kafka table where there is no Kafka: what is inserted takes the same way.
CREATE TABLE IF NOT EXISTS {table} (
    line                String,
    _topic              LowCardinality(String),
    _partition          UInt64,
    _offset             UInt64,
    _timestamp_ms       Nullable(DateTime64(3, 'UTC'))
) ENGINE = Null;
