"""One stream of span records in, windows and alerts out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from jollyscope.analysis.live.calls import Calls
from jollyscope.analysis.live.definitions import minute_alerts
from jollyscope.analysis.live.measures import percentile
from jollyscope.analysis.live.past import Minutes, Past, Subject
from jollyscope.analysis.live.windows import Group, Key, Window, Windows
from jollyscope.model.records import EventRecord, SpanRecord
from jollyscope.model.wire import InvalidRecordError, decode

__all__ = ["LiveStats"]


class LiveStats:
    """Counts spans by minute and finds what is out of the ordinary, as the records come.

    State: that of `Windows`, `Past` and `Calls`: 80 MB at 2,000 spans a second, bounded whatever comes. The
    same spans in any order that keeps within the watermark give the same windows, alerts and ids.
    Not thread-safe.
    """

    def __init__(self, since: int = 0) -> None:
        """Minutes before `since` (Unix ns) are judged elsewhere."""
        self.windows = Windows(since)
        self.past = Past()
        self.calls = Calls()
        self.skipped = 0
        """Lines that are no span records."""

    def hear(self, line: bytes, written: int = 0) -> list[EventRecord]:
        """Take one line of the spool or of a topic, written at that time (Unix ns, 0 is unknown); the
        alerts that it brings.
        """
        try:
            record: SpanRecord = decode(line)
        except InvalidRecordError:
            self.skipped += 1
            return []
        return self.take(record, written)

    def take(self, span: SpanRecord, written: int = 0) -> list[EventRecord]:
        """As `hear`, a record that is decoded already."""
        if span.state != "closed":
            return []
        alerts: list[EventRecord] = []
        if self.windows.add(span, written):
            loop = self.calls.add(span)
            if loop is not None:
                alerts.append(loop.record())
        for minute, groups in self.windows.over():
            for subject, counted in _minutes(minute, groups):
                alerts += self.judge(subject, counted)
        return alerts

    def judge(self, subject: Subject, counted: Minutes) -> list[EventRecord]:
        """The alerts that a minute brings which is over. `take` does so by itself."""
        scores = self.past.score(subject, counted)
        return [finding.record() for finding in minute_alerts(subject, counted, scores)]

    def changed(self) -> list[Window]:
        """See `Windows.changed`."""
        return self.windows.changed()


def _minutes(minute: int, groups: Iterable[tuple[Key, Group]]) -> Iterator[tuple[Subject, Minutes]]:
    """One minute's groups by what alerts are about: whoever the users are."""
    found: dict[Subject, list[Group]] = {}
    for key, group in groups:
        subject = Subject(key.service, key.step_type, key.tool_name, key.model)
        found.setdefault(subject, []).append(group)
    for subject, held in found.items():
        durations = sorted(ms for group in held for ms in group.durations)
        spans, errors = sum(group.spans for group in held), sum(group.errors for group in held)
        yield subject, Minutes(minute, spans, errors, percentile(durations, 0.95))
