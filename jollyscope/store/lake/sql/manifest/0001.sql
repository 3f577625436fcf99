-- The lake's SQLite manifest: which parts and which spool ranges make up the data.
CREATE TABLE parts (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    kind        TEXT NOT NULL,              -- span, metric, event, dead_letter
    day         TEXT NOT NULL,              -- UTC day of its records, or of the newest where mixed
    path        TEXT NOT NULL UNIQUE,       -- below the lake's folder
    summary     TEXT,                       -- its trace summary, below the lake's folder (spans)
    row_count   INTEGER NOT NULL,
    bytes       INTEGER NOT NULL,           -- of both files
    min_time    INTEGER NOT NULL,           -- start_time or time, Unix ns
    max_time    INTEGER NOT NULL,
    created     INTEGER NOT NULL            -- Unix ns
);
CREATE TABLE spool_ranges (
    writer      TEXT NOT NULL,
    kind        TEXT NOT NULL,
    number      INTEGER NOT NULL,
    loaded      INTEGER NOT NULL,           -- bytes from the start that are in the parts
    torn        INTEGER NOT NULL DEFAULT 0, -- bytes of a last line that a crash cut off
    PRIMARY KEY (writer, kind, number)
) WITHOUT ROWID;
-- Which parts hold a trace: finds one trace among millions, and doubles, without a scan.
CREATE TABLE trace_parts (
    trace_id    TEXT NOT NULL,              -- hex, as in the records
    part        INTEGER NOT NULL,
    PRIMARY KEY (trace_id, part)
) WITHOUT ROWID;
CREATE INDEX trace_parts_by_part ON trace_parts (part);
-- Traces in more than one part, whose summary rows are not whole.
CREATE TABLE split_traces (trace_id TEXT PRIMARY KEY) WITHOUT ROWID;
-- Spans that have started and not ended, as they were written.
CREATE TABLE open_spans (
    trace_id    TEXT NOT NULL,
    span_id     TEXT NOT NULL,
    writer      TEXT NOT NULL,
    record      BLOB NOT NULL,
    PRIMARY KEY (trace_id, span_id)
) WITHOUT ROWID;
-- Small facts: when retention last ran.
CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
-- Files no longer part of the data, kept a while for readers that still use them.
CREATE TABLE dropped_files (
    path        TEXT PRIMARY KEY,           -- below the data directory
    at          INTEGER NOT NULL            -- Unix ns
) WITHOUT ROWID;
