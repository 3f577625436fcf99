"""The tree of a trace, from spans in any order and any state of disrepair."""

from __future__ import annotations

import itertools
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jollyscope.model.records import SpanRecord
from jollyscope.model.tree import TraceTree, build_tree, settle
from tests.library.model.make import running, sid, span


def drawn(tree: TraceTree) -> list[str]:
    """The tree as indented names."""
    return ["  " * node.depth + (node.name if node.span else "?") for node in tree.walk()]


def test_any_order_of_arrival_gives_the_same_tree():
    spans = [span(1), span(2, 1), span(3, 2), span(4, 1)]
    for order in itertools.permutations(spans):
        assert drawn(build_tree(order)) == ["s1", "  s2", "    s3", "  s4"]


def test_an_empty_trace():
    tree = build_tree([])
    assert (len(tree), tree.roots, tree.start, tree.end, tree.running) == (0, [], 0, 0, False)
    assert list(tree.walk()) == []


def test_siblings_stand_by_start_time_then_by_id():
    spans = [span(1), span(4, 1, start_time=5), span(3, 1, start_time=5), span(2, 1, start_time=9)]
    assert drawn(build_tree(spans)) == ["s1", "  s3", "  s4", "  s2"]


def test_several_roots_stand_by_start_time():
    tree = build_tree([span(2), span(3, 2), span(1)])
    assert [root.name for root in tree.roots] == ["s1", "s2"]


# -- missing parents ---------------------------------------------------------------------------


def test_a_missing_parent_has_a_named_stand_in_with_all_its_children():
    tree = build_tree([span(1), span(5, 9), span(3, 9), span(4, 3)])
    stand_in = tree.by_id[sid(9)]
    assert stand_in.missing
    assert stand_in.span is None
    assert stand_in.name == "missing parent 00000000…"
    assert [child.name for child in stand_in.children] == ["s3", "s5"]
    assert drawn(tree) == ["s1", "?", "  s3", "    s4", "  s5"]
    assert not tree.by_id[sid(3)].missing
    assert len(tree) == 5


def test_a_stand_in_spans_its_children_and_is_never_skewed():
    tree = build_tree(
        [span(2, 9, start_time=50, end_time=70), span(3, 9, start_time=40, end_time=60)]
    )
    stand_in = tree.by_id[sid(9)]
    assert (stand_in.start, stand_in.end) == (40, 70)
    assert not any(node.skewed for node in tree.walk())


def test_a_stand_in_above_something_running_has_no_end():
    tree = build_tree([running(2, 9), span(3, 9)])
    assert (tree.by_id[sid(9)].start, tree.by_id[sid(9)].end) == (1002, None)


def test_stand_ins_and_roots_stand_together_by_start_time():
    tree = build_tree([span(5), span(3, 30), span(7, 70), span(1)])
    assert drawn(tree) == ["s1", "?", "  s3", "s5", "?", "  s7"]


# -- doubles -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    [
        [running(1), span(1)],
        [span(1), span(1), running(1)],
        [running(1), running(1), span(1, state="interrupted", end_time=1500), span(1)],
        [span(1, end_time=1500), span(1)],
    ],
)
def test_doubles_of_any_kind_in_any_order_are_one_node(written: list[SpanRecord]):
    for order in itertools.permutations(written):
        tree = build_tree(order)
        assert len(tree) == 1
        assert tree.roots[0].span == span(1)


def test_interrupted_wins_over_open_and_loses_to_closed():
    stopped = span(1, state="interrupted", end_time=1800)
    assert settle([stopped, running(1)]) == settle([running(1), stopped]) == {sid(1): stopped}


def test_records_as_good_as_each_other_are_chosen_without_regard_to_order():
    variants = [span(1, output=text) for text in ("a", "b", "c")]
    chosen = {repr(settle(order)) for order in itertools.permutations(variants)}
    assert len(chosen) == 1


# -- time --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end", "skewed"),
    [
        (1_100, 1_900, False),
        (1_001, 2_000, False),  # exactly the parent's
        (1_000, 1_900, True),
        (1_100, 2_001, True),
        (1_500, 1_400, False),  # ended before it started: clocks; but inside
        (1_500, 1_500, False),
    ],
)
def test_what_sticks_out_of_its_parent_is_skewed(start: int, end: int, skewed: bool):
    tree = build_tree([span(1), span(2, 1, start_time=start, end_time=end)])
    assert tree.by_id[sid(2)].skewed is skewed
    assert not tree.by_id[sid(1)].skewed


def test_running_spans_are_skewed_by_their_start_only():
    tree = build_tree([running(1), span(2, 1, end_time=10**6), running(3, 1, start_time=1)])
    assert [n.name for n in tree.walk() if n.skewed] == ["s3"]


