"""Records as an OTLP/JSON file: one document, or lines as the collector's file exporter writes them
(https://opentelemetry.io/docs/specs/otel/protocol/file-exporter/).
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, BinaryIO

import msgspec

from jollyscope.errors import UsageError
from jollyscope.export.otlp_messages import parts
from jollyscope.model.records import EventRecord, MetricRecord, Record, SpanRecord

__all__ = ["to_otlp", "write_otlp"]

_NAMES: dict[type[Record], tuple[str, str, str]] = {
    SpanRecord: ("resourceSpans", "scopeSpans", "spans"),
    EventRecord: ("resourceLogs", "scopeLogs", "logRecords"),
    MetricRecord: ("resourceMetrics", "scopeMetrics", "metrics"),
}
_RECORDS, _BYTES = 1000, 4 << 20
"""Most that is gathered by resource and scope before it is written: records, and bytes."""

_encoder = msgspec.json.Encoder(order="deterministic")


def write_otlp(records: Iterable[Record], file: BinaryIO, *, lines: bool = False) -> int:
    """Write records as `TracesData`, `LogsData` or `MetricsData`; how many there were.

    Streams, in memory for a thousand records. As one document, records must be of one kind, or
    `UsageError` is raised; with `lines` each line is a document of one kind.
    """
    return _write_lines(records, file) if lines else _write_document(records, file)


def to_otlp(records: Iterable[Record]) -> dict[str, Any]:
    """The document as plain values. Records must be of one kind (`UsageError`)."""
    file = io.BytesIO()
    write_otlp(records, file)
    return msgspec.json.decode(file.getvalue())


def _write_document(records: Iterable[Record], file: BinaryIO) -> int:
    waiting = iter(records)
    first = next(waiting, None)
    kind: type[Record] = SpanRecord if first is None else type(first)
    all_of_them = waiting if first is None else chain((first,), waiting)
    count = 0
    file.write(b'{"%s":[' % _NAMES[kind][0].encode())
    for number, (written, chunk) in enumerate(_chunks(all_of_them)):
        if set(chunk) != {kind}:
            raise UsageError(
                "One OTLP document holds spans, logs or metrics, not several of them.",
                hint="Write JSON lines instead, or export one kind at a time.",
            )
        resources = msgspec.json.encode(chunk[kind].resources())
        file.write((b"," if number else b"") + resources[1:-1])
        count += written
    file.write(b"]}\n")
    return count


def _write_lines(records: Iterable[Record], file: BinaryIO) -> int:
    count = 0
    for written, chunk in _chunks(records):
        for gathered in chunk.values():
            file.write(gathered.document() + b"\n")
        count += written
    return count


class _Group:
    """A message and what lies in it; messages at the bottom are encoded already."""

    def __init__(self, message: dict[str, Any]) -> None:
        self.message = message
        self.groups: dict[bytes, _Group] = {}
        self.items: list[msgspec.Raw] = []

    def inner(self, message: dict[str, Any]) -> _Group:
        """The group in this one that `message` stands for."""
        return self.groups.setdefault(_encoder.encode(message), _Group(message))

    def under(self, name: str, items: list[Any]) -> dict[str, Any]:
        """The message with `items` as its member `name`."""
        return {**self.message, name: items}


class _Gathered:
    """Messages of one kind by resource, scope and metric."""

    def __init__(self, kind: type[Record]) -> None:
        self._name, self._inner, self._list = _NAMES[kind]
        self._top = _Group({})

    def add(self, record: Record) -> int:
        """Take a record; bytes it takes."""
        resource, scope, metric, message = parts(record)
        group = self._top.inner(resource).inner(scope)
        if metric is not None:
            group = group.inner(metric)
        encoded = msgspec.Raw(msgspec.json.encode(message))
        group.items.append(encoded)
        return len(bytes(encoded))

    def resources(self) -> list[dict[str, Any]]:
        """`ResourceSpans` and the like."""
        return [
            resource.under(self._inner, [self._scope(scope) for scope in resource.groups.values()])
            for resource in self._top.groups.values()
        ]

    def document(self) -> bytes:
        """All of it as one document."""
        return msgspec.json.encode({self._name: self.resources()})

    def _scope(self, scope: _Group) -> dict[str, Any]:
        metrics = [_metric(metric) for metric in scope.groups.values()]
        return scope.under(self._list, metrics or scope.items)


def _metric(group: _Group) -> dict[str, Any]:
    """A metric with its data points put where its own kind of data is."""
    metric = dict(group.message)
    kind = metric.pop("kind")
    data = metric.pop("data")
    return {**metric, kind: {**data, "dataPoints": group.items}}


def _chunks(records: Iterable[Record]) -> Iterator[tuple[int, dict[type[Record], _Gathered]]]:
    """Records gathered, a bounded number at a time."""
    chunk: dict[type[Record], _Gathered] = {}
    count = size = 0
    for record in records:
        kind = type(record)
        if kind not in chunk:
            chunk[kind] = _Gathered(kind)
        size += chunk[kind].add(record)
        count += 1
        if count >= _RECORDS or size >= _BYTES:
            yield count, chunk
            chunk, count, size = {}, 0, 0
    if chunk:
        yield count, chunk
