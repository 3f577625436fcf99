-- Labels and notes on traces and spans, a row each; every `?` is a column of them.

CREATE OR REPLACE TEMP TABLE ads_annotations AS
SELECT
    unnest(?::VARCHAR[]) AS id,
    unnest(?::VARCHAR[]) AS trace_id,
    unnest(?::VARCHAR[]) AS span_id,
    unnest(?::VARCHAR[]) AS kind,
    unnest(?::VARCHAR[]) AS text,
    unnest(?::VARCHAR[]) AS author,
    unnest(?::BIGINT[]) AS time
