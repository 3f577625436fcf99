"""Which tabs there are, and what each says of a span. No Textual."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from jollyscope.analysis.following import state_of
from jollyscope.model.records import SpanRecord
from jollyscope.model.steps import first_line, glyph
from jollyscope.model.tree import Node
from jollyscope_tui.widgets.attribute_lines import attributes
from jollyscope_tui.widgets.cells import Paint
from jollyscope_tui.widgets.context import Context
from jollyscope_tui.widgets.conversation import Talk, conversation, value_lines
from jollyscope_tui.widgets.document import Document, Folds, Line, note
from jollyscope_tui.widgets.error_lines import error
from jollyscope_tui.widgets.event_lines import events
from jollyscope_tui.widgets.flow_lines import flow_document
from jollyscope_tui.widgets.json_lines import json_lines, written
from jollyscope_tui.widgets.overview import overview, state_word
from jollyscope_tui.widgets.resource_lines import resources
from jollyscope_tui.widgets.row_paint import style_of
from jollyscope_tui.widgets.text_lines import as_json, plain_lines

__all__ = ["TABS", "document", "heading"]

TABS = (
    "Overview", "Messages", "Input", "Output", "Attributes", "Events", "Error", "Resources", "Flow",
    "Raw",
)  # fmt: skip


def heading(node: Node) -> Paint:
    """The span in a few words: `◆ think plan · error`."""
    if node.span is None:
        return [("? " + node.name, "warning")]
    said = f" · {state_word(node.span)}"
    return [(f"{glyph(node.span)} {first_line(node.name)}", style_of(node)), (said, "muted")]


def document(node: Node, tab: str, context: Context) -> Document:
    """The tab's content."""
    span = node.span
    if tab == "Flow":
        return flow_document(state_of(context.tree, span) if span is not None else None, context)
    if tab == "Messages":
        return _messages(node, context)
    if span is None:
        return note(
            f"Spans name {node.span_id} as their parent, but it never arrived.\n"
            "It may still come, or its process died, or it was sampled away.",
            "warning",
        )
    return _TABS[tab](node, span, context)


def _messages(node: Node, context: Context) -> Document:
    if context.trouble:
        return note(context.trouble, "error")
    if not isinstance(context.read, Talk):
        return note("Gathering what was said …")
    return conversation(context.read, rendered=context.rendered)


def _text(text: str | None, lack: str, context: Context) -> Document:
    """An input or an output: JSON, Markdown or plain text, by what it is."""
    if not text:
        return note(lack)
    suffix = ".json" if as_json(text) is not None else ".md"

    def lines(folds: Folds) -> Iterator[Line]:
        return value_lines(text, "text", folds, rendered=context.rendered)

    return Document(lines, lambda: text, suffix)


def _raw(span: SpanRecord, context: Context) -> Document:
    record: Any = msgspec.to_builtins(span)

    def lines(folds: Folds) -> Iterator[Line]:
        if context.rendered:
            return json_lines(record, "raw", folds)
        return plain_lines(written(record))

    return Document(lines, lambda: written(record), ".json")


_TABS: dict[str, Callable[[Node, SpanRecord, Context], Document]] = {
    "Overview": overview,
    "Input": lambda _node, span, c: _text(span.input, "No input was recorded.", c),
    "Output": lambda _node, span, c: _text(span.output, "No output was recorded.", c),
    "Attributes": lambda _node, span, c: attributes(span, c.narrow),
    "Events": lambda _node, span, _c: events(span),
    "Error": lambda _node, span, c: error(span, raw=not c.rendered),
    "Resources": lambda _node, span, c: resources(span, c),
    "Raw": lambda _node, span, c: _raw(span, c),
}
