-- Notes, labels and saved views: state.sqlite, beside the manifest.

CREATE TABLE IF NOT EXISTS annotations (
    id TEXT PRIMARY KEY,
    trace_id TEXT NOT NULL,
    span_id TEXT,
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    author TEXT NOT NULL,
    time INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS annotations_by_trace ON annotations (trace_id);

CREATE TABLE IF NOT EXISTS views (
    name TEXT PRIMARY KEY,
    text TEXT NOT NULL,
    time INTEGER NOT NULL
) WITHOUT ROWID;
