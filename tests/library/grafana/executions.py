"""Executions: what ran, how it went, and which step followed which."""

from __future__ import annotations

from grafana_foundation_sdk.builders.dashboard import Dashboard

from tests.library.grafana.blocks import (
    COUNT,
    DOLLARS,
    MS,
    SHARE,
    Figure,
    flow,
    numbers,
    plot,
    rows_of,
)  # fmt: skip
from tests.library.grafana.links import TRACE_LINKS
from tests.library.grafana.query import over_time, rows
from tests.library.grafana.sql import (
    BUCKET,
    SHARE_FAILED,
    TRACES,
    chosen,
    chosen_traces,
    moment,
    quantiles,
    trace_chosen,
    within,
)  # fmt: skip
from tests.library.grafana.variables import framed

__all__ = ["executions"]

_TRACES = f"FROM {TRACES}\nWHERE {chosen_traces()}"

# A state is a step type, of a tool call with its tool. A step follows the one of its trace that began
# before it; the explorer's flow, a trace at a time, also tells apart what ran side by side.
_STATES = f"""
WITH steps AS (
    SELECT
        trace_id, step_type, status, duration_ms,
        start_time, if(step_type = 'user_input', 0, 1) AS rank, span_id,
        if(step_type = 'act', concat('act ', ifNull(tool_name, name)), step_type) AS state
    FROM dwd_spans
    WHERE step_type <> 'other' AND {within()}
        AND {trace_chosen()}
        AND {chosen()}
)"""

_NODES = f"""{_STATES}
SELECT
    state AS id,
    state AS title,
    count() AS mainstat,
    if(any(step_type) = 'user_input', NULL, quantileExactInclusive(0.5)(duration_ms)) AS secondarystat,
    {SHARE_FAILED} AS arc__failed,
    any(step_type) AS step,
    if(step = 'user_input', 1 - arc__failed, 0) AS arc__user_input,
    if(step = 'think', 1 - arc__failed, 0) AS arc__think,
    if(step = 'act', 1 - arc__failed, 0) AS arc__act,
    if(step = 'observe', 1 - arc__failed, 0) AS arc__observe,
    if(step = 'response', 1 - arc__failed, 0) AS arc__response,
    countIf(status = 'error') AS detail__failed
FROM steps
GROUP BY state
ORDER BY mainstat DESC
LIMIT 100
"""

_EDGES = f"""{_STATES},
ways AS (
    SELECT arraySort(groupArray((start_time, rank, span_id, state, status))) AS way
    FROM steps GROUP BY trace_id
),
pairs AS (
    SELECT arrayJoin(arrayZip(arrayPopBack(way), arrayPopFront(way))) AS pair FROM ways
)
SELECT
    concat(source, ' → ', target) AS id,
    pair.1.4 AS source,
    pair.2.4 AS target,
    count() AS mainstat,
    countIf(pair.2.5 = 'error') / mainstat AS secondarystat
FROM pairs
GROUP BY source, target
ORDER BY mainstat DESC
LIMIT 300
"""

_TABLE = f"""
SELECT
    {moment("start_time", "began")},
    trace_id,
    service,
    user_id AS user,
    input,
    output,
    if(state = 'open', 'running', if(state = 'interrupted', state, status)) AS status,
    duration_ms AS duration,
    step_strip AS steps,
    error_count AS errors,
    arrayStringConcat(tools, ', ') AS tools,
    input_tokens + output_tokens AS tokens,
    cost_usd AS cost,
    concat('jollyscope show ', trace_id) AS command
FROM (
    SELECT * {_TRACES.replace(chr(10), chr(10) + "    ")}
        AND {trace_chosen()}
    ORDER BY start_time DESC
    LIMIT 200
)
"""

_STEPS = f"""
SELECT
    {moment("start_time", "began")},
    step_type AS step,
    name,
    if(state = 'closed', status, state) AS status,
    duration_ms AS duration,
    input,
    output,
    error_message AS error,
    input_tokens,
    output_tokens,
    cost_usd AS cost
FROM (SELECT * FROM dwd_spans UNION ALL SELECT * FROM dwd_open_spans)
WHERE trace_id = if(
    ${{trace:singlequote}} <> '',
    ${{trace:singlequote}},
    (SELECT argMax(trace_id, start_time) {_TRACES.replace(chr(10), " ")})
)
ORDER BY start_time, if(step_type = 'user_input', 0, 1), span_id
LIMIT 1000
"""

_SUMS = f"""
SELECT
    count() AS executions,
    countIf(state = 'open') AS running,
    {SHARE_FAILED} AS failed,
    quantileExactInclusive(0.95)(duration_ms) AS p95,
    avg(step_count) AS steps,
    sum(cost_usd) AS cost
{_TRACES}
"""
_FIGURES = {
    "executions": Figure(COUNT),
    "running": Figure(COUNT),
    "failed": Figure(SHARE, (0.05, 0.1)),
    "p95": Figure(MS),
    "steps": Figure(COUNT),
    "cost": Figure(DOLLARS),
}


def executions() -> Dashboard:
    """The dashboard."""
    began = over_time(
        f"""
SELECT
    {BUCKET},
    countIf(state = 'open') AS running,
    countIf(state = 'interrupted') AS interrupted,
    countIf(state = 'closed' AND status = 'error') AS failed,
    countIf(state = 'closed' AND status <> 'error') AS ok
{_TRACES}
GROUP BY time
ORDER BY time
"""
    )
    took = over_time(
        f"SELECT {BUCKET}, {quantiles()}\n{_TRACES} AND state = 'closed'\nGROUP BY time\nORDER BY time"
    )
    return framed(
        "executions",
        "Executions",
        "What agents were asked, what they did step by step, and how it went.",
        [
            ("How it goes", [
                numbers("Executions", rows(_SUMS), _FIGURES,
                        about="`steps` is how many one has, `p95` how long 95 % take at most."),
                plot("Executions begun", began, COUNT, stacked=True),
                plot("How long they took", took, MS),
            ]),
            ("Which", [
                rows_of(
                    "Newest executions", rows(_TABLE), {"duration": MS, "cost": DOLLARS},
                    links={"trace_id": TRACE_LINKS}, height=12,
                    about="A click on a trace id shows its steps below. `command` is what to type in "
                    "a terminal. `steps`: u user input, t think, a act, o observe, r response; capitals "
                    "failed.",
                ),
            ]),
            ("The flow", [
                flow(
                    "What follows what", rows(_NODES, "nodes"), rows(_EDGES, "edges"),
                    about="Of the trace in the box above, or of all that are chosen. In a circle: how often, "
                    "and the median time; red is the share that failed. On a line: how often, and how many "
                    "of the steps that it leads to failed.",
                ),
                rows_of(
                    "Steps of one trace", rows(_STEPS), {"duration": MS, "cost": DOLLARS}, height=14,
                    about="Of the trace in the box above; without one of the newest.",
                ),
            ]),
        ],
        box=True,
    )  # fmt: skip
