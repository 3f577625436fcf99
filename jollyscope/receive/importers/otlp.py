"""OTLP in files: JSON documents and lines as the collector's file exporter writes them, and the forms in
which Tempo and Jaeger's newest API hand OTLP out.

Messages: opentelemetry-proto 1.x; the file exporter: one `TracesData`, `LogsData` or `MetricsData` a line.
Tempo: `{"batches": […]}` or `{"trace": {"resourceSpans": […]}}`, ids in base64, enums by name, scopes
also under their name before OTLP 0.16. Jaeger's `/api/v3/traces`: `{"result": {"resourceSpans": […]}}`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from jollyscope.model.records import Record
from jollyscope.receive.importers.form import Fit, Format
from jollyscope.receive.importers.scan import Piece
from jollyscope.receive.importers.values import decoded, items, mapping
from jollyscope.receive.otlp.decode import Decoded, MalformedError, Signal, decode_json

__all__ = ["Jaeger3", "Otlp", "Tempo"]

_SIGNALS: dict[str, tuple[Signal, str]] = {
    "resourceSpans": ("traces", "resourceSpans"),
    "resource_spans": ("traces", "resourceSpans"),
    "batches": ("traces", "resourceSpans"),
    "resourceLogs": ("logs", "resourceLogs"),
    "resource_logs": ("logs", "resourceLogs"),
    "resourceMetrics": ("metrics", "resourceMetrics"),
    "resource_metrics": ("metrics", "resourceMetrics"),
}
_OTLP = tuple(name for name in _SIGNALS if name != "batches")
_OLD = b'"instrumentationLibrary'


def _holds(value: Any, names: Iterable[str]) -> bool:
    found = mapping(value)
    return any(isinstance(found.get(name), list) for name in names)


def _fit(prefix: str, names: Iterable[str]) -> Fit:
    return Fit(tuple(f"{prefix}{name}.[]" for name in names), lines=None if prefix else ("",))


class Otlp(Format):
    """OTLP/JSON."""

    name = "otlp"
    title = "OTLP JSON"

    @classmethod
    def fits(cls, value: Any) -> Fit | None:
        if _holds(value, _OTLP):
            return _fit("", _OTLP)
        listed = items(value)
        return _fit("[].", _OTLP) if listed and _holds(listed[0], _OTLP) else None

    def take(self, piece: Piece) -> Iterator[Record]:
        if not piece.place:
            here = [name for name in _SIGNALS if b'"%s"' % name.encode() in piece.raw]
            if not here and decoded(piece) != {}:
                raise piece.unreadable("there are no spans, logs or metrics in it")
            for name in here:
                yield from self._taken(piece, _SIGNALS[name][0], piece.raw)
            return
        key = next(part for part in reversed(piece.place) if isinstance(part, str))
        signal, name = _SIGNALS[key]
        raw = _renamed(piece) if _OLD in piece.raw else piece.raw
        yield from self._taken(piece, signal, b'{"%s":[%s]}' % (name.encode(), raw))

    def _taken(self, piece: Piece, signal: Signal, body: bytes) -> list[Record]:
        try:
            found: Decoded = decode_json(signal, body)
        except MalformedError as error:
            raise piece.unreadable(error.message.rstrip(".")) from None
        if found.rejected:
            self.refuse(piece, found.message.rstrip("."), found.rejected)
        return found.records

    def finer(self) -> Format | None:
        places = [p for p in self.fit.places if not p.endswith("batches.[]")]
        return _Finer.of(places, self) if not self.fit.ahead else None


class Tempo(Otlp):
    """Grafana Tempo's answers."""

    name = "tempo"
    title = "Tempo JSON"

    @classmethod
    def fits(cls, value: Any) -> Fit | None:
        if _holds(value, ("batches",)):
            return Fit(("batches.[]",))
        if _holds(mapping(value).get("trace"), ("batches", "resourceSpans")):
            return Fit(("trace.batches.[]", "trace.resourceSpans.[]"))
        return None


