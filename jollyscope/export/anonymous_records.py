"""Traces with their users, sessions and names hidden, as `Guise` hides them in tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from jollyscope.export.anonymous import KINDS, TEXTS, Guise
from jollyscope.export.forms import Traced
from jollyscope.model.records import SpanRecord
from jollyscope.store.state import Annotation

__all__ = ["hidden"]

_JSON = ("attributes", "resource", "scope", "events", "links")
_TYPES: dict[str, Any] = {
    f.name: f.type for f in msgspec.structs.fields(SpanRecord) if f.name in _JSON
}


def hidden(traces: Iterable[Traced], guise: Guise) -> Iterator[Traced]:
    """The same traces. Labels stay, authors of labels and notes are words, notes are texts."""
    for trace in traces:
        yield trace._replace(
            spans=[_span(span, guise) for span in trace.spans],
            annotations=[_annotation(one, guise) for one in trace.annotations],
        )


def _span(span: SpanRecord, guise: Guise) -> SpanRecord:
    changed: dict[str, Any] = {}
    for name, kind in KINDS.items():
        value = getattr(span, name)
        if value is not None:
            changed[name] = guise.word(kind, value)
    for name in TEXTS & set(SpanRecord.__struct_fields__):
        value = getattr(span, name)
        if value is not None:
            changed[name] = guise.text(value)
    for name in _JSON:
        value = getattr(span, name)
        if value:
            text = msgspec.json.encode(value).decode()
            changed[name] = msgspec.json.decode(guise.text(text, json=True), type=_TYPES[name])
    return msgspec.structs.replace(span, **changed)


def _annotation(one: Annotation, guise: Guise) -> Annotation:
    return msgspec.structs.replace(
        one,
        author=guise.word("user", one.author) if one.author else "",
        text=guise.text(one.text) if one.kind == "note" else one.text,
    )
