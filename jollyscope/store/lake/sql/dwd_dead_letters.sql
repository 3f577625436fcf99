-- Lines that were refused, whole, with the reason.
CREATE TABLE dwd_dead_letters (
    kind                VARCHAR NOT NULL,   -- what the line was meant to be: span, metric, event
    time                BIGINT NOT NULL,    -- when it was refused, Unix ns
    segment             VARCHAR NOT NULL,   -- file it stood in, below the spool
    position            BIGINT NOT NULL,    -- its first byte there
    reason              VARCHAR NOT NULL,
    line                BLOB NOT NULL
);
