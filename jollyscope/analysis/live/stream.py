"""One stream of span records in, windows and alerts out."""

from __future__ import annotations

from collections.abc import Iterable

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

    State: that of `Windows`, `Past` and `Calls`: 60 MB at 2,000 spans a second, bounded whatever comes. The
    same spans in any order that keeps within the watermark give the same windows, alerts and ids.
    Not thread-safe.
    """

    def __init__(self) -> None:
        self.windows = Windows()
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
            alerts += self._judge(minute, groups)
        return alerts

    def changed(self) -> list[Window]:
        """Every window that has changed since this was last asked."""
        return self.windows.changed()

    def _judge(self, minute: int, groups: Iterable[tuple[Key, Group]]) -> list[EventRecord]:
        alerts: list[EventRecord] = []
        for subject, held in _by_subject(groups).items():
            now = Minutes(
                minute,
                sum(group.spans for group in held),
                sum(group.errors for group in held),
                percentile(sorted(ms for group in held for ms in group.durations), 0.95),
            )
            scores = self.past.score(subject, now)
            alerts += [finding.record() for finding in minute_alerts(subject, now, scores)]
        return alerts


def _by_subject(groups: Iterable[tuple[Key, Group]]) -> dict[Subject, list[Group]]:
    """The groups of one minute, whoever the users are."""
    found: dict[Subject, list[Group]] = {}
    for key, group in groups:
        subject = Subject(key.service, key.step_type, key.tool_name, key.model)
        found.setdefault(subject, []).append(group)
    return found
