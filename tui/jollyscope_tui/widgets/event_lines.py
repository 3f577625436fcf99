"""The Events tab: what happened within a span and when, and what it links to."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from jollyscope.model.format import duration
from jollyscope.model.records import SpanEvent, SpanLink, SpanRecord
from jollyscope.query.filter import term
from jollyscope_tui.widgets.attribute_lines import attribute_lines
from jollyscope_tui.widgets.cells import clean
from jollyscope_tui.widgets.document import Document, Folds, Line, indented, note
from jollyscope_tui.widgets.fields import as_text

__all__ = ["events"]


def events(span: SpanRecord) -> Document:
    """The tab: events in the order of time, then links."""
    if not span.events and not span.links:
        return note("No events and no links.")

    def lines(folds: Folds) -> Iterator[Line]:
        dated = sorted(enumerate(span.events), key=lambda pair: (pair[1].time, pair[0]))
        for number, event in dated:
            yield from _event(event, span, f"e{number}", folds)
        for number, link in enumerate(span.links):
            yield from _link(link, f"l{number}", folds)

    def whole() -> str:
        folds = Folds()
        folds.set_all(True)
        return as_text(lines(folds))

    return Document(lines, whole)


def _event(event: SpanEvent, span: SpanRecord, key: str, folds: Folds) -> Iterator[Line]:
    offset = event.time - span.start_time
    at = f"{'-' if offset < 0 else '+'}{duration(abs(offset) / 1e6)}"
    style = "error" if event.name == "exception" else "strong"
    yield Line(
        [(f"{at:>8}  ", "muted"), (clean(event.name) or "event", style)],
        value=msgspec.to_builtins(event),
    )
    yield from indented(attribute_lines(dict(sorted(event.attributes.items())), key, folds), 10)
    if event.dropped_attributes:
        lost = f"{event.dropped_attributes} more were dropped where it was recorded"
        yield Line([(" " * 10 + lost, "warning")])


def _link(link: SpanLink, key: str, folds: Folds) -> Iterator[Line]:
    yield Line(
        [
            ("  link →  ", "muted"),
            (clean(link.trace_id), "link"),
            (f" {clean(link.span_id)}", "muted"),
        ],
        term=term("trace", link.trace_id) if link.trace_id else "",
        value=link.trace_id,
    )
    yield from indented(attribute_lines(dict(sorted(link.attributes.items())), key, folds), 10)
