"""Numbers as people read them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jollyscope.model.format import cost, count, duration, size


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (None, "-"),
        (0, "0µs"),
        (0.84, "840µs"),
        (0.9994, "999µs"),
        (0.9995, "1ms"),
        (12.4, "12ms"),
        (999.4, "999ms"),
        (999.5, "1.00s"),
        (1100, "1.10s"),
        (9994, "9.99s"),
        (9995, "10.0s"),
        (42_000, "42.0s"),
        (59_949, "59.9s"),
        (59_950, "1m 00s"),
        (187_000, "3m 07s"),
        (3_599_400, "59m 59s"),
        (3_599_600, "1h 00m"),
        (7_500_000, "2h 05m"),
        (86_399_600, "1d 00h"),
        (356_400_000, "4d 03h"),
    ],
)
def test_duration(ms, text):
    assert duration(ms) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (None, "-"),
        (0, "0"),
        (999, "999"),
        (4310, "4,310"),
        (99_999, "99,999"),
        (100_000, "100k"),
        (123_456, "123k"),
        (999_499, "999k"),
        (999_500, "1.0M"),
        (1_234_567, "1.2M"),
        (123_456_789, "123M"),
        (999_500_000, "1.0G"),
        (10**12, "1.0T"),
        (5 * 10**15, "5000T"),
        (-1234, "-1,234"),
    ],
)
def test_count(number, text):
    assert count(number) == text


@pytest.mark.parametrize(
    ("usd", "text"),
    [
        (None, "-"),
        (0, "$0"),
        (0.00001, "<$0.0001"),
        (0.0003, "$0.0003"),
        (0.021, "$0.021"),
        (0.9994, "$0.999"),
        (0.9996, "$1.00"),
        (1.2, "$1.20"),
        (12_345.6, "$12,345.60"),
        (-1.2, "-$1.20"),
    ],
)
def test_cost(usd, text):
    assert cost(usd) == text


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (None, "-"),
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (2100, "2.1 kB"),
        (999_949, "999.9 kB"),
        (999_950, "1.0 MB"),
        (3_400_000, "3.4 MB"),
        (5 * 10**9, "5.0 GB"),
        (7 * 10**12, "7.0 TB"),
    ],
)
def test_size(octets, text):
    assert size(octets) == text


_UNITS = {"µs": 0.001, "ms": 1.0, "s": 1e3, "m": 60e3, "h": 3600e3, "d": 86400e3}


def read(text: str) -> float:
    """A duration's text back as milliseconds."""
    total = 0.0
    for part in text.split():
        number = part.rstrip("µsmhd")
        total += float(number) * _UNITS[part[len(number) :]]
    return total


@given(st.floats(0.001, 1e10))
def test_a_duration_says_what_it_was_within_its_digits(ms):
    text = duration(ms)
    unit = _UNITS[text.split()[-1].lstrip("0123456789.")]
    assert abs(read(text) - ms) <= unit + ms * 0.005
    assert len(text) <= 9


@given(st.floats(0, 1e10), st.floats(0, 1e10))
def test_longer_never_reads_shorter(one, two):
    low, high = sorted((one, two))
    assert read(duration(low)) <= read(duration(high)) + 1e-6


@given(st.integers(0, 10**13))
def test_a_count_is_near_and_short(number):
    text = count(number)
    factor = {"k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}.get(text[-1], 1)
    value = float(text.rstrip("kMGT").replace(",", "")) * factor
    assert abs(value - number) <= number * 0.05
    assert len(text) <= 6
