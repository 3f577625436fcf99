"""The critical path: worked by hand, and its laws on any tree."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jollyscope.analysis.critical_path import Segment, critical_path
from jollyscope.model.records import Kind, SpanRecord
from jollyscope.model.tree import Node, build_tree


def span(
    number: int, start: int, end: int | None, parent: int | None = None, kind: Kind = "internal"
) -> SpanRecord:
    return SpanRecord(
        trace_id="a" * 32,
        span_id=f"{number:016x}",
        parent_span_id=None if parent is None else f"{parent:016x}",
        name=f"s{number}",
        kind=kind,
        start_time=start,
        end_time=end,
        state="open" if end is None else "closed",
    )


def path(*spans: SpanRecord, now: int = 0) -> list[tuple[int, int, int]]:
    """Segments as number of the span (0: none), start, end."""
    found = critical_path(build_tree(spans), now)
    return [(int(s.node.span_id, 16) if s.node else 0, s.start, s.end) for s in found.segments]


def test_one_span_is_its_own_path():
    assert path(span(1, 10, 50)) == [(1, 10, 50)]


def test_children_one_after_another_with_gaps():
    spans = [span(1, 0, 100), span(2, 10, 40, 1), span(3, 50, 90, 1)]
    assert path(*spans) == [(1, 0, 10), (2, 10, 40), (1, 40, 50), (3, 50, 90), (1, 90, 100)]


def test_of_parallel_children_the_last_to_end_counts():
    spans = [span(1, 0, 100), span(2, 10, 95, 1), span(3, 10, 60, 1)]
    assert path(*spans) == [(1, 0, 10), (2, 10, 95), (1, 95, 100)]


def test_one_that_overlaps_the_next_kept_nobody_waiting():
    spans = [span(1, 0, 100), span(2, 0, 50, 1), span(3, 40, 100, 1), span(4, 5, 30, 1)]
    assert path(*spans) == [(1, 0, 5), (4, 5, 30), (1, 30, 40), (3, 40, 100)]


def test_below_a_child_the_same_holds():
    spans = [span(1, 0, 100), span(2, 20, 80, 1), span(3, 30, 50, 2), span(4, 90, 95, 3)]
    assert path(*spans) == [(1, 0, 20), (2, 20, 30), (3, 30, 50), (2, 50, 80), (1, 80, 100)]


def test_children_that_stick_out_count_as_far_as_they_are_inside():
    spans = [span(1, 10, 100), span(2, 0, 30, 1), span(3, 90, 200, 1)]
    assert path(*spans) == [(2, 10, 30), (1, 30, 90), (3, 90, 100)]


def test_several_roots_and_the_time_between_them():
    assert path(span(1, 0, 10), span(2, 30, 50)) == [(1, 0, 10), (0, 10, 30), (2, 30, 50)]


def test_running_spans_end_now():
    assert path(span(1, 0, None), span(2, 10, None, 1), now=60) == [(1, 0, 10), (2, 10, 60)]


def test_a_trace_without_length_has_no_segments():
    assert path(span(1, 5, 5)) == []
    assert path() == []


def test_ten_thousand_levels():
    depth = 10_000
    spans = [span(n + 1, n, 3 * depth - n, n or None) for n in range(depth)]
    found = critical_path(build_tree(spans))
    assert len(found.segments) == 2 * depth - 1
    assert len(found.nodes) == depth


def test_shares_add_up_and_nodes_have_their_parents():
    spans = [span(1, 0, 100), span(2, 0, 100, 1), span(3, 10, 90, 2), span(4, 20, 30, 2)]
    found = critical_path(build_tree(spans))
    shares = {int(s.node.span_id, 16): (s.time, s.share) for s in found.shares() if s.node}
    assert shares == {2: (20, 0.2), 3: (80, 0.8)}
    assert {int(node, 16) for node in found.nodes} == {1, 2, 3}


# Jaeger's examples (jaeger-ui, CriticalPath/testCases, 1 to 9), each by hand: spans as (number, start, end,
# parent), what its page marks as (number, start, end).
JAEGER: dict[str, tuple[list[SpanRecord], list[tuple[int, int, int]]]] = {
    "1 one after another": (
        [span(1, 1, 101), span(2, 20, 40, 1), span(3, 50, 60, 1)],
        [(1, 1, 20), (2, 20, 40), (1, 40, 50), (3, 50, 60), (1, 60, 101)],
    ),
    "2 the last to end began within the other": (
        [span(1, 1, 101), span(2, 10, 50, 1), span(3, 20, 60, 1)],
        [(1, 1, 20), (3, 20, 60), (1, 60, 101)],
    ),
    "3 a child that begins after its parent's end": (
        [span(1, 100, 140, None, "producer"), span(2, 200, 500, 1, "client")],
        [(1, 100, 140)],
    ),
    "4 and what is below it": (
        [span(1, 1, 31), span(2, 40, 80, 1), span(3, 50, 60, 2)],
        [(1, 1, 31)],
    ),
    "5 a child that nobody waits for, and what is below it": (
        [span(1, 1, 31), span(2, 10, 20, 1, "consumer"), span(3, 12, 14, 2)],
        [(1, 1, 31)],
    ),
    "6 a child that ends after its parent, a grandchild that begins before its own": (
        [span(1, 1, 30), span(2, 15, 35, 1), span(3, 10, 25, 2)],
        [(1, 1, 15), (3, 15, 25), (2, 25, 30)],
    ),
    "7 a child and a grandchild that end after the root": (
        [span(1, 1, 30), span(2, 15, 35, 1), span(3, 20, 40, 2)],
        [(1, 1, 15), (2, 15, 20), (3, 20, 30)],
    ),
    "8 a child that begins before and ends after its parent": (
        [span(1, 10, 30), span(2, 5, 35, 1)],
        [(2, 10, 30)],
    ),
    "9 a child that ended before its parent began": (
        [span(1, 10, 30), span(2, 1, 5, 1)],
        [(1, 10, 30)],
    ),
}


@pytest.mark.parametrize("example", sorted(JAEGER))
def test_jaegers_examples(example: str):
    spans, expected = JAEGER[example]
    assert path(*spans) == expected


def test_one_that_ended_as_the_next_began_was_waited_for():
    """On purpose other than Jaeger's, which leaves the first child out: an agent's calls follow each other
    without a gap where a clock is coarse, and all of them are what the run is made of.
    """
    spans = [span(1, 0, 90), span(2, 0, 40, 1), span(3, 40, 90, 1)]
    assert path(*spans) == [(2, 0, 40), (3, 40, 90)]


def test_a_message_taken_later_is_a_root_where_its_sender_was_not_recorded():
    spans = [span(2, 10, 50, 1, "consumer"), span(3, 20, 40, 2)]
    assert path(*spans) == [(2, 10, 20), (3, 20, 40), (2, 40, 50)]


@st.composite
def traces(draw: st.DrawFn) -> list[SpanRecord]:
    """Spans that may overlap, stick out, run on, lack a parent or hang from a later one."""
    count = draw(st.integers(1, 14))
    made: list[SpanRecord] = []
    for number in range(1, count + 1):
        start = draw(st.integers(0, 40))
        end = draw(st.none() | st.integers(0, 30).map(lambda n, s=start: s + n))
        parent = draw(st.none() | st.integers(1, count + 1))
        kind: Kind = draw(st.sampled_from(("internal", "client", "producer", "consumer")))
        made.append(span(number, start, end, parent, kind))
    return made


def bounds(node: Node, low: int, high: int, now: int) -> tuple[int, int]:
    end = now if node.end is None else node.end
    return max(node.start, low), min(end, high)


def awaited(child: Node) -> bool:
    above = child.parent
    return (
        above is None
        or above.span is None
        or child.span is None
        or child.span.kind not in ("producer", "consumer")
    )


def naive(node: Node, low: int, high: int, now: int) -> list[Segment]:
    """The definition, read aloud: the path of `node` back from `high`."""
    held: list[Segment] = []
    at = high
    while True:
        ended = [
            (b[1], -b[0], child.span_id, child)
            for child in node.children
            if awaited(child) and (b := bounds(child, low, high, now)) and b[0] < b[1] <= at
        ]
        if not ended:
            return ([Segment(node, low, at)] if at > low else []) + held
        *_, last = max(ended, key=lambda e: e[:3])
        start, end = bounds(last, low, high, now)
        own = [Segment(node, end, at)] if at > end else []
        held = naive(last, start, end, now) + own + held
        at = start


@given(traces())
def test_the_path_is_whole_and_as_defined(spans: list[SpanRecord]):
    tree = build_tree(spans)
    now = max([tree.end, *(s.start_time for s in spans)]) + 3
    found = critical_path(tree, now)
    segments = found.segments
    # Contiguous from end to end: it adds up to the whole.
    assert sum(s.end - s.start for s in segments) == found.end - found.start
    assert all(one.end == two.start for one, two in pairwise(segments))
    assert all(s.start < s.end for s in segments)
    if segments:
        assert (segments[0].start, segments[-1].end) == (found.start, found.end)
        assert abs(sum(s.share for s in found.shares()) - 1) < 1e-9
    for segment in segments:
        node = segment.node
        if node is None:
            assert len(tree.roots) > 1
            continue
        # Within its span and all above it.
        for above in (node, *node.ancestors()):
            end = now if above.end is None else above.end
            assert above.start <= segment.start
            assert segment.end <= end
        # Its own time: nothing that it waited for ended within.
        for child in node.children:
            start, end = bounds(child, found.start, found.end, now)
            inside = awaited(child) and start < end and segment.start < end < segment.end
            assert not (inside and start >= segment.start)
    if len(tree.roots) == 1:
        root = tree.roots[0]
        assert segments == naive(root, found.start, found.end, now)
