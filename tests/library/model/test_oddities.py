"""What is odd about a span's place, in words."""

from __future__ import annotations

from jollyscope.model.oddities import CYCLE, MISSING, ODDITIES, OUTLASTS, SKEW, oddities
from jollyscope.model.tree import build_tree
from tests.library.analysis.test_critical_path import span


def test_each_has_a_mark_of_its_own():
    assert len({odd.mark for odd in ODDITIES}) == len({odd.word for odd in ODDITIES}) == 4


def test_places_in_the_tree():
    tree = build_tree(
        [
            span(1, 10, 50), span(2, 5, 20, 1), span(3, 20, 60, 1), span(4, 0, 90, 1),
            span(5, 11, 12, 1), span(6, 1, 2, 99), span(7, 1, 5, 8), span(8, 2, 4, 7),
        ]
    )  # fmt: skip
    found = {int(i, 16): oddities(node) for i, node in tree.by_id.items()}
    assert found == {
        1: [], 2: [SKEW], 3: [OUTLASTS], 4: [SKEW], 5: [], 6: [], 99: [MISSING], 7: [CYCLE], 8: [],
    }  # fmt: skip
