"""Spans that have ended, counted by the minute they began in and by group: Flink's job `stats`.

The watermark lies 30 s behind the newest start that was heard; a minute takes spans until ten minutes behind
the watermark. Later ones are counted, and stay out of the windows. A start more than a minute ahead of the
time at which the record was written moves the watermark no further than that minute.

Where Flink has a watermark for each partition and tells it five times a second, here all that is heard is
one stream, and each span is judged by the watermark that the ones before it made.
"""

from __future__ import annotations

from array import array
from typing import NamedTuple

from jollyscope.analysis.live.measures import percentile
from jollyscope.analysis.live.seen import Recent, Seen
from jollyscope.model.records import SpanRecord

__all__ = ["MINUTE_NS", "Group", "Key", "Minute", "Window", "Windows"]

MINUTE_NS = 60 * 10**9
_MINUTE = 60_000
"""Event time is in milliseconds, as Flink's."""
_BEHIND = 30_000
_LATENESS = 10 * _MINUTE
_AHEAD = _MINUTE
_MOST_GROUPS = 50_000
"""About 600 bytes each."""
_MOST_SPANS = 4_000_000
"""16 bytes each once their minute is over: half an hour at 2,000 a second."""
_MOST_LATE = 65_536
_MOST_LATE_MINUTES = 1_440


class Key(NamedTuple):
    """What a window is of; an empty text where a span has none."""

    minute: int
    """Unix ns, of the start."""
    step_type: str
    tool_name: str
    model: str
    service: str
    user_id: str


class Window(NamedTuple):
    """A minute of a group: the columns of `dws_windows`. Sums and percentiles are None where no span had
    a value.
    """

    minute: int
    step_type: str
    tool_name: str
    model: str
    service: str
    user_id: str
    span_count: int
    error_count: int
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    input_tokens: int | None
    output_tokens: int | None
    cost_usd: float | None


class Group:
    """The counters of one key, and every duration (ms): percentiles are exact."""

    __slots__ = ("cost", "durations", "errors", "input", "output", "spans")

    def __init__(self) -> None:
        self.spans = self.errors = 0
        self.durations = array("d")
        self.input: int | None = None
        self.output: int | None = None
        self.cost: float | None = None

    def add(self, span: SpanRecord) -> None:
        """Count one more."""
        self.spans += 1
        self.errors += span.status == "error"
        if span.duration_ms is not None:
            self.durations.append(span.duration_ms)
        if span.input_tokens is not None:
            self.input = (self.input or 0) + span.input_tokens
        if span.output_tokens is not None:
            self.output = (self.output or 0) + span.output_tokens
        if span.cost_usd is not None:
            self.cost = (self.cost or 0.0) + span.cost_usd

    def window(self, key: Key) -> Window:
        """What is told of it now."""
        ordered = sorted(self.durations)
        return Window(
            *key,
            self.spans,
            self.errors,
            percentile(ordered, 0.5),
            percentile(ordered, 0.95),
            percentile(ordered, 0.99),
            self.input,
            self.output,
            self.cost,
        )


class Minute:
    """What began in one minute of event time."""

    def __init__(self) -> None:
        self.groups: dict[Key, Group] = {}
        self.changed: set[Key] = set()
        self.seen = Seen()


class Windows:
    """Takes spans in any order, tells windows.

    State: of each minute until ten minutes behind the watermark its counters (600 bytes a group), every
    duration (8 bytes a span) and which spans were counted (75 bytes a span, 8 once the minute is over):
    at 2,000 spans a second 40 MB. Above 50,000 groups or 4,000,000 spans the oldest minute is given up
    early (`given_up`), and what still comes for it is late. Of late spans the last 65,536, so that each
    counts once, and a counter for each of the last 1,440 minutes that any came late for.
    """

    def __init__(self, since: int = 0) -> None:
        """`over` tells of minutes from `since` on (Unix ns): what came before is known elsewhere."""
        self.minutes: dict[int, Minute] = {}
        self.late: dict[int, int] = {}
        """By minute (Unix ns) how many spans came too late for it."""
        self.given_up = 0
        """Minutes that were too many to keep."""
        self._watermark = self._closed = -(2**62)
        self._judged = since // 1_000_000
        """The end of the newest minute that `over` told."""
        self._late_spans = Recent(_MOST_LATE)
        self._groups = self._spans = 0

    def add(self, span: SpanRecord, written: int = 0) -> bool:
        """Count a closed span, written at that time (Unix ns, 0 is unknown). False: it was there before."""
        began = span.start_time // 1_000_000
        if written:
            began = min(began, written // 1_000_000 + _AHEAD)
        start = began - began % _MINUTE
        fresh = self._add_late(span) if start + _MINUTE <= self._closed else self._add(span, start)
        if began - _BEHIND > self._watermark:
            self._watermark = began - _BEHIND
            self._close(self._watermark - _LATENESS)
        return fresh

    def over(self) -> list[tuple[int, list[tuple[Key, Group]]]]:
        """Minutes (Unix ns) that the watermark has passed since this was last asked, the oldest first, with
        what was counted in them in time.
        """
        past = self._watermark + 1
        past -= past % _MINUTE
        if past <= self._judged:
            return []
        found = [start for start in self.minutes if self._judged < start + _MINUTE <= past]
        self._judged = past
        told: list[tuple[int, list[tuple[Key, Group]]]] = []
        for start in sorted(found):
            minute = self.minutes[start]
            minute.seen.settle()
            told.append((start * 1_000_000, list(minute.groups.items())))
        return told

    def changed(self) -> list[Window]:
        """Every window that has changed since this was last asked: the last word on a key holds. What is
        not asked for within ten minutes of event time is forgotten.
        """
        told: list[Window] = []
        for minute in self.minutes.values():
            told += [minute.groups[key].window(key) for key in minute.changed]
            minute.changed.clear()
        return sorted(told, key=lambda window: window[:6])

    def _add(self, span: SpanRecord, start: int) -> bool:
        minute = self.minutes.get(start)
        if minute is None:
            minute = self.minutes[start] = Minute()
        if not minute.seen.add((span.trace_id, span.span_id)):
            return False
        key = Key(
            span.start_time - span.start_time % MINUTE_NS,
            span.step_type,
            span.tool_name or "",
            span.model or "",
            span.service or "",
            span.user_id or "",
        )
        group = minute.groups.get(key)
        if group is None:
            group = minute.groups[key] = Group()
            self._groups += 1
        group.add(span)
        minute.changed.add(key)
        self._spans += 1
        if self._groups > _MOST_GROUPS or self._spans > _MOST_SPANS:
            self.given_up += 1
            self._close(min(self.minutes) + _MINUTE)
        return True

    def _add_late(self, span: SpanRecord) -> bool:
        if not self._late_spans.add((span.trace_id, span.span_id)):
            return False
        minute = span.start_time - span.start_time % MINUTE_NS
        self.late[minute] = self.late.pop(minute, 0) + 1
        if len(self.late) > _MOST_LATE_MINUTES:
            del self.late[next(iter(self.late))]
        return True

    def _close(self, until: int) -> None:
        """Forget the minutes that ended by then (ms)."""
        until += 1
        until -= until % _MINUTE
        if until <= self._closed:
            return
        self._closed = until
        for start in [start for start in self.minutes if start + _MINUTE <= until]:
            minute = self.minutes.pop(start)
            self._groups -= len(minute.groups)
            self._spans -= len(minute.seen)
