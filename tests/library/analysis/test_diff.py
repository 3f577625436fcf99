"""Comparing two traces: what belongs together, and what is said of it."""

from __future__ import annotations

import random
import time
from collections import Counter
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jollyscope.analysis.diff import diff_traces
from jollyscope.analysis.diff_document import diff_document
from jollyscope.analysis.diff_result import Pair, TraceDiff
from jollyscope.model.records import SpanRecord
from jollyscope.model.tree import build_tree
from jollyscope.query.loading import LoadedTrace
from tests.cli import records
from tests.cli.records import span
from tests.plain import trace_row

A, B = "a" * 32, "b" * 32


def load(spans: list[SpanRecord], trace_id: str = A) -> LoadedTrace:
    spans = [msgspec.structs.replace(one, trace_id=trace_id) for one in spans]
    return LoadedTrace(trace_id, spans, build_tree(spans), trace_row(spans), {})


def diff(left: list[SpanRecord], right: list[SpanRecord]) -> TraceDiff:
    return diff_traces(load(left, A), load(right, B))


def agent(*steps: dict[str, Any]) -> list[SpanRecord]:
    """A run with these steps, one after the other, 100 ms each unless told otherwise."""
    spans: list[SpanRecord] = []
    at = 0.0
    for number, step in enumerate(steps, 2):
        took = step.pop("ms", 100.0)
        spans.append(span(number, at, took, parent=1, **step))
        at += took
    return [span(1, 0, at, name="agent", step_type="user_input", input="question"), *spans]


def act(tool: str, text: str, **more: Any) -> dict[str, Any]:
    return {"name": tool, "step_type": "act", "tool_name": tool, "input": text, **more}


def think(text: str, **more: Any) -> dict[str, Any]:
    return {"name": "plan", "step_type": "think", "output": text, **more}


def sides(pair: Pair) -> tuple[str | None, str | None]:
    return tuple(item and item.node.span_id for item in (pair.left, pair.right))  # type: ignore[return-value]


STEP = st.one_of(
    st.builds(act, st.sampled_from(["search", "read", "write"]), st.sampled_from("abcde"),
              ms=st.sampled_from([1.0, 100.0, 900.0])),
    st.builds(think, st.text(max_size=12), model=st.sampled_from(["m", "n", None])),
    st.just({"name": "GET /x"}),
)  # fmt: skip


@st.composite
def traces(draw: st.DrawFn) -> list[SpanRecord]:
    """Any tree: each span below an earlier one, or a root, or below one that never arrived."""
    steps = draw(st.lists(STEP, max_size=14))
    spans: list[SpanRecord] = []
    for number, step in enumerate(steps, 1):
        parent = draw(st.one_of(st.none(), st.integers(1, max(1, number - 1)), st.just(99)))
        step = dict(step)
        spans.append(
            span(number, number * 10, step.pop("ms", 5.0),
                 parent=None if parent == number else parent, **step)
        )  # fmt: skip
    return spans or [span(1, 0, 1)]


@given(traces())
def test_a_trace_is_the_same_as_itself(spans):
    found = diff(spans, spans)
    assert {pair.kind for pair in found.pairs} == {"same"}
    assert found.equal
    assert found.first is None
    assert all(not pair.time.delta and not pair.own.delta for pair in found.pairs)


@settings(max_examples=60)
@given(traces(), traces())
def test_every_span_of_both_is_in_one_row(left, right):
    found = diff(left, right)
    for side, spans in ((0, left), (1, right)):
        shown = [
            sides(pair)[side]
            for pair in found.pairs
            if (item := (pair.left, pair.right)[side]) and not item.derived
        ]
        assert Counter(shown) == Counter(list(load(spans).tree.by_id))
    assert sum(found.counts.values()) == len(found.pairs)


@settings(max_examples=60)
@given(traces(), traces())
def test_changing_sides_changes_nothing_but_the_sides(left, right):
    one = diff_traces(load(left, A), load(right, B))
    other = diff_traces(load(right, B), load(left, A))
    turned = {"added": "removed", "removed": "added"}

    def told(found: TraceDiff, back: bool) -> Counter[Any]:
        step = -1 if back else 1
        return Counter(
            (turned.get(p.kind, p.kind) if back else p.kind, sides(p)[::step], p.changes,
             p.time[::step], p.cost[::step], *(i and i.derived for i in (p.left, p.right)[::step]))
            for p in found.pairs
        )  # fmt: skip

    assert told(one, False) == told(other, True)


