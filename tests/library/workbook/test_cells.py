"""Any value as a cell, within Excel's limits."""

from __future__ import annotations

import math
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape

from jollyscope.export.workbook.cells import ENCODERS, MAX_TEXT, attribute, cell_text, shortened

DAY_NS = 86_400 * 10**9
texts = st.text(max_size=20) | st.text(
    st.sampled_from("_x0041&<>\"'\r\n\t\0\x1f\ud800\uffff𝄞é"), max_size=20
)


def encoded(kind: str, *values: Any) -> list[str]:
    return ENCODERS[kind]("B", 7, values, 2, lambda *_: None)


def told(cell: str) -> Any:
    """What a cell says: text, or a number."""
    tree = ElementTree.fromstring(cell)
    if tree.attrib.get("t") == "inlineStr":
        return unescape(tree.findtext("is/t") or "")
    return float(tree.findtext("v") or "nan")


@given(texts)
@settings(max_examples=200)
def test_any_text_comes_back(text: str) -> None:
    assert unescape(ElementTree.fromstring(f"<t>{cell_text(text)}</t>").text or "") == text
    tag = ElementTree.fromstring(f'<t v="{attribute(text)}"/>')
    assert unescape(tag.attrib["v"]) == text


@given(st.lists(st.none() | texts, min_size=1, max_size=6))
@settings(max_examples=100)
def test_texts_together_are_texts_one_by_one(some: list[str | None]) -> None:
    together = encoded("text", *some)
    assert [told(cell) if cell else "" for cell in together] == [text or "" for text in some]
    assert [f'r="B{n}"' in cell for n, cell in enumerate(together, 2)] == [bool(t) for t in some]


@pytest.mark.parametrize("letter", ["a", "é", "文", "😀"])
def test_a_long_text_is_cut_by_utf16_and_says_so(letter: str) -> None:
    units = len(letter.encode("utf-16-le")) // 2
    fits = letter * (MAX_TEXT // units)
    assert shortened(fits) is fits
    long = letter * 1_000_000
    short = shortened(long)
    assert MAX_TEXT - 1 <= len(short.encode("utf-16-le")) // 2 <= MAX_TEXT
    assert short.startswith(letter * 10_000)
    assert short.endswith(" … [cut: 1,000,000 characters]")


def test_whole_texts_that_are_cut_are_handed_out() -> None:
    cut: list[tuple[int, str]] = []
    long = "=" * 1_000_000
    cells = ENCODERS["text"]("A", 1, ["a", long, None], 2, lambda n, t: cut.append((n, t)))
    assert cut == [(1, long)]
    assert told(cells[1]) == shortened(long)


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**15) + 1, 10**15 - 1))
@settings(max_examples=100)
def test_a_number_is_exact(value: float) -> None:
    assert told(encoded("number", value)[0]) == value


def test_numbers_that_excel_would_spoil_are_text() -> None:
    some = [10**15, -(10**15), 2**63, math.nan, math.inf]
    assert [told(cell) for cell in encoded("number", *some)] == [str(value) for value in some]


@given(st.integers(-2_203_891_200 * 10**9, 253_402_300_799 * 10**9))
@settings(max_examples=100)
def test_a_time_is_a_date_to_the_microsecond(time: int) -> None:
    serial = told(encoded("time", time)[0])
    # A double holds a date of our time to 2 µs, of the year 9999 to 40.
    allowed = 2_000 if abs(time) < 2**62 else 50_000
    assert abs((serial - 25_569) * DAY_NS - time) < allowed + 1_000


def test_times_that_excel_has_no_date_for_are_text() -> None:
    some = [-2_203_891_200 * 10**9 - 1, 253_402_300_800 * 10**9, -(2**90)]
    assert [told(cell) for cell in encoded("time", *some)] == [
        "1900-02-28T23:59:59.999999999Z", "253402300800000000000 ns", f"{-(2**90)} ns",
    ]  # fmt: skip


def test_other_kinds() -> None:
    assert encoded("bool", True, False, None) == [
        '<c r="B2" s="7" t="b"><v>1</v></c>', '<c r="B3" s="7" t="b"><v>0</v></c>', "",
    ]  # fmt: skip
    assert told(encoded("list", ["b", "=a"])[0]) == "b, =a"
    assert encoded("list", [], None) == ["", ""]
