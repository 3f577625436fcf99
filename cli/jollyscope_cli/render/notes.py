"""Labels and notes in a drawn trace: below its head, and below the rows of spans."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from jollyscope.store.state import Annotation
from jollyscope_cli.render.cells import clean
from jollyscope_cli.render.moments import moment
from jollyscope_cli.render.trace import Piece
from jollyscope_tui.widgets.cells import wrap

__all__ = ["LABEL", "NOTE", "below_head", "by_span", "lines", "listed"]

LABEL, NOTE = "⚑", "✎"


def below_head(annotations: Sequence[Annotation], width: int) -> Iterator[list[Piece]]:
    """What is on the trace as a whole."""
    for text in lines([one for one in annotations if one.span_id is None], width):
        yield [(text, "note")]


def by_span(annotations: Sequence[Annotation], width: int) -> Mapping[str, list[str]]:
    """What is on each span, as lines of at most `width` cells."""
    found: dict[str, list[Annotation]] = {}
    for one in annotations:
        if one.span_id is not None:
            found.setdefault(one.span_id, []).append(one)
    return {span_id: list(lines(those, width)) for span_id, those in found.items()}


def lines(annotations: Sequence[Annotation], width: int) -> Iterator[str]:
    """The labels in a line, then each note: who, when, and what, whole."""
    labels = sorted(one.text for one in annotations if one.kind == "label")
    if labels:
        yield from _hung(f"{LABEL} ", ", ".join(labels), width)
    for one in annotations:
        if one.kind == "note":
            who = " ".join(
                part for part in (one.author, f"{moment(one.time):%Y-%m-%d %H:%M}") if part
            )
            yield from _hung(f"{NOTE} ", f"{one.text} ({who})", width)


def listed(annotations: Sequence[Annotation], width: int) -> Iterator[list[Piece]]:
    """One after the other: on what, a note's id, and what it says."""
    for one in annotations:
        where = f"span {one.span_id}" if one.span_id else "trace"
        sign, key = (NOTE, f" {one.id}") if one.kind == "note" else (LABEL, "")
        front = f"{where}{key}  "
        for text in _hung(f"{sign} ", one.text, max(20, width - len(front))):
            yield [(front, "dim"), (text, "note")]
            front = " " * len(front)


def _hung(sign: str, text: str, width: int) -> Iterator[str]:
    for paragraph in text.splitlines():
        for line in wrap(clean(paragraph), max(8, width - 2)):
            yield sign + line
            sign = "  "
