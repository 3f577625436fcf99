CREATE MATERIALIZED VIEW IF NOT EXISTS dws_windows_kept TO dws_windows AS
WITH
    JSONExtract(
        line,
        'Tuple(minute Nullable(Int64), step_type String, tool_name String, model String, service String, user_id String, span_count Int64, error_count Int64, p50_ms Nullable(Float64), p95_ms Nullable(Float64), p99_ms Nullable(Float64), input_tokens Nullable(Int64), output_tokens Nullable(Int64), cost_usd Nullable(Float64))'
    ) AS w
SELECT
    assumeNotNull(w.minute) AS minute, w.step_type AS step_type, w.tool_name AS tool_name,
    w.model AS model, w.service AS service, w.user_id AS user_id, w.span_count AS span_count,
    w.error_count AS error_count, w.p50_ms AS p50_ms, w.p95_ms AS p95_ms, w.p99_ms AS p99_ms,
    w.input_tokens AS input_tokens, w.output_tokens AS output_tokens, w.cost_usd AS cost_usd
FROM dws_windows_queue
WHERE w.minute IS NOT NULL;
