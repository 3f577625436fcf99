"""The failure that the others come from."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jollyscope.analysis.causes import root_cause
from jollyscope.model.records import SpanRecord
from jollyscope.model.tree import build_tree
from tests.library.analysis.test_critical_path import span


def tree(*shape: tuple[int, int | None, bool]) -> list[SpanRecord]:
    """Spans as (number, parent, failed); the number is the start too."""
    made = [span(number, number, 1000 - number, parent) for number, parent, _ in shape]
    for record, (_, _, failed) in zip(made, shape, strict=True):
        record.status = "error" if failed else "ok"
    return made


def cause(*shape: tuple[int, int | None, bool]) -> int | None:
    node = root_cause(build_tree(tree(*shape)))
    return int(node.span_id, 16) if node else None


def test_nothing_failed():
    assert cause((1, None, False), (2, 1, False)) is None


def test_the_lowest_of_a_chain():
    assert cause((1, None, True), (2, 1, True), (3, 2, True), (4, 2, False)) == 3


def test_a_failure_that_was_survived_explains_nothing():
    shape = [(1, None, True), (2, 1, False), (3, 2, True), (4, 1, True), (5, 4, True)]
    assert cause(*shape) == 5


def test_without_a_failed_root_the_first_failure():
    assert cause((1, None, False), (2, 1, False), (3, 2, True), (4, 1, True)) == 3


def test_a_root_that_failed_by_itself():
    assert cause((1, None, True), (2, 1, False), (3, 2, True)) == 1


def test_below_a_parent_that_never_arrived():
    assert cause((5, 99, True), (6, 5, True)) == 6


@given(
    st.lists(st.tuples(st.integers(0, 20), st.booleans()), min_size=1, max_size=20),
)
def test_it_is_a_failure_without_a_failed_child(parts: list[tuple[int, bool]]):
    shape = [
        (number, None if number == 1 else 1 + parent % (number - 1), failed)
        for number, (parent, failed) in enumerate(parts, 1)
    ]
    found = cause(*shape)
    failures = {number for number, _, failed in shape if failed}
    assert (found in failures) == bool(failures)
    if found is not None:
        assert not [n for n, parent, failed in shape if parent == found and failed]
