"""The left half of a drawn trace: guides, sign, label, marks and model of each row."""

from __future__ import annotations

from jollyscope.model.oddities import oddities
from jollyscope.model.steps import glyph, label
from jollyscope.model.tree import Node
from jollyscope.query.outline import OutlineRow
from jollyscope_cli.render.cells import clean, cut, fit, wide

__all__ = ["Branches", "marks"]

MODEL = 20
"""Cells that a model's name takes at most, where as much is left for the label."""


def marks(node: Node) -> str:
    """The marks of a node whose place in the tree is not what its records say."""
    return "".join(odd.mark for odd in oddities(node))


class Branches:
    """Draws rows in tree order, remembering which branches go on below.

    Guides are drawn to `deepest` levels; below it a row begins with its depth as a number, so that
    a chain of 10,000 calls stays readable in 80 columns.
    """

    def __init__(self, deepest: int) -> None:
        self.deepest = max(1, deepest)
        self._goes_on: list[bool] = [False] * (self.deepest + 1)

    def line(self, row: OutlineRow, cells: int) -> list[tuple[str, str]]:
        """The row in exactly `cells` cells, as pieces of text and style."""
        guides = cut(self._guides(row), max(0, cells - 4))
        sign, text, style = _said(row.node)
        room = max(0, cells - wide(guides) - wide(sign) - 1)
        edge = _edge(row, text, room)
        label_cells = room - (wide(edge) + 1 if edge else 0)
        pieces = [(guides, "dim"), (f"{sign} ", style), (fit(text, label_cells), style)]
        if edge:
            pieces.append((" " + edge, "dim"))
        return pieces

    def width_of(self, row: OutlineRow, most: int) -> int:
        """Cells that the row would like to have; not measured further than `most`."""
        sign, text, _ = _said(row.node)
        if len(text) >= most:
            return most
        edge = _edge(row, text, 10_000)
        beside = wide(edge) + 2 if edge else 0
        return self._indent(row.node.depth) + wide(sign) + 1 + wide(text) + beside

    def _indent(self, depth: int) -> int:
        return min(depth, self.deepest) * 2 + (len(str(depth)) + 2 if depth > self.deepest else 0)

    def _guides(self, row: OutlineRow) -> str:
        depth = row.node.depth
        if depth == 0:
            return ""
        if depth > self.deepest:
            return "  " * self.deepest + f"{depth}› "
        self._goes_on[depth] = not row.last
        above = "".join("│ " if on else "  " for on in self._goes_on[1:depth])
        return above + ("└ " if row.last else "├ ")


def _said(node: Node) -> tuple[str, str, str]:
    """Sign, text and style of a row."""
    span = node.span
    if span is None:
        return marks(node), node.name, "missing"
    # Marks go in front, where a narrow terminal does not cut them off.
    text = f"{marks(node)} {clean(label(span, observed=node.observed))}".lstrip()
    if span.state != "closed":
        style = "running" if span.state == "open" else "interrupted"
    else:
        style = "error" if span.status == "error" else span.step_type
    return glyph(span), text, style


def _edge(row: OutlineRow, text: str, room: int) -> str:
    """What stands at the right edge: how many rows are left out below, else a thought's model
    where there is room for both.
    """
    if row.hidden:
        return cut(f"+{row.hidden:,}", room)
    span = row.node.span
    if span is None or span.step_type != "think" or not span.model:
        return ""
    name = cut(clean(span.model), MODEL)
    return name if room - wide(name) - 1 >= min(wide(text), MODEL) else ""
