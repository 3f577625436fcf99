CREATE MATERIALIZED VIEW IF NOT EXISTS dwd_events_refused TO dwd_dead_letters_data AS
SELECT
    'event' AS kind,
    toUnixTimestamp64Milli(received) * 1000000 AS time,
    concat(topic, '/', partition) AS segment,
    offset AS position,
    concat('Not an event record: ', checked.reason, '.') AS reason,
    line
FROM dwd_events_checked AS checked
WHERE checked.reason <> '';
