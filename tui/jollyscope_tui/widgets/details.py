"""What the detail pane says about a span, tab by tab. No Textual."""

from __future__ import annotations

from datetime import tzinfo
from typing import NamedTuple

from jollyscope.model.format import cost, count, duration
from jollyscope.model.oddities import oddities
from jollyscope.model.records import SpanRecord
from jollyscope.model.steps import content, error_text, first_line, glyph
from jollyscope.model.tree import Node
from jollyscope.query.dialogue import Said
from jollyscope_tui.when import date_and_clock
from jollyscope_tui.widgets.cells import Paint, clean
from jollyscope_tui.widgets.dialogue import dialogue
from jollyscope_tui.widgets.pretty import Document, as_json, plain, pretty
from jollyscope_tui.widgets.row_paint import style_of

__all__ = ["TABS", "Context", "document", "heading"]

TABS = ("Overview", "Messages", "Input", "Output", "Attributes", "Events", "Error", "Raw")


class Context(NamedTuple):
    """What a tab needs besides the span: when the trace began, now, the time zone, and messages that
    came as log records.
    """

    began: int
    now: int
    tz: tzinfo | None
    said: Said


def heading(node: Node) -> Paint:
    """The span in a few words: `◆ think plan · error`."""
    if node.span is None:
        return [("? " + node.name, "warning")]
    said = " · error" if node.span.status == "error" else f" · {_state(node.span)}"
    return [(f"{glyph(node.span)} {first_line(node.name)}", style_of(node)), (said, "muted")]


def document(node: Node, tab: str, context: Context) -> Document:
    """The tab's content."""
    span = node.span
    if span is None:
        return plain(
            f"Spans name {node.span_id} as their parent, but it never arrived.\n"
            "It may still come, or its process died, or it was sampled away.",
            "warning",
        )
    match tab:
        case "Overview":
            return _overview(node, span, context)
        case "Messages":
            return dialogue(node, context.said)
        case "Input":
            return pretty(span.input) if span.input else _none("No input was recorded.")
        case "Output":
            return pretty(span.output) if span.output else _none("No output was recorded.")
        case "Attributes":
            return _attributes(span)
        case "Events":
            return _events(span, context)
        case "Error":
            return _error(span)
        case _:
            return as_json(span)


def _none(text: str) -> Document:
    return Document([[(text, "muted")]], "")


def _fields(fields: list[tuple[str, str, str]]) -> Document:
    """Key, value, style; those without a value are left out."""
    shown = [(key, clean(value), style) for key, value, style in fields if value and value != "-"]
    lines: list[Paint] = [[(f"{key:<10}", "key"), (value, style)] for key, value, style in shown]
    return Document(lines, "\n".join(f"{key:<10}{value}" for key, value, _ in shown))


def _overview(node: Node, span: SpanRecord, context: Context) -> Document:
    end = context.now if span.state == "open" else node.end or span.start_time
    took = max(0, end - span.start_time)
    tokens = [
        f"{count(number)} {name}"
        for number, name in (
            (span.input_tokens, "in"), (span.output_tokens, "out"),
            (span.cached_tokens, "cached"), (span.reasoning_tokens, "reasoning"),
        )
        if number is not None
    ]  # fmt: skip
    usage = [f"{span.cpu_percent:.0f} % CPU"] if span.cpu_percent is not None else []
    usage += [f"{span.memory_mb:,.0f} MB"] if span.memory_mb is not None else []
    gist = content(span)
    return _fields([
        ("status", error_text(span) or _state(span), style_of(node)),
        ("time", f"{duration(took / 1e6)}{_share(node, took)}", "text"),
        ("started", _started(span, context), "text"),
        ("ended", _ended(span, context), "text"),
        ("odd", ", ".join(_oddities(node)), "warning"),
        ("step", span.step_type, style_of(node)),
        ("tool", " ".join(part for part in (span.tool_name, span.tool_call_id) if part), "text"),
        ("model", " · ".join(part for part in (span.model, span.provider) if part), "text"),
        ("tokens", ", ".join(tokens), "text"),
        ("cost", cost(span.cost_usd), "text"),
        ("process", ", ".join(usage), "text"),
        ("about", first_line(gist, 200) if gist else "", "string"),
        ("name", span.name, "text"),
        ("kind", span.kind, "text"),
        ("children", count(len(node.children)) if node.children else "", "text"),
        ("service", span.service or "", "text"),
        ("session", span.session_id or "", "text"),
        ("user", span.user_id or "", "text"),
        ("span", span.span_id, "muted"),
        ("parent", span.parent_span_id or "", "muted"),
        ("trace", span.trace_id, "muted"),
    ])  # fmt: skip


def _state(span: SpanRecord) -> str:
    if span.state == "open":
        return "running"
    if span.state == "interrupted":
        return "interrupted"
    return "ok" if span.status == "ok" else "done"


def _share(node: Node, took: int) -> str:
    parent = node.parent
    if parent is None or parent.end is None or parent.end <= parent.start:
        return ""
    return f"  {100 * took / (parent.end - parent.start):.0f} % of its parent's"


def _started(span: SpanRecord, context: Context) -> str:
    after = duration((span.start_time - context.began) / 1e6) if span.start_time else ""
    return f"{date_and_clock(span.start_time, context.tz, digits=6)}  {after} into the trace"


def _ended(span: SpanRecord, context: Context) -> str:
    if span.state == "open" or span.end_time is None:
        return ""
    last = "  last heard of" if span.state == "interrupted" else ""
    return date_and_clock(span.end_time, context.tz, digits=6) + last


def _oddities(node: Node) -> list[str]:
    found = [f"{odd.meaning} ({odd.word})" for odd in oddities(node)]
    found += ["its parent never arrived"] if node.parent and node.parent.missing else []
    return found


def _attributes(span: SpanRecord) -> Document:
    parts = {"attributes": span.attributes, "resource": span.resource, "scope": span.scope}
    kept = {name: part for name, part in parts.items() if part}
    return as_json(kept) if kept else _none("No attributes.")


def _events(span: SpanRecord, context: Context) -> Document:
    if not span.events and not span.links:
        return _none("No events.")
    lines: list[Paint] = []
    texts: list[str] = []
    for event in span.events:
        at = duration((event.time - span.start_time) / 1e6)
        title = f"+{at}  {clean(event.name)}"
        body = as_json(event.attributes) if event.attributes else Document([], "")
        lines += [[(title, "strong")], *body.lines]
        texts += [title, body.text]
    for link in span.links:
        title = f"link to {link.trace_id} {link.span_id}"
        lines.append([(title, "key")])
        texts.append(title)
    return Document(lines, "\n".join(texts))


def _error(span: SpanRecord) -> Document:
    text = error_text(span)
    if text is None:
        return _none("This span did not fail.")
    trace = plain(span.stack_trace or "", "text")
    whole = f"{text}\n\n{span.stack_trace}" if span.stack_trace else text
    return Document([[(clean(line), "error")] for line in text[:8192].split("\n")]
                    + ([[("", "")], *trace.lines] if span.stack_trace else []), whole)  # fmt: skip
