"""The library's windows and alerts are those that a real Flink told of the same records (`flink.py`)."""

from __future__ import annotations

import msgspec
import pytest

from jollyscope.model.wire import encode
from tests.e2e.flink.traffic import traffic, unusual
from tests.library.live.flink import GOLDEN, Answers, Golden, librarys, same


@pytest.fixture(scope="module")
def golden() -> Golden:
    return msgspec.json.decode(GOLDEN.read_bytes(), type=Golden)


@pytest.fixture(scope="module")
def ours(golden: Golden) -> Answers:
    """Of the same traffic, in the order it was sent; what is malformed Flink had refused before."""
    lines = [(encode(one), golden.odd_at) for one in unusual(golden.odd_at)[0]]
    for count, at, seed in ((30, golden.first_at, 1), (golden.records, golden.rest_at, 2)):
        sent = traffic(count, now=at, seed=seed).lines
        lines += [(line, at) for key, line in sent if key != b"malformed"]
    return librarys(lines)


def test_windows_and_alerts_are_flinks(ours: Answers, golden: Golden):
    assert len(golden.flink.windows) > 50
    same(ours, golden.flink)


def test_each_kind_of_alert_is_among_them(golden: Golden):
    _, times = unusual(golden.odd_at)
    found = {alert["name"]: alert["time"] for alert in golden.flink.alerts}
    assert found == times


def test_late_and_doubled_ones_are_among_them(golden: Golden):
    sent = traffic(golden.records, now=golden.rest_at, seed=2)
    assert sent.late > 100
    assert sent.doubled > 100
    assert sum(golden.flink.late.values()) == sent.late
