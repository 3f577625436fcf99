CREATE MATERIALIZED VIEW IF NOT EXISTS dwd_spans_refused TO dwd_dead_letters_data AS
SELECT
    'span' AS kind,
    toUnixTimestamp64Milli(received) * 1000000 AS time,
    concat(topic, '/', partition) AS segment,
    offset AS position,
    concat('Not a span record: ', checked.reason, '.') AS reason,
    line
FROM dwd_spans_checked AS checked
WHERE checked.reason <> '';
