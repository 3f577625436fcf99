-- Counts the spans that have ended by the minute they began in, and by step, tool, model, service and user.
--
-- A minute is told a second after its first span, and again a second after each further change: the last
-- message of a key holds. The watermark lies 30 s behind the newest start; a minute takes spans until ten
-- minutes behind the watermark. Later ones are counted by `late`, and stay out of `stats`.
--
-- State: of each minute and group one counter of each kind and every duration in it (percentiles are
-- exact), until ten minutes after the minute, of event time. 24 bytes a span: 1,000 spans a second
-- make 17 MB. Of every span that it was counted, for one hour of the clock (100 bytes each), and of each
-- late minute one counter, until an hour after the last that was late for it.

SET 'pipeline.name' = '${topics} stats';
SET 'table.local-time-zone' = 'UTC';
SET 'table.exec.state.ttl' = '1 h';
SET 'table.exec.emit.early-fire.enabled' = 'true';
SET 'table.exec.emit.early-fire.delay' = '1 s';
SET 'table.exec.emit.late-fire.enabled' = 'true';
SET 'table.exec.emit.late-fire.delay' = '1 s';
SET 'table.exec.emit.allow-lateness' = '10 min';
-- Both keys are the same, so that nothing comes in another order.
SET 'table.exec.sink.upsert-materialize' = 'NONE';

EXECUTE STATEMENT SET
BEGIN

INSERT INTO stats
SELECT
    `minute`, step_type, tool_name, `model`, service, user_id, span_count, error_count,
    middle[1], middle[2], middle[3], input_tokens, output_tokens, cost_usd
FROM (
    SELECT
        `minute`, step_type, tool_name, `model`, service, user_id,
        COUNT(*) AS span_count,
        COUNT(*) FILTER (WHERE failed) AS error_count,
        PERCENTILE(duration_ms, ARRAY[0.5, 0.95, 0.99]) AS middle,
        SUM(input_tokens) AS input_tokens,
        SUM(output_tokens) AS output_tokens,
        SUM(cost_usd) AS cost_usd
    FROM ended
    GROUP BY TUMBLE(began, INTERVAL '1' MINUTE), `minute`, step_type, tool_name, `model`, service, user_id
);

INSERT INTO `late`
SELECT `minute`, COUNT(*)
FROM ended
WHERE TIMESTAMPADD(MINUTE, 11, FLOOR(began TO MINUTE)) <= CURRENT_WATERMARK(began)
GROUP BY `minute`;

END;
