"""Cells, axes and tables: what holds for any text and any width."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jollyscope.query.clock import ago
from jollyscope_cli.render.cells import clean, cut, fit, wide
from jollyscope_cli.render.listing import short_length
from jollyscope_cli.render.table import Cell, Column, draw, layout

texts = st.text(
    st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from("北京🦊👩‍\ufe0fé…─█")),
    max_size=60,
)


@given(texts, st.integers(0, 40), st.booleans())
def test_fit_is_exact(text, cells, right):
    assert wide(fit(clean(text), cells, right=right)) == cells
    assert wide(cut(clean(text), cells)) <= cells


@given(texts)
def test_clean_leaves_nothing_that_steers_a_terminal(text):
    assert all(char.isprintable() or ord(char) >= 0xA0 for char in clean(text))
    assert not set(clean(text)) & set("\x1b\n\t\x07\x9b\u202e\u2066")
    assert clean(clean(text)) == clean(text)


def test_what_is_cut_says_so():
    assert cut("abcdef", 6) == "abcdef"
    assert cut("abcdef", 5) == "abcd…"
    assert cut("北京天气", 5) == "北京…"
    assert cut("北京天气", 4) == "北…"
    assert (cut("ab", 1), cut("ab", 0)) == ("…", "")


columns = st.lists(
    st.tuples(st.booleans(), st.integers(1, 20), st.integers(1, 60), st.integers(0, 6)),
    min_size=1,
    max_size=8,
)


@given(columns, st.integers(20, 200), st.data())
def test_a_table_is_aligned_and_fits(shapes, room, data):
    made = [
        Column(f"c{n}", lambda row: Cell(str(row)), right, least, most, rank=rank + 1)
        for n, (right, least, most, rank) in enumerate(shapes)
    ]
    rows = [[Cell(data.draw(texts)) for _ in made] for _ in range(3)]
    plan = layout(made, rows, room)
    assert [*plan.columns] == [column for column in made if column.name not in plan.dropped]
    assert sum(plan.widths) + 2 * (len(plan.widths) - 1) <= max(room, plan.widths[0])
    kept = [n for n, column in enumerate(made) if column in plan.columns]
    for row in rows:
        line = draw(plan, [row[n] for n in kept], lambda text, style: text)
        assert wide(line) <= max(room, plan.widths[0])


def test_ids_are_told_apart():
    assert short_length([]) == 8
    assert short_length(["a" * 32, "b" * 32]) == 8
    assert short_length(["0" * 20 + "1", "0" * 20 + "2", "f"]) == 21
    assert short_length(["same", "same"]) == 8


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "now"),
        (0.999, "now"),
        (1, "1s ago"),
        (59.9, "59s ago"),
        (60, "1m ago"),
        (3599, "59m ago"),
        (3600, "1h ago"),
        (86399, "23h ago"),
        (86400, "1d ago"),
        (604799, "6d ago"),
        (604800, "2026-11-13"),
        (-0.5, "now"),
        (-3600, "2026-11-20"),
    ],
)
def test_ago(seconds, said):
    now = 1_795_183_391_000_000_000  # 2026-11-20T14:03:11Z
    assert ago(now - int(seconds * 1e9), now) == said
