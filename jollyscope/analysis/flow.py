"""A run as a graph of states: which step follows which, how often, how long, how often it fails.

The nodes and edges of a directly-follows graph (van der Aalst, "Process Mining", 2nd ed. 2016,
chapter 5); what follows what is said in `following.py`. Every step has one edge that leads to it,
except those that nothing led to: the counts of the edges add up to `steps - starts`.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from jollyscope.analysis.following import Flowing, State, followed
from jollyscope.model.steps import Step
from jollyscope.model.tree import TraceTree

__all__ = ["FlowEdge", "FlowGraph", "FlowNode", "State", "flow"]


class FlowNode(msgspec.Struct, frozen=True):
    """A state: how often a step of it was taken, for how many ns in sum, and how often it failed."""

    state: State
    count: int
    total: int
    errors: int


class FlowEdge(msgspec.Struct, frozen=True):
    """From one state to another: how often, and of the steps that it leads to, their time in sum (ns) and
    how many failed; `waited` is the time between the two, ns in sum.
    """

    source: State
    target: State
    count: int
    total: int
    errors: int
    waited: int

    @property
    def mean(self) -> float:
        """Time of a step that it leads to, ns."""
        return self.total / self.count

    @property
    def error_share(self) -> float:
        """How many of the steps that it leads to failed, 0 to 1."""
        return self.errors / self.count


class FlowGraph(NamedTuple):
    """Nodes in the order in which their states were first taken, edges the most frequent first."""

    nodes: list[FlowNode]
    edges: list[FlowEdge]
    steps: int
    starts: int


def flow(tree: TraceTree) -> FlowGraph:
    """The graph of a trace. Time grows as sorting its steps does."""
    return _graph(followed(tree))


def _graph(found: list[Flowing]) -> FlowGraph:
    """The steps counted by their states, and their transitions."""
    nodes: dict[State, list[int]] = {}
    edges: dict[tuple[State, State], list[int]] = {}
    starts = 0
    for one in found:
        failed = int(_failed(one.step))
        _add(nodes.setdefault(one.state, [0] * 3), 1, one.took, failed)
        if one.after is None:
            starts += 1
            continue
        before = found[one.after]
        waited = max(0, one.step.time - before.step.time - before.took)
        key = before.state, one.state
        _add(edges.setdefault(key, [0] * 4), 1, one.took, failed, waited)
    order = {state: at for at, state in enumerate(nodes)}
    listed = [FlowEdge(*key, *sums) for key, sums in edges.items()]
    listed.sort(key=lambda e: (-e.count, order[e.source], order[e.target]))
    return FlowGraph([FlowNode(s, *sums) for s, sums in nodes.items()], listed, len(found), starts)


def _add(sums: list[int], *more: int) -> None:
    for at, number in enumerate(more):
        sums[at] += number


def _failed(step: Step) -> bool:
    return step.span.status == "error" and not step.derived
