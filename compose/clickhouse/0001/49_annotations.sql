-- What people add to traces and spans. Taken away by a later version.
CREATE TABLE IF NOT EXISTS annotations (
    id                  String,
    trace_id            String,
    span_id             Nullable(String),
    kind                LowCardinality(String),
    text                String,
    author              String,
    time                Int64,
    version             UInt64 DEFAULT toUnixTimestamp64Nano(now64(9)),
    dropped             UInt8 DEFAULT 0
) ENGINE = ReplacingMergeTree(version, dropped)
ORDER BY id;
