"""The Overview tab: what a span is, when it ran, what it cost, and what people said of it."""

from __future__ import annotations

from collections.abc import Iterator

from jollyscope.analysis.gaps import own_time
from jollyscope.model.format import cost, count, duration
from jollyscope.model.oddities import oddities
from jollyscope.model.records import SpanRecord
from jollyscope.model.steps import content, error_text, first_line
from jollyscope.model.tree import Node
from jollyscope.query.filter import term
from jollyscope.store.state import Annotation
from jollyscope_tui.when import date_and_clock
from jollyscope_tui.widgets.cells import Paint
from jollyscope_tui.widgets.context import Context
from jollyscope_tui.widgets.document import Document
from jollyscope_tui.widgets.fields import Field, fields_document
from jollyscope_tui.widgets.row_paint import style_of

__all__ = ["overview", "state_word"]


def overview(node: Node, span: SpanRecord, context: Context) -> Document:
    """The tab."""
    return fields_document([
        *_about_time(node, span, context), *_marks(node, context), *_about_work(node, span),
        *_notes(node, context), *_about_names(node, span),
    ])  # fmt: skip


def state_word(span: SpanRecord) -> str:
    """How it stands with a span, in a word."""
    if span.state == "open":
        return "running"
    if span.state == "interrupted":
        return "interrupted"
    return {"ok": "ok", "error": "error"}.get(span.status, "done")


def _about_time(node: Node, span: SpanRecord, context: Context) -> Iterator[Field]:
    end = context.now if span.state == "open" else node.end or span.start_time
    took = max(0, end - span.start_time)
    failed = error_text(span)
    status = span.status if span.state == "closed" else ""
    yield Field("status", [(failed or state_word(span), style_of(node))],
                term("status", status) if status else term("state", span.state), failed)  # fmt: skip
    shares = [duration(took / 1e6)]
    if node.parent is not None and node.parent.end is not None:
        shares += _share(took, node.parent.end - node.parent.start, "its parent's")
    whole = (context.now if context.tree.running else context.tree.end) - context.began
    shares += _share(took, whole, "the trace's") if node.parent is not None else []
    yield Field("time", [(" · ".join(shares), "text")])
    if node.children:
        own = own_time(node, context.now)
        share = "".join(f" · {text}" for text in _share(own, took, "it"))
        yield Field("own time", [(f"{duration(own / 1e6)}{share}, no child ran", "text")])
    yield Field("", _bar(node, span, end, context))
    after = duration((span.start_time - context.began) / 1e6)
    began = date_and_clock(span.start_time, context.tz, digits=6)
    yield Field("started", [(began, "text"), (f"  {after} into the trace", "muted")])
    if span.state != "open" and span.end_time is not None:
        last = "  last heard of" if span.state == "interrupted" else ""
        at = date_and_clock(span.end_time, context.tz, digits=6)
        yield Field("ended", [(at, "text"), (last, "warning")])


def _share(took: int, whole: int, of: str) -> list[str]:
    if whole <= 0:
        return []
    share = 100 * took / whole
    return [f"{'<1' if 0 < share < 0.5 else f'{share:.0f}'} % of {of}"]


def _bar(node: Node, span: SpanRecord, end: int, context: Context) -> Paint:
    """Where the span lies in its parent's time: `╌╌╌███╌╌  in its parent's 8.42s`."""
    parent = node.parent
    if parent is None or parent.start >= (until := parent.end or context.now):
        return []
    width = max(10, min(40, context.width - 36))
    whole = until - parent.start
    first = min(width - 1, max(0, int(width * (span.start_time - parent.start) / whole)))
    last = max(first + 1, min(width, round(width * (end - parent.start) / whole)))
    return [
        ("╌" * first, "muted"), ("█" * (last - first), style_of(node)), ("╌" * (width - last), "muted"),
        (f"  in its parent's {duration(whole / 1e6)}", "muted"),
    ]  # fmt: skip


def _marks(node: Node, context: Context) -> Iterator[Field]:
    found = [f"{odd.meaning} ({odd.word})" for odd in oddities(node)]
    found += ["its parent never arrived"] if node.parent and node.parent.missing else []
    yield Field("odd", [(", ".join(found), "warning")])
    for name, text, style in context.remarks:
        yield Field(name, [(text, style)])


def _about_work(node: Node, span: SpanRecord) -> Iterator[Field]:
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
    yield Field("step", [(span.step_type, style_of(node))], term("step", span.step_type))
    yield _named("tool", span.tool_name, "tool", span.tool_call_id)
    yield _named("model", span.model, "model")
    yield _named("provider", span.provider, "provider")
    yield Field("tokens", [(", ".join(tokens), "text")])
    yield Field("cost", [(cost(span.cost_usd), "text")])
    yield Field("process", [(", ".join(usage), "text")])
    yield Field("about", [(first_line(gist, 200) if gist else "", "string")], "", gist)


def _notes(node: Node, context: Context) -> Iterator[Field]:
    """Labels in one line, then a line a note; those on the whole trace say so."""
    for span_id, where in ((node.span_id, ""), (None, " of the trace")):
        here = [one for one in context.annotations if one.span_id == span_id]
        labels = [one.text for one in here if one.kind == "label"]
        asked = term("label", labels[0]) if labels else ""
        yield Field("labels" if labels else "", [(_joined(labels, where), "title")], asked)
        for one in here:
            if one.kind == "note":
                yield Field("note", [(one.text, "text"), (_by(one, where, context), "muted")])


def _joined(labels: list[str], where: str) -> str:
    return " ".join(f"#{label}" for label in labels) + where if labels else ""


def _by(one: Annotation, where: str, context: Context) -> str:
    return f"  {one.author}, {date_and_clock(one.time, context.tz)}{where}"


def _named(name: str, value: str | None, field: str, more: str | None = None) -> Field:
    if not value:
        return Field(name, [(more or "", "text")])
    shown: Paint = [(value, "text")]
    shown += [(f"  {more}", "muted")] if more else []
    return Field(name, shown, term(field, value), value)


def _about_names(node: Node, span: SpanRecord) -> Iterator[Field]:
    yield Field("name", [(span.name, "text")], term("name", span.name) if span.name else "")
    yield Field("kind", [(span.kind, "text")], term("kind", span.kind))
    yield Field("children", [(count(len(node.children)) if node.children else "", "text")])
    yield _named("service", span.service, "service")
    yield _named("session", span.session_id, "session")
    yield _named("user", span.user_id, "user")
    yield _named("span", span.span_id, "span")
    yield Field("parent", [(span.parent_span_id or "", "muted")])
    yield _named("trace", span.trace_id, "trace")
