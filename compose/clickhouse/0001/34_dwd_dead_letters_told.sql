-- The same letter as the one found here, where both read the line: metrics and events come both ways.
CREATE MATERIALIZED VIEW IF NOT EXISTS dwd_dead_letters_told TO dwd_dead_letters_data AS
WITH
    JSONExtract(
        queue.line,
        'Tuple(kind String, time Int64, topic String, partition Int32, offset Int64, reason String, line String, line_bytes String)'
    ) AS letter
SELECT
    letter.kind AS kind,
    letter.time AS time,
    concat(letter.topic, '/', toString(letter.partition)) AS segment,
    letter.offset AS position,
    letter.reason AS reason,
    if(letter.line_bytes = '', letter.line, base64Decode(letter.line_bytes)) AS line
FROM dwd_dead_letters_queue AS queue
WHERE letter.kind <> '';
