"""Own time and gaps: by hand, and against a set of nanoseconds."""

from __future__ import annotations

from hypothesis import given

from jollyscope.analysis.gaps import gaps, own_times, slowest
from jollyscope.model.records import SpanRecord
from jollyscope.model.tree import Node, build_tree
from tests.library.analysis.test_critical_path import span, traces


def found(*spans: SpanRecord, now: int = 0, least: int = 1) -> list[tuple[int, int, int]]:
    made = gaps(build_tree(spans), now, least)
    return [(int(gap.node.span_id, 16), gap.start, gap.end) for gap in made]


def own(*spans: SpanRecord, now: int = 0) -> dict[int, int]:
    return {int(o.node.span_id, 16): o.time for o in own_times(build_tree(spans), now)}


def test_before_between_and_after_children():
    spans = [span(1, 0, 100), span(2, 10, 40, 1), span(3, 50, 90, 1)]
    assert found(*spans) == [(1, 0, 10), (1, 40, 50), (1, 90, 100)]
    assert own(*spans) == {1: 30, 2: 30, 3: 40}
    assert found(*spans, least=11) == []


def test_children_that_overlap_or_stick_out_count_once_and_inside():
    spans = [span(1, 10, 100), span(2, 0, 30, 1), span(3, 20, 50, 1), span(4, 90, 200, 1)]
    assert found(*spans) == [(1, 50, 90)]
    assert found(span(1, 10, 20), span(2, 0, 5, 1), span(3, 30, 40, 1)) == [(1, 10, 20)]


def test_a_leaf_has_own_time_but_no_gap():
    assert found(span(1, 0, 100)) == []
    assert own(span(1, 0, 100)) == {1: 100}


def test_running_spans_last_until_now():
    spans = [span(1, 0, None), span(2, 10, None, 1), span(3, 5, 8, 1)]
    assert found(*spans, now=60) == [(1, 0, 5), (1, 8, 10)]
    assert own(*spans, now=60) == {1: 7, 2: 50, 3: 3}


def test_the_slowest_are_ranked_only_where_there_are_others():
    spans = [span(1, 0, 100), span(2, 10, 40, 1), span(3, 50, 90, 1), span(4, 90, 100, 1)]
    ranks = [(int(o.node.span_id, 16), o.time) for o in slowest(build_tree(spans))]
    assert ranks == [(3, 40), (2, 30), (1, 20)]
    assert slowest(build_tree(spans[:3])) == []
    alike = [span(1, 0, 100), *(span(n, 10 * n, 10 * n + 10, 1) for n in range(2, 8))]
    assert [int(o.node.span_id, 16) for o in slowest(build_tree(alike))] == [1]


def covered(node: Node, now: int) -> set[int]:
    return set(range(node.start, now if node.end is None else node.end))


@given(traces())
def test_gaps_and_own_time_agree_with_a_set_of_moments(spans: list[SpanRecord]):
    tree, now = build_tree(spans), 80
    plain = {
        node.span_id: covered(node, now) - {t for c in node.children for t in covered(c, now)}
        for node in tree.walk()
        if node.span is not None
    }
    assert {o.node.span_id: o.time for o in own_times(tree, now)} == {
        span_id: len(moments) for span_id, moments in plain.items()
    }
    made: dict[str, set[int]] = {}
    for gap in gaps(tree, now):
        assert gap.start < gap.end
        stretch = set(range(gap.start, gap.end))
        assert not stretch & made.get(gap.node.span_id, set())
        # Nothing is left of a gap's edges: it is as long as it can be.
        assert not {gap.start - 1, gap.end} & plain[gap.node.span_id]
        made.setdefault(gap.node.span_id, set()).update(stretch)
    parents = {n.span_id for n in tree.walk() if n.children and n.span is not None}
    assert made == {s: moments for s, moments in plain.items() if moments and s in parents}


def test_ten_thousand_levels():
    depth = 10_000
    spans = [span(n + 1, n, 3 * depth - n, n or None) for n in range(depth)]
    assert len(gaps(build_tree(spans))) == 2 * (depth - 1)
