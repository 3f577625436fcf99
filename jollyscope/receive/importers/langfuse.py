"""Langfuse exports: `{"trace": …, "observations": […]}`, traces with their observations inside (what its
API answers for one trace), lists and lines of either, and observations alone (API pages, blob exports).

What Langfuse read from OpenTelemetry stands in `metadata.attributes` and comes back under its own names;
beside it come Langfuse's own fields under the names that Langfuse documents for OpenTelemetry
(`langfuse.observation.*`, `langfuse.trace.*`, `session.id`, `user.id`;
https://langfuse.com/integrations/native/opentelemetry#property-mapping). Fields of the trace go to its
root observations. Scores become `gen_ai.evaluation.result` events.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jollyscope.model.records import Record, SpanRecord
from jollyscope.receive.importers.form import Fit, Format
from jollyscope.receive.importers.langfuse_rows import lone, record_of, scores_of
from jollyscope.receive.importers.scan import Piece
from jollyscope.receive.importers.values import (
    decoded,
    items,
    mapping,
    nanos,
    text,
)  # fmt: skip

__all__ = ["Langfuse"]

_TYPES = {
    *("SPAN", "GENERATION", "EVENT", "AGENT", "TOOL"),
    *("CHAIN", "RETRIEVER", "EVALUATOR", "EMBEDDING", "GUARDRAIL"),
}


def _is_observation(value: Any) -> bool:
    found = _camel(mapping(value))
    known = str(found.get("type", "")).upper() in _TYPES
    return known and "traceId" in found and "startTime" in found


def _camel(row: dict[str, Any]) -> dict[str, Any]:
    """Blob exports write `trace_id` for `traceId`."""
    if "traceId" in row or "trace_id" not in row:
        return row
    made: dict[str, Any] = {}
    for key, value in row.items():
        first, *rest = key.split("_")
        made[first + "".join(word.capitalize() for word in rest)] = value
    return made


def _is_trace(value: Any) -> bool:
    found = mapping(value)
    inner = mapping(found.get("trace"))
    if isinstance(found.get("observations"), list):
        return bool(inner) or "id" in found or not found["observations"] or _first_is(found)
    return isinstance(inner.get("observations"), list)


def _first_is(found: dict[str, Any]) -> bool:
    return _is_observation(found["observations"][0])


class Langfuse(Format):
    """Traces and observations of Langfuse."""

    name = "langfuse"
    title = "Langfuse export"

    @classmethod
    def fits(cls, value: Any) -> Fit | None:
        if _is_observation(value) or _is_trace(value):
            return Fit()
        listed, place = items(value), "[]"
        if not listed:
            listed, place = items(mapping(value).get("data")), "data.[]"
        known = listed and (_is_observation(listed[0]) or _is_trace(listed[0]))
        return Fit((place,)) if known else None

    def take(self, piece: Piece) -> Iterator[Record]:
        found = mapping(decoded(piece))
        if _is_observation(found) or not _is_trace(found):
            yield from self._observation(piece, found, {})
            return
        trace = mapping(found.get("trace")) or found
        observations = items(found.get("observations"))
        # Some exports hold them twice, in the trace and beside it.
        for observation in observations or items(trace.get("observations")):
            yield from self._observation(piece, mapping(observation), trace)
        if not observations and not trace.get("observations") and text(trace.get("id")):
            yield lone(trace)
        yield from scores_of(trace)

    def _observation(
        self, piece: Piece, row: dict[str, Any], trace: dict[str, Any]
    ) -> Iterator[SpanRecord]:
        row = _camel(row)
        start = nanos(row.get("startTime"))
        missing = [key for key in ("id", "traceId") if not text(row.get(key))]
        if missing and text(row.get("id")) and text(trace.get("id")):
            row["traceId"], missing = trace["id"], []
        if start is None:
            missing.append("startTime")
        if missing:
            self.refuse(piece, f"an observation has no {missing[0]}")
        else:
            yield record_of(row, start, trace)

    def finer(self) -> Format | None:
        place = "" if self.fit.places == ("",) else f"{self.fit.places[0]}."
        observations = (f"{place}observations.[]", f"{place}trace.observations.[]")
        # In the first pass too: else the whole array would be taken as a field of the trace.
        return _Finer(Fit(observations, (*observations, f"{place}trace.*", f"{place}*")))


class _Finer(Langfuse):
    """Reads observation by observation where a trace is larger than what fits into memory.

    The first pass gathers the trace's own fields, which may stand behind its observations.
    """

    def __init__(self, fit: Fit) -> None:
        super().__init__(fit)
        self._traces: dict[tuple[Any, ...], dict[str, Any]] = {}
        self._beside: set[tuple[Any, ...]] = set()

    def look(self, piece: Piece) -> None:
        *place, key = piece.place
        if isinstance(key, int):
            if place[-2:-1] != ["trace"]:
                self._beside.add((piece.document, *place[:-1]))
            return
        base = place[:-1] if place[-1:] == ["trace"] else place
        self._traces.setdefault((piece.document, *base), {})[str(key)] = decoded(piece)

    def take(self, piece: Piece) -> Iterator[Record]:
        place = (piece.document, *piece.place[:-2])
        if place[-1] == "trace":
            place = place[:-1]
            if place in self._beside:
                return
        yield from self._observation(piece, mapping(decoded(piece)), self._traces.get(place, {}))

    def end(self) -> Iterator[Record]:
        for trace in self._traces.values():
            yield from scores_of(trace)

    def finer(self) -> Format | None:
        return None
