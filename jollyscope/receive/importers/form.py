"""What a file format is to the importer, and what all formats do alike to make a record."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, NamedTuple

from jollyscope.model.records import Record, SpanEvent, SpanRecord
from jollyscope.receive.importers.scan import Piece
from jollyscope.receive.importers.values import bounded, digest
from jollyscope.semconv import interpret, wire_attributes

__all__ = [
    "MADE_UP",
    "ORIGIN",
    "SPAN_ID",
    "TIMES",
    "TRACE_ID",
    "Fit",
    "Format",
    "Refusal",
    "event",
    "finish",
    "ids",
    "scope_of",
]

TIMES = "jollyscope.import.times"
"""Attribute: `made up` where the file has no times, so that these only keep the order."""
MADE_UP = "made up"
ORIGIN = 946_684_800 * 10**9
"""2000-01-01T00:00:00Z, where runs begin whose file names no time. Neither the clock nor the file's date:
importing twice must give the same records."""
TRACE_ID = "jollyscope.import.trace_id"
SPAN_ID = "jollyscope.import.span_id"
"""Attributes: the id as the file has it, where a record cannot hold it."""


class Fit(NamedTuple):
    """How a format reads a file of this shape: where its pieces are (see `scan`), which of them must be
    known before the others, and where they are in JSON lines.
    """

    places: tuple[str, ...] = ("",)
    ahead: tuple[str, ...] = ()
    lines: tuple[str, ...] | None = None


class Refusal(NamedTuple):
    """A span, or a few, that cannot become records; the rest of the piece did."""

    piece: Piece
    reason: str
    left_out: int


class Format:
    """Reads one file of a format; a new one each file."""

    name: ClassVar[str]
    """What `--format` calls it."""
    title: ClassVar[str]
    """What people call it."""

    def __init__(self, fit: Fit) -> None:
        self.fit = fit
        self.refusals: list[Refusal] = []

    @classmethod
    def fits(cls, value: Any) -> Fit | None:
        """How to read a file whose first document is `value` (cut off after some length), or None."""
        raise NotImplementedError

    def look(self, piece: Piece) -> None:
        """Hear of a piece from `Fit.ahead`, before any other. Raises `UnreadableError`."""

    def take(self, piece: Piece) -> Iterable[Record]:
        """The records of a piece. Raises `UnreadableError`."""
        raise NotImplementedError

    def end(self) -> Iterable[Record]:
        """What is left when the file was read."""
        return ()

    def finer(self) -> Format | None:
        """The same format reading smaller pieces, for a file whose pieces were too large."""
        return None

    def refuse(self, piece: Piece, reason: str, count: int = 1) -> None:
        """Count what cannot become a record."""
        self.refusals.append(Refusal(piece, reason, count))


def _same(text: str) -> str:
    return text


def finish(
    record: SpanRecord,
    *,
    attributes: dict[str, Any],
    resource: dict[str, Any] | None = None,
    scope: dict[str, Any] | None = None,
    start: int | None = None,
    end: int | None = None,
) -> SpanRecord:
    """The record with times and attributes in wire form, and with its meaning.

    `attributes`, `resource` and `scope` may hold any JSON; attributes without a value are left out. Times
    out of range go to its end, and an attribute keeps them.
    """
    for name, moment in (("start_time", start), ("end_time", end)):
        if moment is not None and moment != bounded(moment):
            attributes[f"jollyscope.import.{name}"] = str(moment)
    record.start_time = bounded(start)
    if record.state == "closed":
        record.end_time = bounded(start if end is None else end)
        record.duration_ms = max(0, record.end_time - record.start_time) / 1e6
    record.attributes = wire_attributes(
        {key: value for key, value in attributes.items() if value is not None}, _same
    )
    if resource is not None:
        record.resource = wire_attributes(dict(resource), _same)
        service = record.resource.get("service.name")
        record.service = service if isinstance(service, str) and service else None
    if scope is not None:
        given = {key: value for key, value in scope.items() if value not in (None, "", {}, [], 0)}
        record.scope = wire_attributes({**record.scope, **given}, _same)
    name = record.scope.get("name")
    return interpret(record, scope=name if isinstance(name, str) else "")


def event(name: str, moment: int | None, attributes: dict[str, Any]) -> SpanEvent:
    """A span's event; attributes may hold any JSON."""
    return SpanEvent(
        name=name,
        time=bounded(moment),
        attributes=wire_attributes(
            {key: value for key, value in attributes.items() if value is not None}, _same
        ),
    )


def ids(
    trace: Any, span: Any, known: tuple[str | None, str | None], attributes: dict[str, Any]
) -> tuple[str, str]:
    """Trace and span id; what is none is hashed and kept as an attribute.

    `known`: both as far as they are ids.
    """
    trace_id, span_id = known
    if trace_id is None:
        attributes[TRACE_ID] = trace
        trace_id = digest(16, "trace", trace)
    if span_id is None:
        attributes[SPAN_ID] = span
        span_id = digest(8, "span", trace, span)
    return trace_id, span_id


def scope_of(attributes: dict[str, Any], message: str | None) -> dict[str, Any]:
    """What exporters to other formats write into tags, taken out of them: the scope, the trace state;
    and the status message.
    """

    def taken(*names: str) -> Any:
        found = [attributes.pop(name, None) for name in names]
        return next((value for value in found if isinstance(value, str) and value), None)

    return {
        "name": taken("otel.scope.name", "otel.library.name"),
        "version": taken("otel.scope.version", "otel.library.version"),
        "trace_state": taken("w3c.tracestate"),
        "status_message": message,
    }
