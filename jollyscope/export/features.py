"""Steps as features: what is known of each when it begins and ends, for models to learn from."""

from __future__ import annotations

__all__ = ["FEATURES_SQL", "NEEDED"]

NEEDED = (
    "trace_id", "span_id", "session_id", "step_type", "tool_name", "model", "provider", "start_time",
    "duration_ms", "status", "input", "output", "input_tokens", "output_tokens", "cost_usd",
)  # fmt: skip
"""Columns of steps that they are made of."""

FEATURES_SQL = """
SELECT
    trace_id, span_id, session_id,
    CASE WHEN part < 0.8 THEN 'train' WHEN part < 0.9 THEN 'validation' ELSE 'test' END AS split,
    row_number() OVER before - 1 AS position,
    step_type,
    lag(step_type) OVER before AS previous_type,
    tool_name, model, provider,
    (start_time - min(start_time) OVER whole) / 1e6 AS offset_ms,
    (start_time - lag(start_time) OVER before) / 1e6 AS gap_ms,
    duration_ms, input_chars, output_chars, input_tokens, output_tokens, cost_usd,
    coalesce(CAST(sum(coalesce(input_tokens, 0) + coalesce(output_tokens, 0)) OVER earlier AS BIGINT), 0)
        AS tokens_before,
    count(*) FILTER (WHERE step_type = 'act') OVER earlier AS tool_calls_before,
    count(*) FILTER (WHERE status = 'error') OVER earlier AS errors_before,
    CASE WHEN step_type = 'act' THEN row_number() OVER alike - 1 ELSE 0 END AS same_call_before,
    status = 'error' AS failed,
    count(*) OVER whole AS execution_steps,
    coalesce(bool_or(status = 'error') OVER whole, false) AS execution_failed,
    export_key
FROM (
    SELECT
        * EXCLUDE (input, output),
        coalesce(length(input), 0) AS input_chars,
        coalesce(length(output), 0) AS output_chars,
        CASE WHEN step_type = 'act' THEN hash(tool_name, input) END AS call,
        CAST('0x' || left(sha256(coalesce('session:' || session_id, 'trace:' || trace_id)), 8) AS BIGINT)
            / 4294967296.0 AS part
    FROM answer
    WHERE step_type <> 'other'
) AS steps
WINDOW
    whole AS (PARTITION BY trace_id),
    before AS (PARTITION BY trace_id ORDER BY start_time, span_id),
    earlier AS (
        PARTITION BY trace_id ORDER BY start_time, span_id
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ),
    alike AS (PARTITION BY trace_id, call ORDER BY start_time, span_id)
"""
"""Over `answer` with the columns above. All steps of a session are of one part: a model that is tested
never saw the conversation. The part is the same in every export, also where sessions are hidden."""
