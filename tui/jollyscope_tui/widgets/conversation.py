"""What the Messages tab shows: a conversation, message by message."""

from __future__ import annotations

from collections.abc import Iterator, Sized
from itertools import islice
from typing import NamedTuple

import msgspec
from rich.cells import cell_len

from jollyscope.model.messages import Message, Part
from jollyscope.model.tree import Node
from jollyscope.query.dialogue import Said, messages_of_span, turns
from jollyscope.query.filter import term
from jollyscope_tui.widgets.cells import Paint, clean, fit
from jollyscope_tui.widgets.document import Document, Folds, Line, indented, note
from jollyscope_tui.widgets.json_lines import json_lines, json_paint, written
from jollyscope_tui.widgets.text_lines import FOLD_LINES, as_json, long_lines, prose_lines

__all__ = ["Talk", "conversation", "gather", "is_heavy", "value_lines"]

MOST_SPANS = 5_000
"""Spans below the chosen one that are looked into: 5,000 take about 50 ms."""

_SIGN = {"user": "▸", "assistant": "◆", "tool": "○", "system": "■"}
_STYLE = {"user": "user_input", "assistant": "think", "tool": "observe", "system": "muted"}

REASONING_LINES, SYSTEM_LINES = 3, 8
"""Lines that stand of what is long and seldom asked for."""

GIST_CELLS = 56
"""Cells that a folded message has to say what it is about."""

SHORT_CALL = 60
"""Characters of arguments that stand on the call's own line."""


class Talk(NamedTuple):
    """Messages in order, and what is missing of them."""

    messages: list[Message]
    lack: str = ""


def is_heavy(node: Node) -> bool:
    """Whether `gather` may take more than a few milliseconds."""
    if node.span is not None and sum(map(_length, node.span.attributes.values())) > 50_000:
        return True
    return sum(1 for _ in islice(node.walk(), 21)) > 20


def _length(value: object) -> int:
    return len(value) if isinstance(value, Sized) else 1


def gather(node: Node, said: Said) -> Talk:
    """Of a span that carries messages: all of them, as the model saw them. Of any other span: what was
    said below it, each message once.
    """
    if node.span is not None:
        own = messages_of_span(node.span, said)
        if own:
            return Talk([*own.input, *own.output])
    below = list(islice(node.walk(), MOST_SPANS + 1))
    found = turns([n.span for n in below[:MOST_SPANS] if n.span is not None], said)
    lack = f"… of the first {MOST_SPANS:,} spans below" if len(below) > MOST_SPANS else ""
    return Talk([turn.message for turn in found], lack)


def conversation(talk: Talk, *, rendered: bool = True) -> Document:
    """The messages: who, by name and shape, and below that what they said, called and returned."""
    if not talk.messages:
        return note("Nothing that was said is recorded here.")

    def lines(folds: Folds) -> Iterator[Line]:
        for number, message in enumerate(talk.messages):
            if number:
                yield Line([("", "")])
            yield from _message(message, f"{number}", folds, rendered)
        if talk.lack:
            yield Line([(talk.lack, "warning")])

    return Document(lines, lambda: _as_markdown(talk.messages), ".md")


def _message(message: Message, key: str, folds: Folds, rendered: bool) -> Iterator[Line]:
    is_open = folds.is_open(key, default=True)
    role = clean(message.role)
    name = message.name or next((p.name for p in message.parts if p.kind == "tool_result"), None)
    head: Paint = [
        (f"{_SIGN.get(message.role, '◇')} {role}", _STYLE.get(message.role, "strong")),
        (f" {clean(name)}" if name else "", "strong"),
    ]
    if message.finish_reason:
        head.append((f"  {clean(message.finish_reason)}", "muted"))
    head.append((" ▾" if is_open else f" ▸ {_gist(message)}", "fold" if is_open else "muted"))
    asked = term("tool", name) if name and message.role == "tool" else ""
    yield Line(head, fold=key, term=asked, value=_part_texts(message))
    if is_open:
        for at, part in enumerate(message.parts):
            yield from _part(part, message.role, f"{key}.{at}", folds, rendered)


