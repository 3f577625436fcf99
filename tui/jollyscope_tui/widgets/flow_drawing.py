"""A graph of states drawn from top to bottom, a state a line, in the order they were first taken.

What leads on to the next line stands between the two; what skips lines goes down at the right; what
leads back goes up at the left, so that a loop is seen as one. Edges to the same state, or from the
same, share a lane.
"""

from __future__ import annotations

from typing import NamedTuple

from rich.cells import cell_len

from jollyscope.analysis.flow import FlowEdge, FlowGraph, FlowNode, State
from jollyscope.model.format import count, duration
from jollyscope_tui.widgets.cells import Paint, fit
from jollyscope_tui.widgets.flow_lanes import Lane, lanes_of, tracks_of
from jollyscope_tui.widgets.grid import Grid

__all__ = ["Drawing", "draw", "edge_text"]

MOST_STATES = 30
"""States that are drawn; the table has all of them."""

NAME_CELLS = 28


class Drawing(NamedTuple):
    """Painted lines, and how many states and edges had no room."""

    lines: list[Paint]
    states_left: int
    edges_left: int


def draw(graph: FlowGraph, width: int, here: State | None = None) -> Drawing:
    """The graph in at most `width` cells; `here` is marked. The rarest ways are left out where there
    is no room for all.
    """
    nodes = _chosen(graph)
    order = {node.state: at for at, node in enumerate(nodes)}
    edges = [e for e in graph.edges if e.source in order and e.target in order]
    back = lanes_of(edges, order, back=True)
    skip = lanes_of(edges, order, back=False)
    plan = _Plan(nodes, edges, back, skip, brief=False, here=here)
    while plan.width > width and (not plan.brief or plan.back or plan.skip):
        plan = plan.smaller()
    drawn = sum(len(lane.edges) for lane in (*plan.back, *plan.skip))
    drawn += sum(1 for e in edges if order[e.target] in (order[e.source], order[e.source] + 1))
    lines = _Sheet(plan).lines()
    return Drawing(lines, len(graph.nodes) - len(nodes), len(graph.edges) - drawn)


def edge_text(edge: FlowEdge, brief: bool = False) -> str:
    """`3× 4.02s ✖33%`."""
    parts = [f"{count(edge.count)}×"]
    if not brief and edge.total:
        parts.append(duration(edge.total / 1e6))
    if edge.errors:
        parts.append(f"✖{100 * edge.error_share:.0f}%")
    return " ".join(parts)


def _chosen(graph: FlowGraph) -> list[FlowNode]:
    """The states taken most often, in the order of a turn of the loop: what a thought calls stands behind
    it, what is observed behind the calls, and what happens within a call behind that call.
    """
    kept = sorted(graph.nodes, key=lambda node: (node.state.type == "act", -node.count))
    kept = kept[:MOST_STATES]
    groups: dict[str, list[FlowNode]] = {}
    for node in graph.nodes:
        if node in kept:
            groups.setdefault(node.state.within, []).append(node)
    found: list[FlowNode] = []
    # The outermost level first; of a group whose call is not drawn, all the same.
    for within in ["", *groups]:
        _put(within, groups, found)
    return found


_TURN = ("user_input", "think", "other", "act", "observe", "response")


def _put(within: str, groups: dict[str, list[FlowNode]], found: list[FlowNode]) -> None:
    for node in sorted(groups.pop(within, ()), key=lambda node: _TURN.index(node.state.type)):
        found.append(node)
        if node.state.type == "act":
            _put(node.state.tool, groups, found)


class _Plan(NamedTuple):
    """What is drawn: `brief` leaves times out of the edges' texts."""

    nodes: list[FlowNode]
    edges: list[FlowEdge]
    back: list[Lane]
    skip: list[Lane]
    brief: bool
    here: State | None

    @property
    def width(self) -> int:
        """Cells it takes."""
        return self.left + self.middle + self.right

    @property
    def left(self) -> int:
        """Cells before the states."""
        return self._side(self.back)

    @property
    def right(self) -> int:
        """Cells behind the states."""
        return self._side(self.skip)

    @property
    def middle(self) -> int:
        """Cells of the states."""
        return max((cell_len(label) for label in map(self.label, self.nodes)), default=0) + 4

    def _side(self, lanes: list[Lane]) -> int:
        texts = [cell_len(edge_text(e, self.brief)) for lane in lanes for _, e in lane.edges]
        return 2 * (max(tracks_of(lanes), default=-1) + 1) + max(texts) + 4 if lanes else 1

    def label(self, node: FlowNode) -> str:
        """A state's line, behind its sign."""
        name = node.state.name
        shown = fit(name, NAME_CELLS).rstrip() if cell_len(name) > NAME_CELLS else name
        parts = [f"{shown}  {count(node.count)}×"]
        parts += [duration(node.total / 1e6)] if node.total else []
        parts += [f"✖{count(node.errors)}"] if node.errors else []
        own = next((e for e in self.edges if e.source == e.target == node.state), None)
        parts += [f"↻{edge_text(own, brief=True)}"] if own is not None else []
        return " ".join(parts)

    def smaller(self) -> _Plan:
        """One that takes less room: without times, then without the rarest lane."""
        if not self.brief:
            return self._replace(brief=True)
        rarest = min((*self.back, *self.skip), key=lambda lane: lane.weight)
        return self._replace(
            back=[lane for lane in self.back if lane is not rarest],
            skip=[lane for lane in self.skip if lane is not rarest],
        )


