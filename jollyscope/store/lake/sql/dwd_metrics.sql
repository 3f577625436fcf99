-- One row a sample. Times are Unix ns.
CREATE TABLE dwd_metrics (
    schema              INTEGER NOT NULL,
    record_id           VARCHAR NOT NULL,
    name                VARCHAR NOT NULL,
    time                BIGINT NOT NULL,
    start_time          BIGINT,
    type                VARCHAR,
    value               DOUBLE,
    unit                VARCHAR,
    description         VARCHAR,
    temporality         VARCHAR,
    monotonic           BOOLEAN,
    distribution        JSON,
    service             VARCHAR,
    session_id          VARCHAR,
    trace_id            VARCHAR,
    span_id             VARCHAR,
    attributes          JSON,
    resource            JSON,
    scope               JSON
);
