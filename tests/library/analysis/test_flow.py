"""A run as a graph of states: by hand, and the laws of its counts on any tree."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from jollyscope.analysis.flow import FlowGraph, flow
from jollyscope.analysis.following import State, followed, state_of
from jollyscope.model.records import SpanRecord
from jollyscope.model.steps import steps_of
from jollyscope.model.tree import build_tree

STEP = {"u": "user_input", "t": "think", "a": "act", "o": "observe", "r": "response", ".": "other"}


def step(
    number: int, kind: str, start: int, end: int | None, parent: int | None = None, **more: Any
) -> SpanRecord:
    """A span; `kind` is the letter of its step, of a call followed by the tool: `a:search`."""
    letter, _, tool = kind.partition(":")
    fields: dict[str, Any] = {
        "trace_id": "a" * 32,
        "span_id": f"{number:016x}",
        "parent_span_id": None if parent is None else f"{parent:016x}",
        "name": f"s{number}",
        "step_type": STEP[letter],
        "tool_name": tool or None,
        "start_time": start,
        "end_time": end,
        "state": "open" if end is None else "closed",
    }
    return SpanRecord(**(fields | more))


def graph(*spans: SpanRecord) -> FlowGraph:
    return flow(build_tree(spans))


def ways(*spans: SpanRecord) -> dict[tuple[str, str], int]:
    return {(e.source.name, e.target.name): e.count for e in graph(*spans).edges}


def test_a_loop_is_an_edge_back():
    spans = [step(1, "u", 0, 100)]
    spans += [
        step(2 + 3 * n + at, kind, 10 * (3 * n + at), 10 * (3 * n + at) + 10, 1)
        for n in range(3)
        for at, kind in enumerate(("t", "a:search", "o"))
    ]
    spans.append(step(90, "r", 90, 100, 1))
    assert ways(*spans) == {
        ("user input", "think"): 1,
        ("think", "act search"): 3,
        ("act search", "observe"): 3,
        ("observe", "think"): 2,
        ("observe", "response"): 1,
    }
    found = graph(*spans)
    assert (found.steps, found.starts) == (11, 1)
    assert [(n.state.name, n.count, n.total) for n in found.nodes] == [
        ("user input", 1, 0), ("think", 3, 30), ("act search", 3, 30), ("observe", 3, 30),
        ("response", 1, 10),
    ]  # fmt: skip
    assert [found.edges[0].count, found.edges[-1].count] == [3, 1]


def test_calls_side_by_side_fork_and_the_last_to_end_leads_on():
    spans = [
        step(1, "t", 0, 10),
        step(2, "a:a", 10, 20),
        step(3, "a:b", 11, 40),
        step(4, "a:c", 12, 30),
        step(5, "t", 40, 50),
    ]
    assert ways(*spans) == {
        ("think", "act a"): 1,
        ("think", "act b"): 1,
        ("think", "act c"): 1,
        ("act b", "think"): 1,
    }


def test_what_a_call_returned_is_observed_of_that_call():
    spans = [
        step(1, "t", 0, 10),
        step(2, "a:a", 10, 30, output="1"),
        step(3, "a:b", 10, 30, output="2"),
    ]
    assert ways(*spans)[("act a", "observe")] == 1
    assert ways(*spans)[("act b", "observe")] == 1
    told = [
        step(2, "a:a", 10, 30, tool_call_id="x"),
        step(3, "a:b", 11, 20, tool_call_id="y"),
        step(4, "o", 31, 32, tool_call_id="y"),
    ]
    assert ways(*told)[("act b", "observe")] == 1


def test_an_agent_within_a_call_is_a_level_of_its_own():
    spans = [
        step(1, "t", 0, 10),
        step(2, "a:research", 10, 60),
        step(3, ".", 10, 60, 2),
        step(4, "t", 11, 20, 3),
        step(5, "a:search", 20, 30, 3),
        step(6, "t", 30, 50, 3),
        step(7, "t", 60, 70),
    ]
    assert ways(*spans) == {
        ("think", "act research"): 1,
        ("act research", "research › think"): 1,
        ("research › think", "research › act search"): 1,
        ("research › act search", "research › think"): 1,
        ("act research", "think"): 1,
    }
    tree = build_tree(spans)
    assert state_of(tree, spans[3]) == State("think", "", "research")


def test_what_stands_in_a_thought_follows_from_it():
    spans = [
        step(1, "t", 0, 50),
        step(2, "a:x", 10, 30, 1),
        step(3, "t", 50, 60),
    ]
    assert ways(*spans) == {("think", "act x"): 1, ("act x", "think"): 1}


def test_time_waits_and_failures():
    spans = [
        step(1, "t", 0, 10),
        step(2, "a:x", 15, 35, status="error"),
        step(3, "t", 40, 41),
        step(4, "a:x", 41, 51),
    ]
    edge = next(e for e in graph(*spans).edges if e.target.tool == "x")
    assert (edge.count, edge.total, edge.mean, edge.errors, edge.error_share) == (2, 30, 15, 1, 0.5)
    assert edge.waited == 5


def test_a_running_step_leads_nowhere_yet():
    spans = [step(1, "u", 0, None), step(2, "t", 0, None, 1), step(3, "a:x", 5, 9, 1)]
    assert ways(*spans) == {("user input", "think"): 1, ("user input", "act x"): 1}


def test_nothing_and_one_step():
    assert graph() == FlowGraph([], [], 0, 0)
    assert graph(step(1, ".", 0, 10)) == FlowGraph([], [], 0, 0)
    assert graph(step(1, "t", 0, 10)).starts == 1


@st.composite
def runs(draw: st.DrawFn) -> list[SpanRecord]:
    count = draw(st.integers(0, 12))
    spans: list[SpanRecord] = []
    for number in range(1, count + 1):
        kind = draw(st.sampled_from(["u", "t", "a:x", "a:y", "o", "r", "."]))
        start = draw(st.integers(0, 30))
        end = None if draw(st.integers(0, 9)) == 0 else start + draw(st.integers(0, 12))
        parent = draw(st.none() | st.integers(1, count))
        more = {
            "status": draw(st.sampled_from(["ok", "error"])),
            "output": draw(st.sampled_from([None, "out"])),
            "tool_call_id": draw(st.sampled_from([None, "c1"])),
        }
        spans.append(step(number, kind, start, end, parent, **more))
    return spans


@given(runs())
def test_every_step_is_counted_once_and_led_to_once(spans: list[SpanRecord]):
    tree = build_tree(spans)
    found = flow(tree)
    settled = [node.span for node in tree.by_id.values() if node.span is not None]
    steps = steps_of(settled)
    assert found.steps == len(steps) == sum(node.count for node in found.nodes)
    assert sum(edge.count for edge in found.edges) == found.steps - found.starts
    assert (found.starts >= 1) == bool(steps)
    for node in found.nodes:
        led = [e for e in found.edges if e.target == node.state]
        assert sum(e.count for e in led) <= node.count
        assert sum(e.total for e in led) <= node.total
        assert sum(e.errors for e in led) <= node.errors <= node.count


@given(runs())
def test_what_a_step_follows_was_over_or_holds_it(spans: list[SpanRecord]):
    tree = build_tree(spans)
    steps = followed(tree)
    holding = {node.span_id for s in steps for node in tree.by_id[s.step.span.span_id].ancestors()}
    for one in steps:
        if one.after is None:
            continue
        before = steps[one.after]
        above = {node.span_id for node in tree.by_id[one.step.span.span_id].ancestors()}
        holds = before.step.span.span_id in above or before.step.span.span_id in holding
        same = before.step.span.span_id == one.step.span.span_id
        is_observed = one.step.type == "observe" and before.step.type == "act"
        ended = before.step.span.end_time is not None and before.step.span.end_time <= one.step.time
        asked = before.step.type == "user_input" or before.step.derived
        # An answer comes last, also where a clock or a tool that ran on says otherwise.
        answers = one.step.type == "response" and one.step.derived
        assert holds or same or is_observed or ended or asked or answers
