"""Langfuse's observations, traces and scores as records; `langfuse.py` says under which names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jollyscope.model.records import EventRecord, SpanRecord, State
from jollyscope.receive.importers.form import finish, ids
from jollyscope.receive.importers.values import (
    as_json,
    bounded,
    digest,
    hex_id,
    items,
    mapping,
    nanos,
    number,
    parsed,
    text,
)
from jollyscope.semconv import wire_attributes

__all__ = ["lone", "record_of", "scores_of"]

_OBSERVATION = "langfuse.observation."
_NAMES = {
    "model": "model.name",
    "modelParameters": "model.parameters",
    "usageDetails": "usage_details",
    "costDetails": "cost_details",
    "level": "level",
    "statusMessage": "status_message",
    "completionStartTime": "completion_start_time",
    "promptName": "prompt.name",
    "promptVersion": "prompt.version",
    "input": "input",
    "output": "output",
}
"""Field of an observation -> attribute below `langfuse.observation.`."""
_NEITHER = {"attributes", "resourceAttributes", "scope"}


def record_of(row: dict[str, Any], start: int | None, trace: dict[str, Any]) -> SpanRecord:
    """An observation; `trace` has the fields of its trace, as far as they are known."""
    metadata = mapping(parsed(row.get("metadata")))
    outer = mapping(parsed(trace.get("metadata")))
    attributes = dict(mapping(parsed(metadata.get("attributes"))))
    root = not text(row.get("parentObservationId"))
    attributes |= _own(row, metadata)
    if root:
        attributes |= _of_trace(trace, outer)
    for name, key in (("session.id", "sessionId"), ("user.id", "userId")):
        if text(trace.get(key)):
            attributes.setdefault(name, trace[key])
    record = _span(row, attributes)
    kind = str(row.get("type", "")).upper()
    end = nanos(row.get("endTime"))
    record.state = _state(row, kind, end)
    if row.get("level") == "ERROR":
        record.status = "error"
    scope = dict(mapping(metadata.get("scope") or outer.get("scope")))
    scope["status_message"] = text(row.get("statusMessage"))
    resource = metadata.get("resourceAttributes") or outer.get("resourceAttributes")
    return finish(
        record,
        attributes=attributes,
        resource=mapping(resource),
        scope=scope,
        start=start,
        end=end,
    )


def _span(row: dict[str, Any], attributes: dict[str, Any]) -> SpanRecord:
    trace, own, above = row["traceId"], row["id"], row.get("parentObservationId")
    known = hex_id(trace, 16), hex_id(own, 8)
    trace_id, span_id = ids(trace, own, known, attributes)
    parent = None
    # In old traces the trace itself stands above the first observations.
    if text(above) and above != trace:
        parent = hex_id(above, 8) or digest(8, "span", trace, above)
    return SpanRecord(
        trace_id=trace_id,
        span_id=span_id,
        parent_span_id=parent,
        name=text(row.get("name")) or "",
        start_time=0,
    )


def _state(row: dict[str, Any], kind: str, end: int | None) -> State:
    """Open, which readers see as interrupted, where it began and neither ended nor gave anything."""
    if end is not None or kind == "EVENT" or row.get("output") is not None:
        return "closed"
    return "open"


def _own(row: dict[str, Any], metadata: dict[str, Any]) -> dict[str, Any]:
    """An observation's fields as attributes. What is no text goes as JSON, as Langfuse's SDKs send it."""
    made: dict[str, Any] = {_OBSERVATION + "type": str(row.get("type", "span")).lower()}
    for key, name in _NAMES.items():
        value = row.get(key)
        if value is not None and value not in ("", {}, []):
            made[_OBSERVATION + name] = value if isinstance(value, int | float) else as_json(value)
    made |= _metadata(_OBSERVATION, metadata)
    for key in ("environment", "version", "release"):
        if text(row.get(key)):
            made[f"langfuse.{key}"] = row[key]
    return made


def _of_trace(trace: dict[str, Any], metadata: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for key in ("name", "input", "output"):
        # Exports of the page hold the input as JSON text of JSON text.
        value = parsed(trace.get(key))
        if value not in (None, "", {}, []):
            made[f"langfuse.trace.{key}"] = as_json(value)
    if items(trace.get("tags")):
        made["langfuse.trace.tags"] = trace["tags"]
    if trace.get("public") is True:
        made["langfuse.trace.public"] = True
    for key in ("environment", "version", "release"):
        if text(trace.get(key)):
            made[f"langfuse.{key}"] = trace[key]
    return made | _metadata("langfuse.trace.", metadata)


def _metadata(where: str, metadata: dict[str, Any]) -> dict[str, Any]:
    return {
        f"{where}metadata.{key}": value if isinstance(value, bool | int | float) else as_json(value)
        for key, value in metadata.items()
        if key not in _NEITHER and value is not None
    }


def lone(trace: dict[str, Any]) -> SpanRecord:
    """A trace without observations, as the one span that it is."""
    start = nanos(trace.get("timestamp")) or nanos(trace.get("createdAt")) or 0
    latency = number(trace.get("latency")) or 0
    row = {
        "id": digest(8, "trace", trace["id"]),
        "traceId": trace["id"],
        "name": trace.get("name"),
        "type": "SPAN",
        "endTime": None,
        "output": trace.get("output") or "",
    }
    record = record_of(row, start, trace)
    record.end_time = bounded(start + round(latency * 1e9)) if latency < 1e9 else record.end_time
    record.duration_ms = max(0, (record.end_time or 0) - record.start_time) / 1e6
    return record


def scores_of(trace: dict[str, Any]) -> Iterator[EventRecord]:
    """What evaluators said of a trace and its observations."""
    for score in map(mapping, items(trace.get("scores"))):
        name = text(score.get("name"))
        at = nanos(score.get("timestamp") or score.get("createdAt"))
        owner = score.get("traceId") or trace.get("id")
        if name is None or at is None or not text(owner):
            continue
        span = score.get("observationId")
        label = text(score.get("stringValue"))
        attributes = {
            "gen_ai.evaluation.name": name,
            "gen_ai.evaluation.score.value": number(score.get("value")),
            "gen_ai.evaluation.score.label": label,
            "gen_ai.evaluation.explanation": text(score.get("comment")),
            "langfuse.score.source": text(score.get("source")),
        }
        given = {key: value for key, value in attributes.items() if value is not None}
        yield EventRecord(
            record_id=digest(16, "score", owner, score.get("id"), name, at),
            time=bounded(at),
            name="gen_ai.evaluation.result",
            severity_number=9,
            trace_id=hex_id(owner, 16) or digest(16, "trace", owner),
            span_id=(hex_id(span, 8) or digest(8, "span", owner, span)) if text(span) else None,
            session_id=text(trace.get("sessionId")),
            attributes=wire_attributes(given, str),
        )
