-- One row a log line, state change, alert, audit or file event. Times are Unix ns.
CREATE TABLE dwd_events (
    schema              INTEGER NOT NULL,
    record_id           VARCHAR NOT NULL,
    time                BIGINT NOT NULL,
    observed_time       BIGINT,
    type                VARCHAR,
    name                VARCHAR,
    severity_number     INTEGER,
    severity            VARCHAR,
    body                JSON,
    service             VARCHAR,
    session_id          VARCHAR,
    trace_id            VARCHAR,
    span_id             VARCHAR,
    attributes          JSON,
    resource            JSON,
    scope               JSON
);