@settings(max_examples=60)
@given(traces(), traces())
def test_rows_are_a_tree_in_the_order_of_both(left, right):
    found = diff(left, right)
    for at, pair in enumerate(found.pairs):
        below = found.pairs[at + 1 : at + 1 + pair.below]
        assert all(row.depth > pair.depth for row in below)
        after = found.pairs[at + 1 + pair.below : at + 2 + pair.below]
        assert all(row.depth <= pair.depth for row in after)
        for row in below:
            if row.depth == pair.depth + 1 and row.right is not None:
                assert row.right.parent is pair.right
    for side in (0, 1):
        kept = [
            item
            for pair in found.pairs
            if pair.kind != "moved" and (item := (pair.left, pair.right)[side])
        ]
        for parent in {id(item.parent): item.parent for item in kept}.values():
            orders = [item.order for item in kept if item.parent is parent]
            assert side == 0 or orders == sorted(orders)


LOOP = [
    step
    for n in range(8)
    for step in (think(f"thought {n} about things"), act("search", f"query {n}"))
]


def copy(steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [dict(step) for step in steps]


@given(st.integers(0, 15), st.integers(1, 3))
def test_planted_steps_are_found(at, many):
    planted = [act("write", f"file {n}", cost_usd=0.5) for n in range(many)]
    found = diff(agent(*copy(LOOP)), agent(*copy(LOOP[:at]), *planted, *copy(LOOP[at:])))
    added = [pair for pair in found.pairs if pair.kind == "added"]
    assert [pair.shown.input for pair in added] == [f"file {n}" for n in range(many)]
    assert found.counts["removed"] == found.counts["moved"] == 0
    assert sum(pair.cost.delta or 0 for pair in added) == 0.5 * many
    assert found.totals.cost.right == 0.5 * many
    # The root is longer by them, and the rest is as it was.
    assert {p.shown.title for p in found.pairs if p.kind == "changed"} <= {"agent"}


@given(st.sets(st.integers(0, 15), min_size=1, max_size=4))
def test_taken_steps_are_found(gone):
    left = [step for at, step in enumerate(copy(LOOP)) if at not in gone]
    found = diff(agent(*copy(LOOP)), agent(*left))
    assert found.counts["removed"] == len(gone)
    assert found.counts["added"] == found.counts["moved"] == 0


def test_a_slow_step_is_found_and_said():
    right = copy(LOOP)
    right[5]["ms"] = 1500.0
    found = diff(agent(*copy(LOOP)), agent(*right))
    slow = found.pairs[found.impact()[0]]
    assert (slow.shown.input, slow.changes, slow.time.delta) == ("query 2", ("time",), 1400.0)
    assert slow.time.ratio == 15
    assert "`search` 2.8x slower: +1.40s" in found.summary
    assert found.summary[1] == "B is 1.40s longer (88 %) than A"
    assert found.first is None


def test_the_sums_of_own_time_are_the_difference():
    right = copy(LOOP)
    right[5]["ms"], right[8]["ms"] = 1500.0, 20.0
    found = diff(agent(*copy(LOOP)), agent(*right))
    assert sum(pair.own.delta or 0 for pair in found.pairs) == found.totals.duration.delta


def test_an_extra_turn_of_a_loop_whose_texts_all_differ():
    left = [s for n in range(6) for s in (think(f"idea {n}"), act("search", f"old {n} where"))]
    right = [s for n in range(7) for s in (think(f"plan {n}"), act("search", f"new {n} here"))]
    found = diff(agent(*left), agent(*right))
    assert found.counts == {"same": 1, "changed": 12, "added": 2, "removed": 0, "moved": 0}


def test_what_is_not_known_is_no_difference():
    left, right = [think("t")], [think("t", input_tokens=5, cost_usd=0.2)]
    found = diff(agent(*left), agent(*right))
    assert found.totals.cost == (None, 0.2)
    assert found.totals.cost.delta is None
    assert found.pairs[1].changes == ("tokens", "cost")
    assert not any("dearer" in told or "more" in told for told in found.summary)


def test_they_part_where_the_first_thing_differs_within():
    left = agent(think("a"), act("search", "q", output="x"), think("b"))
    right = agent(think("a"), act("search", "q", output="y"), think("c"))
    left[0], right[0] = (
        msgspec.structs.replace(spans[0], output=text)
        for spans, text in ((left, "b"), (right, "c"))
    )
    found = diff(left, right)
    assert found.first == 2
    assert found.summary[-1] == "They part at step 3, search: output"


def test_swapped_steps_have_moved():
    right = copy(LOOP)
    right[1], right[13] = right[13], right[1]
    found = diff(agent(*copy(LOOP)), agent(*right))
    moved = [pair.shown.input for pair in found.pairs if pair.kind == "moved"]
    assert found.counts["added"] == found.counts["removed"] == 0
    assert set(moved) == {"query 0", "query 6"}


def test_what_stands_under_another_parent_has_moved():
    inner = [span(3, 0, 5, parent=2, **act("search", "q")), span(4, 5, 5, parent=2, **think("t"))]
    left = [span(1, 0, 10, name="agent"), span(2, 0, 10, parent=1, name="wrapper"), *inner]
    right = [left[0], *(msgspec.structs.replace(s, parent_span_id=f"{1:016x}") for s in inner)]
    found = diff(left, right)
    assert found.counts == {"same": 1, "changed": 0, "added": 0, "removed": 1, "moved": 2}


def test_what_differs_is_named():
    left = [act("search", '{"q": 1, "n": 2}', output="x", cost_usd=0.1, input_tokens=5)]
    right = [act("search", '{"n":2,"q":1}', output="y", cost_usd=0.3, input_tokens=9,
                 status="error", error_type="E", model="m")]  # fmt: skip
    pair = diff(agent(*left), agent(*right)).pairs[1]
    assert pair.changes == ("status", "model", "output", "tokens", "cost")
    assert (pair.cost.delta, pair.tokens.delta) == (pytest.approx(0.2), 4)


def test_another_tool_given_the_same_is_changed_and_given_other_things_another_step():
    text = "the weather of Beijing tomorrow morning"
    found = diff(agent(act("search", text)), agent(act("web_search", text)))
    assert (found.pairs[1].kind, found.pairs[1].changes) == ("changed", ("name",))
    found = diff(agent(act("search", text)), agent(act("write", "other")))
    assert found.counts["added"] == found.counts["removed"] == 1


def test_which_of_them_failed_is_said_first():
    bad = act("search", "q", status="error", error_type="TimeoutError", error_message="too slow")
    right = agent(think("t"), bad)
    right[0] = msgspec.structs.replace(right[0], status="error")
    found = diff(agent(think("t"), act("search", "q")), right)
    assert found.summary[0] == "A succeeded, B failed: search, TimeoutError: too slow"
    assert "They part at step 3, search: status" in found.summary


def test_steps_that_only_one_trace_records_are_seen_in_the_other():
    left = agent(act("search", "q", output="three results"), think("done"))
    right = agent(
        act("search", "q"),
        {"name": "results", "step_type": "observe", "output": "three results"},
        think("done"),
        {"name": "answer", "step_type": "response", "output": "done"},
    )
    found = diff(left, right)
    assert found.counts["added"] == found.counts["removed"] == 0
    derived = {p.left.role: p.changes for p in found.pairs if p.left and p.left.derived}
    assert derived == {"observe": ("name",), "response": ("name",)}
    assert {p.changes for p in found.pairs if p.left and not p.left.derived} <= {(), ("time",)}


def test_the_document_has_every_step():
    found = diff(records.run(), [*records.run()[:2], *records.run()[4:]])
    told = msgspec.json.decode(msgspec.json.encode(diff_document(found)))
    assert [step["number"] for step in told["steps"]] == list(range(1, len(found.pairs) + 1))
    assert told["counts"]["removed"] == 2
    less = diff_document(found, everything=False)["steps"]
    assert [step["kind"] for step in less] == [p.kind for p in found.pairs if p.kind != "same"]


def test_running_spans_have_lasted_until_now():
    run = [span(1, 0, None, name="agent"), span(2, 0, 100, parent=1, name="x")]
    found = diff_traces(load(run, A), load(run, B), records.START + 3 * 10**9)
    assert found.pairs[0].time == (3000.0, 3000.0)
    assert found.equal


WORDS = [f"word{n}" for n in range(500)]


def long_run(count: int, seed: int) -> list[SpanRecord]:
    dice = random.Random(seed)
    kinds = ("think", "act", "observe")
    return [span(1, 0, count, name="agent", step_type="user_input")] + [
        span(n, n, 1, parent=1, name=kinds[n % 3], step_type=kinds[n % 3],
             input=" ".join(dice.choices(WORDS, k=30)), output=f"{seed}")
        for n in range(2, count + 1)
    ]  # fmt: skip


def test_long_traces_that_share_nothing_take_a_band_and_say_so():
    left, right = load(long_run(2_500, 1), A), load(long_run(2_500, 2), B)
    began = time.process_time()
    found = diff_traces(left, right)
    assert time.process_time() - began < 5  # 0.5 s alone on a core
    assert found.approximate
    assert found.counts["changed"] > 2_400


def test_long_traces_that_share_most_are_exact():
    left = long_run(2_500, 1)
    right = left[:1200] + left[1230:]
    found = diff(left, right)
    assert not found.approximate
    assert (found.counts["removed"], found.counts["same"]) == (30, 2_470)


def test_depth_is_no_trouble():
    chain = [span(n, 0, 5000 - n, parent=n - 1 or None, name=f"level {n}") for n in range(1, 2000)]
    assert diff(chain, chain[:-1]).counts["removed"] == 1