class _Sheet:
    """Puts a plan on a grid. Every state has a line for what arrives, and one for each way that begins
    or ends there beyond the first; between it and the next stands the edge that joins the two.
    """

    def __init__(self, plan: _Plan) -> None:
        self._plan = plan
        self._tops: list[int] = []
        left = [self._ends(at, plan.back) for at in range(len(plan.nodes))]
        right = [self._ends(at, plan.skip) for at in range(len(plan.nodes))]
        direct = {(e.source, e.target): e for e in plan.edges}
        self._next = [
            direct.get((a.state, b.state)) for a, b in zip(plan.nodes, plan.nodes[1:], strict=False)
        ] + [None]
        y = 0
        for at, joined in enumerate(self._next):
            self._tops.append(y)
            y += max(1, left[at], right[at]) + (1 if joined is not None else 0)
        self._used = {True: [0] * len(plan.nodes), False: [0] * len(plan.nodes)}
        self._grid = Grid(plan.width, y)

    def _ends(self, at: int, lanes: list[Lane]) -> int:
        homes = sum(1 for lane in lanes if lane.home == at)
        return homes + sum(1 for lane in lanes for other, _ in lane.edges if other == at)

    def lines(self) -> list[Paint]:
        """The painted lines."""
        for at in range(len(self._plan.nodes)):
            self._node(at)
        for side in (True, False):
            lanes = self._plan.back if side else self._plan.skip
            # What a lane is home to comes first, so that it meets the state's own line.
            for lane, track in sorted(
                zip(lanes, tracks_of(lanes), strict=True), key=lambda p: p[1]
            ):
                self._lane(lane, track, back=side)
        return [self._grid.paint(y) for y in range(self._grid.height)]

    def _node(self, at: int) -> None:
        plan, grid, y = self._plan, self._grid, self._tops[at]
        node = plan.nodes[at]
        style = node.state.type
        x = grid.text(plan.left, y, node.state.glyph, style)
        named = "match" if node.state == plan.here else ("error" if node.errors else style)
        grid.text(x + 1, y, plan.label(node), named)
        edge = self._next[at]
        if edge is not None:
            bottom = self._tops[at + 1]
            for line in range(y + 1, bottom):
                grid.text(plan.left, line, "│", "muted")
            style = "error" if edge.errors else "muted"
            grid.text(plan.left + 2, bottom - 1, edge_text(edge), style)

    def _lane(self, lane: Lane, track: int, *, back: bool) -> None:
        plan, grid = self._plan, self._grid
        x = plan.left - 5 - 2 * track - self._text_cells(back)
        if not back:
            x = plan.left + plan.middle + 3 + 2 * track + self._text_cells(back)
        home = self._row(lane.home, back)
        rows = [home]
        style = "warning" if back else "muted"
        self._arm(home, x, "", style, back=back, arrow=lane.joins)
        for other, edge in lane.edges:
            row = self._row(other, back)
            rows.append(row)
            said = edge_text(edge, plan.brief)
            shown = "error" if edge.errors else style
            self._arm(row, x, said, shown, back=back, arrow=not lane.joins)
        grid.down(x, min(rows), max(rows), style)

    def _text_cells(self, back: bool) -> int:
        lanes = self._plan.back if back else self._plan.skip
        return max(
            cell_len(edge_text(e, self._plan.brief)) for lane in lanes for _, e in lane.edges
        )

    def _row(self, at: int, back: bool) -> int:
        """The next line of a state that is free at a side."""
        row = self._tops[at] + self._used[back][at]
        self._used[back][at] += 1
        return row

    def _arm(self, row: int, x: int, said: str, style: str, *, back: bool, arrow: bool) -> None:
        """From a lane to a state's line, with what is said of the edge."""
        plan, grid = self._plan, self._grid
        if back:
            end = plan.left - 2
            grid.across(x, end, row, style)
            if said:
                grid.text(end - cell_len(said) - 1, row, f" {said} ", style)
            if arrow:
                grid.text(end, row, "▶", style)
            return
        end = plan.left + plan.middle - 1
        grid.across(end, x, row, style)
        if said:
            grid.text(end + 1, row, f" {said} ", style)
        if arrow:
            grid.text(end, row, "◀", style)
