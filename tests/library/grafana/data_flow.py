"""Live data flow: whether records arrive, how late, and what was refused."""

from __future__ import annotations

from grafana_foundation_sdk.builders.dashboard import Dashboard

from tests.library.grafana.blocks import COUNT, SECONDS, Figure, numbers, plot, rows_of
from tests.library.grafana.query import over_time, rows
from tests.library.grafana.sql import BUCKET, moment, within
from tests.library.grafana.variables import framed

__all__ = ["ARRIVED", "LAG", "data_flow"]

# From a span's end to its row in the store. `ods_spans` alone has both, for as long as
# `clickhouse.ttl_ods_days`. What was replayed from a spool says nothing of today.
LAG = "(toUnixTimestamp64Milli(stored) - intDiv(simpleJSONExtractInt(line, 'end_time'), 1000000)) / 1000"
ARRIVED = (
    "FROM ods_spans\n"
    "WHERE stored >= $__fromTime_ms AND stored <= $__toTime_ms AND topic <> 'spool'\n"
    "    AND simpleJSONExtractInt(line, 'end_time') > 0"
)
_HEARD = "toStartOfInterval(stored, toIntervalSecond($__interval_s)) AS time"

_STAGES = """
SELECT
    stage, kind, records,
    fromUnixTimestamp64Nano(assumeNotNull(newest_time)) AS newest,
    (toUnixTimestamp64Nano(now64(9)) - newest_time) / 1e9 AS age
FROM ads_pipeline
WHERE newest_time IS NOT NULL
ORDER BY stage DESC, kind DESC
"""

_REFUSED = f"FROM dwd_dead_letters\nWHERE {within('time')}"

_NOW = f"""
SELECT
    (SELECT min(toUnixTimestamp64Nano(now64(9)) - newest_time) / 1e9
     FROM ads_pipeline WHERE stage = 'stored') AS age,
    (SELECT quantileExactInclusiveOrNull(0.95)({LAG}) {ARRIVED}) AS lag,
    (SELECT count() {_REFUSED}) AS refused,
    (SELECT count() FROM dwd_open_spans) AS running
"""
_FIGURES = {
    "age": Figure(SECONDS, (120, 900)),
    "lag": Figure(SECONDS, (5, 30)),
    "refused": Figure(COUNT, (1, 100)),
    "running": Figure(COUNT),
}


def data_flow() -> Dashboard:
    """The dashboard."""
    per_stage = over_time(
        f"""
SELECT time, countIf(stage = 'ended') AS ended, countIf(stage = 'running') AS running,
    countIf(stage = 'metrics') AS metrics, countIf(stage = 'events') AS events,
    countIf(stage = 'refused') AS failed
FROM (
    SELECT {BUCKET}, 'ended' AS stage FROM dwd_spans WHERE {within()}
    UNION ALL
    SELECT {BUCKET}, 'running' FROM dwd_open_spans WHERE {within()}
    UNION ALL
    SELECT {BUCKET.replace("start_time", "dwd_metrics.time")}, 'metrics' FROM dwd_metrics
    WHERE {within("dwd_metrics.time")}
    UNION ALL
    SELECT {BUCKET.replace("start_time", "dwd_events.time")}, 'events' FROM dwd_events
    WHERE {within("dwd_events.time")}
    UNION ALL
    SELECT {BUCKET.replace("start_time", "dwd_dead_letters.time")}, 'refused' FROM dwd_dead_letters
    WHERE {within("dwd_dead_letters.time")}
)
GROUP BY time
ORDER BY time
"""
    )
    lag = over_time(
        f"SELECT {_HEARD}, quantileExactInclusive(0.5)({LAG}) AS p50,\n"
        f"    quantileExactInclusive(0.95)({LAG}) AS p95, quantileExactInclusive(0.99)({LAG}) AS p99\n"
        f"{ARRIVED}\nGROUP BY time\nORDER BY time"
    )
    letters = rows(
        f"SELECT {moment('time', 'refused')}, kind, reason, segment AS topic, position AS offset,\n"
        f"    substring(line, 1, 2000) AS line\n{_REFUSED}\nORDER BY dwd_dead_letters.time DESC\nLIMIT 200"
    )
    told = rows(
        f"""
SELECT {moment("dwd_events.time", "at")}, type, severity, name, body, service, trace_id
FROM dwd_events
WHERE {within("dwd_events.time")}
ORDER BY dwd_events.time DESC
LIMIT 200
"""
    )
    return framed(
        "data-flow",
        "Live data flow",
        "Whether records arrive, how late, and what was refused.",
        [
            ("Now", [
                numbers("Now", rows(_NOW), _FIGURES,
                        about="`age` of the newest record; `lag` from a span's end to its row "
                        "in the store, 95 %; lines `refused`; steps that run."),
                plot("Records by stage", per_stage, COUNT, stacked=True,
                     about="By the records' own time. `failed` was refused: see the table below."),
                plot("Lag", lag, SECONDS, limits=(5, 30),
                     about="From a span's end to its row in the store."),
            ]),
            ("How far records have come", [
                rows_of("Stages", rows(_STAGES), {"age": SECONDS}, width=12, height=8),
                rows_of("Events and alerts", told, width=12, height=8),
            ]),
            ("Dead letters", [
                rows_of("Lines that are no records", letters, about="Whole in `dwd_dead_letters`."),
            ]),
        ],
    )  # fmt: skip
