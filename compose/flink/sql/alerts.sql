-- Tells what is out of the ordinary. The definitions stand in docs/pipeline.md.
--
-- State: of each minute that is not over its counters and durations; of each service, step, tool and model
-- its last 60 minutes with spans (500 bytes each); of each tool call its trace, tool and input;
-- of every span that it was counted. What is not touched for two hours of the clock is
-- forgotten.

SET 'pipeline.name' = '${topics} alerts';
SET 'table.local-time-zone' = 'UTC';
SET 'table.exec.state.ttl' = '2 h';

-- The same alert has the same id, whenever it is found: readers keep one.
INSERT INTO alerts
WITH minutes AS (
    SELECT
        TUMBLE_START(began, INTERVAL '1' MINUTE) AS window_start,
        TUMBLE_ROWTIME(began, INTERVAL '1' MINUTE) AS over_at,
        service, step_type, tool_name, `model`,
        COUNT(*) AS span_count,
        COUNT(*) FILTER (WHERE failed) AS error_count,
        PERCENTILE(duration_ms, 0.95) AS p95_ms
    FROM ended
    GROUP BY TUMBLE(began, INTERVAL '1' MINUTE), service, step_type, tool_name, `model`
),
scored AS (
    SELECT
        CAST(TIMESTAMPDIFF(MINUTE, TIMESTAMP '1970-01-01 00:00:00', window_start) AS BIGINT) * 60000000000
            AS `minute`,
        service, step_type, tool_name, `model`, span_count, error_count, p95_ms,
        robust_z(p95_ms, 10) OVER recent AS z_latency,
        robust_z(CAST(error_count AS DOUBLE), 10) OVER recent AS z_errors,
        robust_z(CAST(span_count AS DOUBLE), 10) OVER recent AS z_volume
    FROM minutes
    WINDOW recent AS (
        PARTITION BY service, step_type, tool_name, `model`
        ORDER BY over_at ROWS BETWEEN 60 PRECEDING AND CURRENT ROW
    )
),
calls AS (
    SELECT
        trace_id, service, tool_name, `model`, started,
        COUNT(*) OVER (
            PARTITION BY trace_id, tool_name, input
            ORDER BY came RANGE UNBOUNDED PRECEDING
        ) AS times,
        MD5(input) AS input_hash
    FROM (SELECT *, PROCTIME() AS came FROM ended WHERE step_type = 'act' AND tool_name <> '' AND input <> '')
),
found AS (
    SELECT
        'latency' AS `name`, `minute` AS `time`, service, CAST(NULL AS STRING) AS trace_id, step_type, tool_name,
        `model`, p95_ms AS `value`, z_latency AS z, span_count, error_count, '' AS `which`,
        'p95 of ' || CAST(CAST(ROUND(p95_ms) AS BIGINT) AS STRING) || ' ms, far above the last hour' AS `body`
    FROM scored
    WHERE span_count >= 5 AND z_latency >= 6
    UNION ALL
    SELECT
        'errors', `minute`, service, CAST(NULL AS STRING), step_type, tool_name,
        `model`, CAST(error_count AS DOUBLE), z_errors, span_count, error_count, '',
        CAST(error_count AS STRING) || ' errors of ' || CAST(span_count AS STRING) || ' in a minute'
    FROM scored
    WHERE error_count >= 5 AND (z_errors >= 6 OR (z_errors IS NULL AND error_count * 2 >= span_count))
    UNION ALL
    SELECT
        'volume', `minute`, service, CAST(NULL AS STRING), step_type, tool_name,
        `model`, CAST(span_count AS DOUBLE), z_volume, span_count, error_count, '',
        CAST(span_count AS STRING) || ' spans in a minute, far '
        || CASE WHEN z_volume > 0 THEN 'above' ELSE 'below' END || ' the last hour'
    FROM scored
    WHERE (span_count >= 20 AND z_volume >= 6) OR z_volume <= -6
    UNION ALL
    SELECT
        'loop', started, service, trace_id, 'act', tool_name,
        `model`, CAST(times AS DOUBLE), CAST(NULL AS DOUBLE), CAST(NULL AS BIGINT), CAST(NULL AS BIGINT), input_hash,
        tool_name || ' called ' || CAST(times AS STRING) || ' times with the same input'
    FROM calls
    WHERE times = 5
)
SELECT
    COALESCE(trace_id, NULLIF(service, ''), `name`),
    1,
    MD5(
        CONCAT_WS(
            '|', `name`, CASE WHEN trace_id IS NULL THEN CAST(`time` AS STRING) ELSE trace_id END,
            service, step_type, tool_name, `model`, `which`
        )
    ),
    `time`, 'alert', `name`, 13, 'WARN', `body`, NULLIF(service, ''), trace_id,
    ROW(step_type, NULLIF(tool_name, ''), NULLIF(`model`, ''), `value`, z, span_count, error_count)
FROM found;
