CREATE MATERIALIZED VIEW IF NOT EXISTS dwd_metrics_refused TO dwd_dead_letters_data AS
SELECT
    'metric' AS kind,
    toUnixTimestamp64Milli(received) * 1000000 AS time,
    concat(topic, '/', partition) AS segment,
    offset AS position,
    concat('Not a metric record: ', checked.reason, '.') AS reason,
    line
FROM dwd_metrics_checked AS checked
WHERE checked.reason <> '';
