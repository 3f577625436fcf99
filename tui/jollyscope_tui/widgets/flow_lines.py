"""The Flow tab: the run as a graph of states, drawn, and below that every way in a table."""

from __future__ import annotations

from collections.abc import Iterator

from jollyscope.analysis.flow import FlowEdge, FlowGraph, State
from jollyscope.model.format import count, duration
from jollyscope.query.filter import term
from jollyscope_tui.widgets.cells import Paint, fit, fit_right
from jollyscope_tui.widgets.context import Context
from jollyscope_tui.widgets.document import Document, Folds, Line, note
from jollyscope_tui.widgets.fields import as_text
from jollyscope_tui.widgets.flow_drawing import draw

__all__ = ["flow_document"]

_COLUMNS = (("times", 7), ("total", 8), ("mean", 8), ("between", 8), ("failed", 7))
"""Behind the two states of a way: their headings and cells."""


def flow_document(here: State | None, context: Context) -> Document:
    """The tab, for the graph that was read; `here` is the state of the chosen span."""
    graph = context.read
    if context.trouble:
        return note(context.trouble, "error")
    if not isinstance(graph, FlowGraph):
        return note("Following the steps …")
    if not graph.steps:
        return note("No steps: nothing of this trace is a thought, a tool call or an answer.")

    def lines(_folds: Folds) -> Iterator[Line]:
        yield Line([(_summary(graph), "muted")])
        yield Line([("", "")])
        drawing = draw(graph, context.width, here)
        yield from (Line(paint) for paint in drawing.lines)
        if drawing.states_left or drawing.edges_left:
            yield Line([(_left_out(drawing.states_left, drawing.edges_left), "warning")])
        yield Line([("", "")])
        yield from _table(graph, context.width)

    return Document(lines, lambda: as_text(lines(Folds())))


def _summary(graph: FlowGraph) -> str:
    said = [_number(graph.steps, "step"), _number(len(graph.nodes), "state")]
    return " · ".join([*said, _number(len(graph.edges), "way")])


def _number(number: int, unit: str) -> str:
    return f"{count(number)} {unit}{'' if number == 1 else 's'}"


def _left_out(states: int, edges: int) -> str:
    said = [_number(n, unit) for n, unit in ((states, "state"), (edges, "way")) if n]
    return f"… {' and '.join(said)} more than there is room to draw; the table has all ways"


def _table(graph: FlowGraph, width: int) -> Iterator[Line]:
    numbers = sum(cells + 2 for _, cells in _COLUMNS)
    names = max(8, min(30, (width - numbers - 2) // 2))
    head = f"{fit('from', names)}  {fit('to', names)}"
    head += "".join("  " + fit_right(title, cells) for title, cells in _COLUMNS)
    yield Line([(head, "title")])
    for edge in graph.edges:
        yield _row(edge, names)


def _row(edge: FlowEdge, names: int) -> Line:
    texts = (
        count(edge.count), duration(edge.total / 1e6), duration(edge.mean / 1e6),
        duration(edge.waited / 1e6), f"{100 * edge.error_share:.0f} %" if edge.errors else "",
    )  # fmt: skip
    paint: Paint = [
        (fit(f"{edge.source.glyph} {edge.source.name}", names), edge.source.type), ("  ", ""),
        (fit(f"{edge.target.glyph} {edge.target.name}", names), edge.target.type),
    ]  # fmt: skip
    for text, (title, cells) in zip(texts, _COLUMNS, strict=True):
        style = "error" if title == "failed" else "text"
        paint.append(("  " + fit_right("" if text == "0µs" else text, cells), style))
    tool = edge.target.tool
    return Line(paint, term=term("tool", tool) if tool else term("step", edge.target.type))
