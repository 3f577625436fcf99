from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from jollyscope_tui.widgets.cells import clean, cut, fit, fit_right, paint_width, wrap, wrap_paint

ANY_TEXT = st.text(max_size=60) | st.text(
    st.sampled_from("a 北京天é👩‍💻🇨🇳👍🏽\u202e\x1b\x07\t\n\u0301\u200b한ｱ⚡✔️"), max_size=60
)


@given(ANY_TEXT, st.integers(0, 40))
def test_fit_takes_exactly_its_cells(text: str, width: int) -> None:
    assert cell_len(fit(text, width)) == width
    assert cell_len(fit_right(text, width)) == width


@given(ANY_TEXT)
def test_clean_leaves_nothing_that_moves_the_cursor(text: str) -> None:
    for char in clean(text):
        assert unicodedata.category(char) not in ("Cc", "Cs", "Zl", "Zp")
        assert unicodedata.bidirectional(char) not in (
            "LRE",
            "RLE",
            "LRO",
            "RLO",
            "PDF",
            "LRI",
            "RLI",
            "FSI",
            "PDI",
        )


@given(ANY_TEXT, st.integers(2, 30))
def test_wrap_loses_nothing_and_fits(text: str, width: int) -> None:
    text = clean(text)
    pieces = wrap(text, width)
    assert "".join(pieces) == text
    assert all(cell_len(piece) <= width for piece in pieces)


@given(st.lists(ANY_TEXT.map(clean), max_size=5), st.integers(0, 30))
def test_wrap_paint_loses_nothing_and_fits(texts: list[str], width: int) -> None:
    lines = wrap_paint([(text, "") for text in texts], width)
    assert "".join(text for line in lines for text, _ in line) == "".join(texts)
    assert all(paint_width(line) <= max(2, width) for line in lines)


@given(st.lists(ANY_TEXT, max_size=5), st.integers(0, 30))
def test_cut_fits(texts: list[str], width: int) -> None:
    assert paint_width(cut([(text, "") for text in texts], width)) <= width


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[31mb", "a␛[31mb"),
        ("a\tb\nc", "a b c"),
        ("🇨🇳", "CN"),
        ("👍🏽", "👍"),
        ("✔️", "✔"),
        ("a\u202eb", "ab"),
        ("\x7f\x85", "␡�"),
    ],
)
def test_clean(text: str, shown: str) -> None:
    assert clean(text) == shown


def test_fit_says_that_it_cut() -> None:
    assert fit("北京明天的天气", 6) == "北京… "
    assert fit("weather", 4) == "wea…"
