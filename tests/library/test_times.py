"""Points in time as people write them."""

from __future__ import annotations

import contextlib
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jollyscope.errors import UsageError
from jollyscope.query.sizes import parse_size
from jollyscope.query.times import parse_time

NOW = 1_795_183_391_000_000_000  # 2026-11-20T14:03:11Z
SECOND = 10**9


@pytest.fixture(autouse=True)
def shanghai(monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0s", 0),
        ("15m", 900),
        (" 2h ", 7200),
        ("2 h", 7200),
        ("3d", 259200),
        ("1w", 604800),
        ("1.5h", 5400),
        ("0.25s", 0.25),
    ],
)
def test_that_long_ago(text, seconds):
    assert parse_time(text, NOW) == NOW - int(seconds * SECOND)


def test_now():
    assert parse_time("now", NOW) == NOW


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-20T14:03:11Z", "2026-11-20T14:03:11+00:00"),
        ("2026-11-20T14:03:11.000250+00:00", "2026-11-20T14:03:11.000250+00:00"),
        ("2026-11-20T22:03+08:00", "2026-11-20T14:03:00+00:00"),
        ("2026-11-20 22:03", "2026-11-20T14:03:00+00:00"),  # local time
        ("2026-11-20", "2026-11-19T16:00:00+00:00"),  # local midnight
        ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00+00:00"),
        ("1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.500000+00:00"),
    ],
)
def test_iso(text, moment):
    expected = datetime.fromisoformat(moment) - datetime(1970, 1, 1, tzinfo=UTC)
    micros = (expected.days * 86400 + expected.seconds) * 10**6 + expected.microseconds
    assert parse_time(text, NOW) == micros * 1000


@pytest.mark.parametrize(
    "text",
    ["", "soon", "15", "m", "-5m", "15 minutes", "2026-13-01", "0001-01-01", "9999-12-31",
     "9" * 400 + "m", "99999999w", "1e3s", "nan", "١٥m" + "x"],
)  # fmt: skip
def test_no_time(text):
    with pytest.raises(UsageError) as caught:
        parse_time(text, NOW)
    assert caught.value.message == f"`{text}` is no time."
    assert "15m, 2h, 3d" in caught.value.hint


@given(st.text(max_size=12))
def test_anything_else_is_told_or_a_time_in_64_bits(text):
    with contextlib.suppress(UsageError):
        assert abs(parse_time(text, NOW)) < 2**63


@given(st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1)))
def test_iso_to_the_microsecond(moment):
    aware = moment.replace(tzinfo=UTC)
    delta = aware - datetime(1970, 1, 1, tzinfo=UTC)
    nanos = (delta.days * 86400 + delta.seconds) * SECOND + delta.microseconds * 1000
    assert parse_time(aware.isoformat(), NOW) == nanos


@pytest.mark.parametrize(
    ("text", "octets"),
    [
        ("812", 812),
        ("812 B", 812),
        ("500MB", 500_000_000),
        ("500 mb", 500_000_000),
        ("2GB", 2_000_000_000),
        ("2g", 2_000_000_000),
        ("1.5GiB", 1_610_612_736),
        ("4KiB", 4096),
        ("1TB", 10**12),
    ],
)
def test_sizes(text, octets):
    assert parse_size(text) == octets


@pytest.mark.parametrize("text", ["", "big", "-1GB", "2 G B", "1iB", "1,5GB", "2PB"])
def test_no_size(text):
    with pytest.raises(UsageError):
        parse_size(text)
