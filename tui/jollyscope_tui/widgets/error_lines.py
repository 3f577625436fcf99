"""The Error tab: what went wrong, and the stack trace with one's own files set off."""

from __future__ import annotations

import re
from collections.abc import Iterator

from jollyscope.model.records import SpanRecord
from jollyscope.model.steps import error_text
from jollyscope.query.filter import term
from jollyscope_tui.widgets.cells import Paint, clean
from jollyscope_tui.widgets.code_lines import code_paint
from jollyscope_tui.widgets.document import Document, Folds, Line, note
from jollyscope_tui.widgets.text_lines import long_lines, plain_lines

__all__ = ["error", "stack_lines"]

_FRAME = re.compile(r'^(\s*(?:\|\s*)?File ")([^"]+)(", line )(\d+)(?:(, in )(.+))?$')
_OTHER_FRAME = re.compile(r"^\s+at .+[(/@].+:\d+\)?")
"""JavaScript's, Java's and .NET's."""
_FOREIGN = re.compile(
    r"site-packages|dist-packages|node_modules|[/\\]lib[/\\]python\d|[/\\]Python\d+[/\\]|^<frozen|^node:"
    r"|\(node:|internal/|\bjava\.|\bjdk\.|\bsun\.|\bSystem\.|\.cargo[/\\]|[/\\]rustc[/\\]"
)
_RAISED = re.compile(r"^(?:\s*\|\s*)?(?:[\w.]*\.)?[A-Z]\w*(?:: .*)?$")
"""`httpx.ReadTimeout: took too long`"""


def error(span: SpanRecord, raw: bool = False) -> Document:
    """The tab: type, message, stack trace. `raw`: nothing is set off."""
    said = error_text(span)
    if said is None:
        return note("This span did not fail.")
    whole = f"{said}\n\n{span.stack_trace}" if span.stack_trace else said

    def lines(folds: Folds) -> Iterator[Line]:
        asked = term("error", span.error_type) if span.error_type else ""
        if span.error_type:
            yield Line(
                [("✖ ", "error"), (clean(span.error_type), "error")], "", asked, span.error_type
            )
        if not (span.error_type or span.error_message or span.stack_trace):
            yield Line([("✖ It failed; no type, message or stack trace was recorded.", "error")])
            return
        if span.error_message or not span.error_type:
            yield from long_lines(span.error_message or said, "message", folds, _message)
        if span.stack_trace:
            yield Line([("", "")])
            yield from (plain_lines if raw else stack_lines)(span.stack_trace)
        else:
            yield Line([("No stack trace was recorded.", "muted")])

    return Document(lines, lambda: whole)


def _message(text: str) -> Iterator[Line]:
    return plain_lines(text, "error")


def stack_lines(trace: str) -> Iterator[Line]:
    """A stack trace: frames of one's own files stand out, others are dim, code is coloured."""
    own = False
    for text in trace.split("\n"):
        frame = _FRAME.match(text)
        if frame:
            own = _FOREIGN.search(frame[2]) is None
            yield _frame(frame, own)
        elif _OTHER_FRAME.match(text):
            mine = _FOREIGN.search(text) is None
            yield Line([(clean(text), "strong" if mine else "muted")])
        elif _RAISED.match(text):
            yield Line([(clean(text), "error")])
        elif own and text.startswith("    "):
            yield Line(_code(text))
        else:
            yield Line([(clean(text), "muted")])


def _frame(frame: re.Match[str], own: bool) -> Line:
    name = frame[6] or ""
    if not own:
        return Line([(clean(frame[0]), "muted")], value=f"{frame[2]}:{frame[4]}")
    paint: Paint = [
        (clean(frame[1]), "muted"), (clean(frame[2]), "strong"), (frame[3], "muted"),
        (frame[4], "number"), (frame[5] or "", "muted"), (clean(name), "key"),
    ]  # fmt: skip
    return Line([("▌", "warning"), *paint], value=f"{frame[2]}:{frame[4]}")


def _code(text: str) -> Paint:
    if set(text.strip()) <= {"^", "~", " "}:
        return [(clean(text), "warning")]
    return next(code_paint(text, "python"), [("", "")])
