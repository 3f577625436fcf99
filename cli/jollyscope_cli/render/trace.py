"""A trace drawn as a tree with a waterfall beside it, one line a span."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from jollyscope.model import format as fmt
from jollyscope.model.tree import Node, TraceTree
from jollyscope.model.waterfall import Window, axis
from jollyscope.query.outline import OutlineRow
from jollyscope_cli.render.branches import Branches
from jollyscope_cli.render.cells import fit, wide

__all__ = ["Piece", "Plan", "lines", "plan"]

Piece = tuple[str, str]
"""Text and the name of its style (`show.STYLES`)."""

TIME = 8
"""Cells kept free at the right for the duration after the last bar."""


_NO_SIGNS: Mapping[str, str] = {}
_NOTHING: Mapping[str, Sequence[str]] = {}


class Plan(NamedTuple):
    """Where things stand in a line: `tree` cells, a gap, then the `window` of bars. Guides go
    `deepest` levels deep.
    """

    tree: int
    deepest: int
    window: Window


def plan(tree: TraceTree, rows: Sequence[OutlineRow], width: int, now: int) -> Plan:
    """The tree takes what its longest line needs, at most 45 % of `width`; bars get the rest."""
    most = width * 45 // 100
    branches = Branches(most // 6)
    need = max([branches.width_of(row, most) for row in rows], default=0)
    tree_cells = max(12, min(need, most))
    end = max(tree.end, now) if tree.running else tree.end
    bars = max(8, width - tree_cells - 1 - TIME)
    return Plan(tree_cells, most // 6, Window(tree.start, end, bars))


def lines(
    rows: Sequence[OutlineRow],
    where: Plan,
    now: int,
    signs: Mapping[str, str] = _NO_SIGNS,
    notes: Mapping[str, Sequence[str]] = _NOTHING,
) -> Iterator[list[Piece]]:
    """The axis, then a line a row; every bar column begins at cell `where.tree + 1`.

    `signs` are marks of one cell by span id, put before the bars; `notes` lines below a row.
    """
    window = where.window
    marks = axis(window, window.start, window.width)
    yield [(fit("steps", where.tree) + " ", "dim"), (marks, "dim")]
    branches = Branches(where.deepest)
    for row in rows:
        left = branches.line(row, where.tree)
        sign = signs.get(row.node.span_id, " ")
        yield [*left, (sign, "note"), *_bar(row.node, window, now)]
        for text in notes.get(row.node.span_id, ()):
            yield [(" " * (where.tree + 1), ""), (text, "note")]


def _bar(node: Node, window: Window, now: int) -> list[Piece]:
    start, end = node.start, node.end
    running = end is None
    until = max(start, now if end is None else end)
    bar = window.bar(start, until)
    if bar is None:  # all of it lies outside: clocks differ between machines
        return []
    text = bar.cells()
    span = node.span
    style = "missing"
    if span is not None:
        failed, act = span.status == "error", span.step_type == "act"
        style = "error" if failed else span.step_type
        if failed or act:
            text = ("▓" if failed else "▒") * len(text)
        if span.state == "interrupted":
            style, text = "interrupted", text[:-1] + "╳"
    if running:
        style, text = "running", text[:-1] + "▸"
    took = fmt.duration((until - start) / 1e6) if span is None or running else _took(node)
    return [(" " * (bar.start // 8), ""), (text, style), (f" {took}", "dim")]


def _took(node: Node) -> str:
    span = node.span
    assert span is not None
    if span.duration_ms is not None:
        return fmt.duration(span.duration_ms)
    return fmt.duration(max(0, (span.end_time or 0) - span.start_time) / 1e6)


def width_of(pieces: Sequence[Piece]) -> int:
    """Cells that a line takes."""
    return sum(wide(text) for text, _ in pieces)
