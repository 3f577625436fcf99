-- Which files were applied; `all` says that a version is whole.
CREATE TABLE IF NOT EXISTS schema_versions (
    version     UInt32,
    name        String,
    at          DateTime DEFAULT now()
) ENGINE = MergeTree
ORDER BY (version, name);
