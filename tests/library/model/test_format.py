"""Numbers as people read them, at and around every boundary."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jollyscope.model.format import cost, count, duration, size


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (None, "-"), (0, "0µs"), (0.0001, "0µs"), (0.0005, "0µs"), (0.0006, "1µs"), (0.84, "840µs"),
        (0.99949, "999µs"), (0.9995, "1ms"), (1, "1ms"), (12.4, "12ms"), (999.4, "999ms"),
        (999.5, "1.00s"), (1_100, "1.10s"), (9_994, "9.99s"), (9_995, "10.0s"), (42_000, "42.0s"),
        (59_949, "59.9s"), (59_950, "1m 00s"), (60_000, "1m 00s"), (187_000, "3m 07s"),
        (3_599_499, "59m 59s"), (3_599_501, "1h 00m"), (7_500_000, "2h 05m"),
        (86_399_499, "23h 59m"), (86_399_501, "1d 00h"), (4 * 86_400_000 + 3 * 3_600_000, "4d 03h"),
        (1000 * 86_400_000, "1000d 00h"),
    ],
)  # fmt: skip
def test_duration(ms: float | None, text: str):
    assert duration(ms) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (None, "-"), (0, "0"), (7, "7"), (1_234, "1,234"), (99_999, "99,999"), (100_000, "100k"),
        (123_456, "123k"), (999_499, "999k"), (999_500, "1.0M"), (1_240_000, "1.2M"),
        (99_940_000, "99.9M"), (99_950_000, "100M"), (999_499_999, "999M"), (999_500_000, "1.0G"),
        (10**12, "1.0T"), (1_500 * 10**12, "1500T"), (-5, "-5"), (-1_240_000, "-1.2M"),
    ],
)  # fmt: skip
def test_count(number: int | None, text: str):
    assert count(number) == text


@pytest.mark.parametrize(
    ("usd", "text"),
    [
        (None, "-"), (0, "$0"), (1e-9, "<$0.0001"), (0.00004999, "<$0.0001"), (0.00005, "$0.0001"),
        (0.0003, "$0.0003"), (0.00994, "$0.0099"), (0.00995, "$0.010"), (0.00999, "$0.010"),
        (0.021, "$0.021"), (0.9994, "$0.999"), (0.9995, "$1.00"), (1.2, "$1.20"),
        (1234.5, "$1,234.50"),
    ],
)  # fmt: skip
def test_cost(usd: float | None, text: str):
    assert cost(usd) == text


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (None, "-"), (0, "0 B"), (812, "812 B"), (999, "999 B"), (1_000, "1.0 kB"),
        (2_149, "2.1 kB"), (999_949, "999.9 kB"), (999_950, "1.0 MB"), (3_400_000, "3.4 MB"),
        (999_950_000, "1.0 GB"), (999_950_000_000, "1.0 TB"), (2_500 * 10**12, "2500.0 TB"),
    ],
)  # fmt: skip
def test_size(octets: int | None, text: str):
    assert size(octets) == text


@given(st.floats(0, 1e12))
def test_a_duration_is_short_and_two_units_are_full(ms: float):
    text = duration(ms)
    assert len(text) <= 10
    if " " in text:
        _, small = text.split()
        assert int(re.sub(r"\D", "", small)) < (24 if small[-1] == "h" else 60)


@given(st.integers(0, 10**14), st.integers(0, 10**14))
def test_more_never_reads_as_less(one: int, other: int):
    unit = {"": 1, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}

    def read(text: str) -> float:
        digits = text.rstrip("kMGT")
        return float(digits.replace(",", "")) * unit[text[len(digits) :]]

    small, big = sorted([one, other])
    assert read(count(small)) <= read(count(big))
    assert read(count(big)) == pytest.approx(big, rel=0.06)