def _gist(message: Message) -> str:
    return fit(" ".join(_part_texts(message)[:300].split()), GIST_CELLS).rstrip()


def _part(part: Part, role: str, key: str, folds: Folds, rendered: bool) -> Iterator[Line]:
    match part.kind:
        case "text":
            most = SYSTEM_LINES if role == "system" else FOLD_LINES
            yield from indented(_text(part.text, key, folds, rendered, most), 2)
        case "reasoning":
            yield Line([("  ┊ thinks", "muted")])
            thought = long_lines(part.text, key, folds, most=REASONING_LINES, spare=1)
            for line in indented(thought, 4):
                dim = [(text, "fold" if style == "fold" else "muted") for text, style in line.paint]
                yield line._replace(paint=dim)
        case "tool_call":
            yield from _call(part, key, folds, rendered)
        case "tool_result":
            held = part.result if part.result is not None else part.text
            yield from indented(value_lines(held, key, folds, rendered=rendered), 2)
        case _:
            told = " ".join(t for t in (part.text or part.media_type, part.uri) if t)
            yield Line([(f"  [{clean(told) or part.kind}]", "muted")], value=part.uri or told)


def _text(text: str, key: str, folds: Folds, rendered: bool, most: int) -> Iterator[Line]:
    value = as_json(text) if rendered else None
    if value is not None:
        return json_lines(value, key, folds)
    if rendered:
        return prose_lines(text, key, folds, most=most)
    return long_lines(text, key, folds, most=most)


def value_lines(value: object, key: str, folds: Folds, *, rendered: bool = True) -> Iterator[Line]:
    """What a tool was given or returned, or a span: JSON, Markdown or text, by what it is."""
    if isinstance(value, str):
        return _text(value, key, folds, rendered, FOLD_LINES)
    if value is None:
        return iter(())
    if rendered:
        return json_lines(value, key, folds)
    return long_lines(written(value), key, folds)


def _call(part: Part, key: str, folds: Folds, rendered: bool) -> Iterator[Line]:
    name = part.name or "a tool"
    head: Paint = [("  ● calls ", "act"), (clean(name), "strong")]
    short = "" if part.arguments is None else _on_one_line(part.arguments)
    asked = term("tool", part.name) if part.name else ""
    call_id: Paint = [(f"  {clean(part.id)}", "muted")] if part.id else []
    if cell_len(short) <= SHORT_CALL:
        shown = [*head, (" ", ""), *json_paint(short), *call_id]
        yield Line(shown, term=asked, value=part.arguments, indent=6)
        return
    yield Line([*head, *call_id], term=asked, value=part.arguments)
    yield from indented(value_lines(part.arguments, key, folds, rendered=rendered), 4)


def _on_one_line(value: object) -> str:
    """A short value as JSON; one that is long, or of several lines, as more than fits."""
    text = value if isinstance(value, str) else _json_text(value)
    return text if "\n" not in text and "\\n" not in text else " " * (SHORT_CALL + 1)


def _json_text(value: object) -> str:
    """A value as JSON on one line."""
    return msgspec.json.encode(value).decode()


def _part_texts(message: Message) -> str:
    return "\n\n".join(filter(None, map(_part_text, message.parts)))


def _part_text(part: Part) -> str:
    match part.kind:
        case "text":
            return part.text
        case "reasoning":
            return "> " + part.text.replace("\n", "\n> ")
        case "tool_call":
            arguments = "" if part.arguments is None else written(part.arguments)
            return f"Calls {part.name or 'a tool'}:\n\n```json\n{arguments}\n```"
        case "tool_result":
            return written(part.result) if part.result is not None else part.text
        case _:
            told = part.text or part.media_type or part.kind
            return f"![{told}]({part.uri or ''})"


def _as_markdown(messages: list[Message]) -> str:
    """The whole conversation, to copy, to page or to edit."""
    return "\n\n".join(
        f"## {message.role}{f' {message.name}' if message.name else ''}\n\n{_part_texts(message)}"
        for message in messages
    )
