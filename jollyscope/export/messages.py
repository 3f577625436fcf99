"""The chat messages of executions as rows: one a part of a message, in the order they were said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from jollyscope.export.forms import Traced
from jollyscope.model.messages import Part
from jollyscope.query.dialogue import Turn, turns

__all__ = ["message_rows"]


def message_rows(traces: Iterable[Traced]) -> Iterator[dict[str, Any]]:
    """Rows of the table `messages`, of traces that have what log records say of them."""
    for trace in traces:
        position = 0
        for turn in turns(trace.spans, trace.said):
            for part in turn.message.parts:
                yield _row(trace, turn, part, position)
                position += 1


def _row(trace: Traced, turn: Turn, part: Part, position: int) -> dict[str, Any]:
    return {
        "trace_id": trace.trace_id,
        "span_id": turn.span.span_id,
        "session_id": turn.span.session_id,
        "position": position,
        "time": turn.time,
        "role": turn.message.role,
        "kind": part.kind,
        "content": _content(part),
        "tool_name": part.name,
        "tool_call_id": part.id,
        "model": turn.span.model,
    }


def _content(part: Part) -> str | None:
    if part.kind == "tool_call":
        return _written(part.arguments)
    if part.kind == "tool_result":
        return _written(part.result) or part.text or None
    return part.text or part.uri or part.media_type


def _written(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode()
