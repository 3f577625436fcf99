"""What a store knows of the last two hours, so that whoever begins to watch goes on where another ended."""

from __future__ import annotations

from typing import NamedTuple

from jollyscope.analysis.live.past import Minutes, Subject
from jollyscope.analysis.live.stream import LiveStats
from jollyscope.analysis.live.windows import MINUTE_NS
from jollyscope.model.records import EventRecord, SpanRecord
from jollyscope.store.api import Reader

__all__ = ["Resumed", "resume"]

_HOUR_NS = 60 * MINUTE_NS
_BEHIND_NS = 30 * 10**9
"""As far as the watermark is behind."""
_OVERLAP_NS = 10 * 10**9
"""Spans that ended so lately may be in the store and be heard as well."""
_CALLS_NS = 10 * MINUTE_NS
_MOST_CALLS = 20_000
_SUBJECT = "coalesce(service, ''), coalesce(step_type, 'other'), coalesce(tool_name, ''), coalesce(model, '')"
_FIELDS = (
    "trace_id", "span_id", "service", "step_type", "tool_name", "model", "user_id", "status", "input",
    "start_time", "end_time", "duration_ms", "input_tokens", "output_tokens", "cost_usd",
)  # fmt: skip


class Resumed(NamedTuple):
    """Statistics that go on at the store's end, the alerts of the last hour, and which alerts (by id) the
    store has already.
    """

    stats: LiveStats
    alerts: list[EventRecord]
    known: list[str]


def resume(reader: Reader, now: int) -> Resumed:
    """Judge the minutes of the last hour that are over at `now` (Unix ns), and count the spans since then.

    Minutes that are over come as sums, in one query; the few spans since then, and the last ten
    minutes' tool calls (20,000 at most), one by one.
    Raises `StoreError`.
    """
    begins = now - _BEHIND_NS
    begins -= begins % MINUTE_NS
    stats = LiveStats(begins)
    alerts: list[EventRecord] = []
    for subject, counted in _past(reader, begins):
        found = stats.judge(subject, counted)
        alerts += found if counted.minute >= begins - _HOUR_NS else []
    for call in _calls(reader, begins, now):
        loop = stats.calls.add(call)
        alerts += [loop.record()] if loop is not None else []
    for span in _newest(reader, begins, now):
        alerts += stats.take(span, now)
    return Resumed(stats, alerts, _known(reader, begins))


def _past(reader: Reader, begins: int) -> list[tuple[Subject, Minutes]]:
    since = begins - 2 * _HOUR_NS
    table = reader.query(
        f"SELECT {_SUBJECT}, start_time - start_time % {MINUTE_NS} AS began, count(*), "
        "count(*) FILTER (WHERE status = 'error'), quantile_cont(duration_ms, 0.95) FROM dwd_spans "
        "WHERE state = 'closed' AND start_time >= ? AND start_time < ? GROUP BY ALL ORDER BY began",
        [since, begins],
        since=since,
        until=begins,
    )
    return [(Subject(*row[:4]), Minutes(*row[4:])) for row in table.rows]


def _calls(reader: Reader, begins: int, now: int) -> list[SpanRecord]:
    since = begins - _CALLS_NS
    return _spans(
        reader,
        "step_type = 'act' AND tool_name <> '' AND input <> '' "
        f"AND start_time >= ? AND start_time < ? AND end_time < ? "
        f"ORDER BY start_time DESC LIMIT {_MOST_CALLS}",
        [since, begins, now - _OVERLAP_NS],
        since,
    )


def _newest(reader: Reader, begins: int, now: int) -> list[SpanRecord]:
    # A span that ends only now may have begun long ago: as far back as a minute remembers its spans.
    since = begins - _CALLS_NS
    return _spans(
        reader,
        "start_time >= ? AND (start_time >= ? OR end_time >= ?) ORDER BY start_time DESC",
        [since, begins, now - _OVERLAP_NS],
        since,
    )


def _spans(reader: Reader, where: str, parameters: list[int], since: int) -> list[SpanRecord]:
    """Closed spans with what is counted of them, by start."""
    table = reader.query(
        f"SELECT {', '.join(_FIELDS)} FROM dwd_spans WHERE state = 'closed' AND {where}",
        parameters,
        since=since,
    )
    return [SpanRecord(**values) for values in reversed(table.dicts())]


def _known(reader: Reader, begins: int) -> list[str]:
    table = reader.query(
        "SELECT DISTINCT record_id FROM dwd_events WHERE type = 'alert' AND time >= ?",
        [begins - 2 * _HOUR_NS],
    )
    return [row[0] for row in table.rows]