def test_start_end_and_running_of_a_tree():
    tree = build_tree([span(1), running(2, 1, start_time=7_000)])
    assert (tree.start, tree.end, tree.running) == (1_001, 7_000, True)
    assert tree.by_id[sid(2)].end is None
    tree = build_tree([span(1), span(2, 1, state="interrupted", end_time=9_000)])
    assert (tree.start, tree.end, tree.running) == (1_001, 9_000, False)
    assert tree.by_id[sid(2)].end == 9_000
    tree = build_tree([span(1, start_time=5, end_time=5)])
    assert (tree.start, tree.end, tree.roots[0].end) == (5, 5, 5)


# -- cycles ------------------------------------------------------------------------------------


def test_a_span_that_is_its_own_parent_is_a_root():
    tree = build_tree([span(1, 1), span(2, 1)])
    assert drawn(tree) == ["s1", "  s2"]
    assert tree.roots[0].cycle
    assert tree.roots[0].parent is None


def test_a_cycle_is_cut_at_its_earliest_span():
    for order in itertools.permutations([span(2, 3), span(3, 4), span(4, 2)]):
        tree = build_tree(order)
        assert drawn(tree) == ["s2", "  s4", "    s3"]
        assert [node.name for node in tree.walk() if node.cycle] == ["s2"]


def test_what_hangs_off_a_cycle_stays_where_it_hangs():
    # 1 is earlier than the cycle 5 <-> 6 that it hangs off, 8 and 9 hang off further down.
    spans = [span(5, 6), span(6, 5), span(1, 6), span(8, 1), span(9, 5), span(7)]
    for order in itertools.permutations(spans):
        tree = build_tree(order)
        assert drawn(tree) == ["s5", "  s6", "    s1", "      s8", "  s9", "s7"]
        assert [node.name for node in tree.walk() if node.cycle] == ["s5"]


def test_several_cycles_and_a_missing_parent_in_one_trace():
    spans = [span(1, 2), span(2, 1), span(3, 3), span(4, 5), span(5, 4), span(6, 99), span(7, 4)]
    tree = build_tree(spans)
    assert drawn(tree) == ["s1", "  s2", "s3", "s4", "  s5", "  s7", "?", "  s6"]
    assert [node.name for node in tree.roots if node.cycle] == ["s1", "s3", "s4"]


# -- depth and size ----------------------------------------------------------------------------


@pytest.mark.parametrize("depth", [10_000, 100_000])
def test_depth_is_bounded_by_memory_only(depth: int):
    assert depth > sys.getrecursionlimit()
    tree = build_tree(span(n, n - 1 if n > 1 else None) for n in range(depth, 0, -1))
    last = tree.by_id[sid(depth)]
    assert last.depth == depth - 1
    assert sum(1 for _ in last.ancestors()) == depth - 1
    assert [node.depth for node in tree.walk()] == list(range(depth))


@pytest.mark.parametrize(
    "parent",
    [
        lambda n: None,  # all roots
        lambda n: 1 if n > 1 else None,  # a star
        lambda n: 10**6,  # all below one stand-in
        lambda n: 10**6 + n,  # a stand-in each
        lambda n: n,  # a cycle each
        lambda n: n % 30_000 + 1,  # one cycle of all
        lambda n: n ^ 1,  # cycles of two
        lambda n: n // 2 or 1,  # a binary tree below a cycle
    ],
)
def test_wide_and_tangled_traces_of_many_spans(parent):
    # Anything worse than linear here is minutes, not seconds.
    tree = build_tree(span(n, parent(n)) for n in range(1, 30_001))
    seen = [node.span_id for node in tree.walk() if node.span]
    assert len(seen) == len(set(seen)) == 30_000


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_whatever_the_parents_are_every_span_has_one_place(data: st.DataObject):
    size = data.draw(st.integers(0, 14))
    numbers = range(1, size + 1)
    times = st.integers(0, 9)
    parents = st.none() | st.integers(1, size + 3)
    spans = [
        span(n, data.draw(parents), start_time=data.draw(times), end_time=data.draw(times))
        for n in numbers
    ]
    tree = build_tree(data.draw(st.permutations(spans)))
    nodes = list(tree.walk())
    assert sorted(n.span_id for n in nodes if n.span) == [sid(n) for n in numbers]
    assert len(nodes) == len(tree) == len(tree.by_id)
    assert all(tree.by_id[node.span_id] is node for node in nodes)
    seen: set[str] = set()
    for node in nodes:
        assert node.children == sorted(node.children, key=lambda n: (n.start, n.span_id))
        assert all(child.parent is node for child in node.children)
        if node.parent is None:
            assert node in tree.roots
            assert node.depth == 0
        else:
            assert node.parent.span_id in seen
            assert node.depth == node.parent.depth + 1 == len(list(node.ancestors()))
        if node.missing:
            assert node.parent is None
            assert node.children
        elif node.cycle:
            assert node.parent is None
        else:
            assert node.span is not None
            assert node.span.parent_span_id == (node.parent.span_id if node.parent else None)
        seen.add(node.span_id)
    assert tree.roots == sorted(tree.roots, key=lambda n: (n.start, n.span_id))
    assert drawn(build_tree(spans)) == drawn(tree)
