"""Importing trace files into a sink: the whole of it, for the command and for programs.

Nothing is deleted and nothing doubled: every record's id is the file's or made from its content, and
readers of a store see one of equal ids. So an import may be interrupted and done again.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Protocol

import msgspec

from jollyscope.model.records import EventRecord, MetricRecord, Record, SpanRecord
from jollyscope.model.wire import problem
from jollyscope.receive.importers.detect import NAMES, Found, detect
from jollyscope.receive.importers.reading import Bad, read
from jollyscope.receive.importers.source import Source, found, replayable
from jollyscope.receive.importers.trouble import UnreadableError
from jollyscope.receive.sink import OverloadedError, Sink

__all__ = ["NAMES", "FileReport", "Importer", "Summary", "Watcher"]

MOST_TRACES = 1_000_000
"""Traces that are counted one by one; 70 MB of ids."""
_IN_FLIGHT = 4
_SENT = 1000
_TRIES = 10
_TOLD = 3


class FileReport(msgspec.Struct, kw_only=True):
    """What became of one file."""

    file: str
    format: str | None = None
    title: str | None = None
    spans: int = 0
    metrics: int = 0
    events: int = 0
    traces: int = 0
    skipped: int = 0
    """Spans, lines or whole files that could not be read."""
    problems: list[str] = []
    """The first few, each with its place."""
    failed: bool = False
    """The file, or a part of it, was to be read and could not be."""
    note: str | None = None
    """Why a file that no one named was passed over."""


class Summary(msgspec.Struct, kw_only=True):
    """What became of all of them."""

    files: int = 0
    """Files that something was read from."""
    spans: int = 0
    metrics: int = 0
    events: int = 0
    traces: int = 0
    skipped: int = 0
    failed: int = 0
    """Files that could not be read, or not all of them."""
    passed_over: int = 0
    """Files in folders that are no trace files."""
    trace_id: str | None = None
    """Of the only trace; null where there are more or none."""
    reports: list[FileReport] = []


class Watcher(Protocol):
    """Hears how it goes."""

    def began(self, source: Source) -> None:
        """A file is opened."""

    def seen(self, count: int) -> None:
        """So many bytes of it have been read."""

    def done(self, report: FileReport) -> None:
        """It is read, or it failed."""


class Importer:
    """Reads files into `sink`; without one it only counts.

    `wanted` names the format, else every file's content tells. `service` and `session` overwrite what the
    files say. `make_room` is called when the sink is at its bound.
    """

    def __init__(
        self,
        sink: Sink | None,
        *,
        wanted: str | None = None,
        service: str | None = None,
        session: str | None = None,
        watcher: Watcher | None = None,
        make_room: Callable[[], object] | None = None,
    ) -> None:
        self.summary = Summary()
        self._sender = _Sender(sink, make_room)
        self._wanted = wanted
        self._service = service
        self._session = session
        self._watcher = watcher
        self._traces: set[int] = set()

    def run(self, paths: Iterable[str]) -> Summary:
        """Import files, folders and `-`, which is standard input. Raises `SinkDownError` when the records
        cannot be stored; a file that cannot be read is in the summary.
        """
        for path in paths:
            try:
                with replayable(path) as source:
                    if source is not None:
                        self._file(source, named=True)
                        continue
                    named = not Path(path).is_dir()
                    for each in found(path):
                        self._file(each, named=named)
            except OSError as error:
                self._add(_unopened(path, error))
        self._sender.flush()
        return self.summary

    def _file(self, source: Source, *, named: bool) -> None:
        if self._watcher is not None:
            self._watcher.began(source)
        report = FileReport(file=source.name)
        try:
            with source.open() as stream:
                known = detect(stream, self._wanted)
            if known is None:
                report.note = "it is no trace file that is known here"
            else:
                report.format, report.title = known.name, known.title
                self._records(source, known, report)
        except UnreadableError as error:
            if report.format is None and not named:
                report.note = error.reason
            else:
                self._bad(report, Bad(error))
        except OSError as error:
            self._bad(report, Bad(UnreadableError(f"it cannot be read: {error.strerror}")))
        if report.note is not None and named:
            self._bad(report, Bad(UnreadableError(report.note)))
            report.note = None
        self._add(report)

    def _records(self, source: Source, known: Found, report: FileReport) -> None:
        traces: set[int] = set()

        def tell(bad: Bad) -> None:
            self._bad(report, bad)

        seen = self._watcher.seen if self._watcher is not None else None
        try:
            for batch in read(source, known, tell, seen):
                if not batch:
                    report.spans = report.metrics = report.events = report.skipped = 0
                    report.problems, report.failed = [], False
                    continue
                for start in range(0, len(batch), _SENT):
                    part = batch[start : start + _SENT]
                    self._sender.send(list(self._fitting(part, report, traces)))
        finally:
            report.traces = len(traces)

    def _fitting(
        self, batch: Sequence[Record], report: FileReport, traces: set[int]
    ) -> Iterator[Record]:
        for record in batch:
            reason = problem(record)
            if reason is not None:
                self._bad(report, Bad(UnreadableError(reason)))
                continue
            self._count(record, report, traces)
            yield self._overwritten(record)

    def _count(self, record: Record, report: FileReport, traces: set[int]) -> None:
        if isinstance(record, SpanRecord):
            report.spans += 1
            self.summary.trace_id = record.trace_id
            if len(self._traces) < MOST_TRACES:
                number = int(record.trace_id, 16)
                self._traces.add(number)
                traces.add(number)
        elif isinstance(record, MetricRecord):
            report.metrics += 1
        else:
            report.events += 1

    def _overwritten(self, record: Record) -> Record:
        # Records of one file may share these objects: changed copies, never they themselves.
        if self._service is not None:
            record.service = self._service
            record.resource = {**record.resource, "service.name": self._service}
        if self._session is not None:
            record.session_id = self._session
            if not isinstance(record, EventRecord | MetricRecord):
                record.attributes = {**record.attributes, "session.id": self._session}
        return record

    @staticmethod
    def _bad(report: FileReport, bad: Bad) -> None:
        report.failed = True
        report.skipped += bad.left_out
        if len(report.problems) < _TOLD:
            report.problems.append(bad.error.message.rstrip("."))

    def _add(self, report: FileReport) -> None:
        total = self.summary
        for field in ("spans", "metrics", "events", "skipped"):
            setattr(total, field, getattr(total, field) + getattr(report, field))
        total.files += report.spans + report.metrics + report.events > 0
        total.failed += report.failed
        total.passed_over += report.note is not None
        total.traces = len(self._traces)
        total.reports.append(report)
        if total.traces != 1:
            total.trace_id = None
        if self._watcher is not None:
            self._watcher.done(report)


def _unopened(path: str, error: OSError) -> FileReport:
    reason = f"it cannot be opened: {error.strerror or error}"
    return FileReport(file=path, skipped=1, problems=[reason], failed=True)


class _Sender:
    """A few batches on their way to the sink at a time, each kept until it is safe."""

    def __init__(self, sink: Sink | None, make_room: Callable[[], object] | None) -> None:
        self._sink = sink
        self._make_room = make_room
        self._way: deque[tuple[Future[None], Sequence[Record]]] = deque()

    def send(self, batch: Sequence[Record]) -> None:
        if self._sink is None or not batch:
            return
        self._way.append((self._submitted(self._sink, batch), batch))
        while len(self._way) > _IN_FLIGHT:
            self._settle()

    def flush(self) -> None:
        while self._way:
            self._settle()

    def _settle(self) -> None:
        future, batch = self._way.popleft()
        for _ in range(_TRIES):
            try:
                return future.result()
            except OverloadedError as error:
                assert self._sink is not None
                self._room(error)
                future = self._submitted(self._sink, batch)
        return future.result()

    def _submitted(self, sink: Sink, batch: Sequence[Record]) -> Future[None]:
        for _ in range(_TRIES):
            try:
                return sink.submit(batch)
            except OverloadedError as error:
                if self._way:
                    self._settle()
                else:
                    self._room(error)
        return sink.submit(batch)

    def _room(self, error: OverloadedError) -> None:
        if self._make_room is not None:
            self._make_room()
        else:
            time.sleep(error.retry_after)