class Jaeger3(Otlp):
    """Jaeger's API from version 3 on, which answers in OTLP."""

    name = "jaeger"
    title = "Jaeger JSON (OTLP)"

    @classmethod
    def fits(cls, value: Any) -> Fit | None:
        return _fit("result.", _OTLP) if _holds(mapping(value).get("result"), _OTLP) else None


def _renamed(piece: Piece) -> bytes:
    """`resourceSpans` of before OTLP 0.16, in the words of today."""
    group = mapping(decoded(piece))
    groups = group.pop("instrumentationLibrarySpans", None)
    if groups is not None:
        group["scopeSpans"] = groups
    for scope in items(group.get("scopeSpans")):
        if isinstance(scope, dict) and "instrumentationLibrary" in scope:
            scope["scope"] = scope.pop("instrumentationLibrary")  # pyright: ignore[reportUnknownMemberType]
    return msgspec.json.encode(group)


class _Finer(Otlp):
    """Reads span by span where one resource has more spans than fit into memory.

    The first pass over the file gathers resources and scopes, which may stand behind their spans.
    """

    BATCH = 500

    @classmethod
    def of(cls, places: list[str], other: Otlp) -> Format:
        """A reader of the same file."""
        wanted: list[str] = []
        ahead: list[str] = []
        for place in places:
            scopes, leaves = _leaves(place)
            wanted.append(f"{place}.{scopes}.[].{leaves}.[]")
            ahead += [f"{place}.resource", f"{place}.schemaUrl"]
            ahead += [f"{place}.{scopes}.[].scope", f"{place}.{scopes}.[].schemaUrl"]
        made = cls(Fit(tuple(wanted), tuple(ahead)))
        made.name, made.title = other.name, other.title  # pyright: ignore[reportAttributeAccessIssue]
        return made

    def __init__(self, fit: Fit) -> None:
        super().__init__(fit)
        self._heads: dict[tuple[Any, ...], dict[str, bytes]] = {}
        self._waiting: list[Piece] = []
        self._bytes = 0

    def look(self, piece: Piece) -> None:
        *place, key = piece.place
        self._heads.setdefault((piece.document, *place), {})[str(key)] = piece.raw

    def take(self, piece: Piece) -> Iterator[Record]:
        waiting = self._waiting
        full = len(waiting) >= self.BATCH or self._bytes > 8 << 20
        if waiting and (full or _group(waiting[0]) != _group(piece)):
            yield from self.end()
        self._waiting.append(piece)
        self._bytes += len(piece.raw)

    def end(self) -> Iterator[Record]:
        waiting, self._waiting, self._bytes = self._waiting, [], 0
        if not waiting:
            return
        first = waiting[0]
        *resource, scopes, _, leaves, _ = first.place
        group = {b"resource": b"{}", b"schemaUrl": b'""'} | self._head(first.document, *resource)
        scope = {b"scope": b"{}", b"schemaUrl": b'""'} | self._head(*_group(first))
        scope[str(leaves).encode()] = b"[" + b",".join(piece.raw for piece in waiting) + b"]"
        group[str(scopes).encode()] = b"[" + _object(scope) + b"]"
        signal, name = _SIGNALS[str(resource[-2])]
        yield from self._taken(first, signal, b'{"%s":[%s]}' % (name.encode(), _object(group)))

    def _head(self, *place: Any) -> dict[bytes, bytes]:
        return {key.encode(): raw for key, raw in self._heads.get(place, {}).items()}


def _group(piece: Piece) -> tuple[Any, ...]:
    return (piece.document, *piece.place[:-2])


def _object(members: dict[bytes, bytes]) -> bytes:
    return b"{" + b",".join(b'"%s":%s' % member for member in members.items()) + b"}"


def _leaves(place: str) -> tuple[str, str]:
    if "ogs" in place:
        return "scopeLogs", "logRecords"
    return ("scopeMetrics", "metrics") if "etrics" in place else ("scopeSpans", "spans")
