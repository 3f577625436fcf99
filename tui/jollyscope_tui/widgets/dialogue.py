"""What the Messages tab says: the conversation of a model call, or of all calls below a span."""

from __future__ import annotations

from itertools import islice

from jollyscope.model.messages import Message
from jollyscope.model.tree import Node
from jollyscope.query.dialogue import Line, Said, lines_of, messages_of_span, turns
from jollyscope_tui.widgets.cells import Paint, clean
from jollyscope_tui.widgets.pretty import Document, plain, pretty

__all__ = ["dialogue"]

MOST_SPANS = 5_000
"""Spans below the chosen one that are looked into: 5,000 take about 50 ms."""

_ROLE = {"user": "user_input", "assistant": "think", "tool": "observe", "system": "muted"}
_LINE = {"text": "text", "reasoning": "muted", "call": "act", "result": "observe", "media": "muted"}


def dialogue(node: Node, said: Said) -> Document:
    """Of a span that carries messages: all of them, as the model saw them. Of any other span: what was
    said below it, each message once.
    """
    span = node.span
    if span is None:
        return Document([], "")
    own = messages_of_span(span, said)
    if own:
        return _document([*own.input, *own.output], "")
    below = list(islice(node.walk(), MOST_SPANS + 1))
    found = turns([n.span for n in below[:MOST_SPANS] if n.span is not None], said)
    if not found:
        return Document([[("Nothing that was said is recorded here.", "muted")]], "")
    note = f"… of the first {MOST_SPANS:,} spans below" if len(below) > MOST_SPANS else ""
    return _document([turn.message for turn in found], note)


def _document(messages: list[Message], note: str) -> Document:
    lines: list[Paint] = []
    texts: list[str] = []
    for message in messages:
        if lines:
            lines.append([("", "")])
            texts.append("")
        name = f" {clean(message.name)}" if message.name else ""
        end = f"  {clean(message.finish_reason)}" if message.finish_reason else ""
        lines.append(
            [(clean(message.role) + name, _ROLE.get(message.role, "strong")), (end, "muted")]
        )
        texts.append(message.role + name)
        for line in lines_of(message):
            body = _body(line)
            lines += body.lines
            texts.append(body.text)
    if note:
        lines.append([(note, "warning")])
    return Document(lines, "\n".join(texts))


def _body(line: Line) -> Document:
    """JSON that was said or returned is indented and coloured; all else is text in its colour."""
    style = _LINE[line.style]
    if line.style in ("text", "result") and line.text[:1] in ("{", "["):
        shown = pretty(line.text)
        head: list[Paint] = [[(clean(line.head), style)]] if line.head else []
        return Document(head + shown.lines, line.head + shown.text)
    return plain(line.head + line.text, style)
