CREATE TABLE IF NOT EXISTS saved_views (
    name                String,
    view                String,     -- JSON
    version             UInt64 DEFAULT toUnixTimestamp64Nano(now64(9)),
    dropped             UInt8 DEFAULT 0
) ENGINE = ReplacingMergeTree(version, dropped)
ORDER BY name;
