"""A small run of `make load`, so that the large ones work when they are wanted."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.load import report
from tests.load.agent import Pace
from tests.load.plot import plot
from tests.load.run import Asked, run


@pytest.mark.slow
def test_every_step_is_accounted_for(tmp_path: Path):
    told: list[str] = []
    asked = Asked(minutes=4 / 60, sessions=40, threads=20, pace=Pace(factor=0.1), look=0.0)
    result = run(asked, tmp_path, told.append)
    found = result.account
    assert found.exact, found
    assert found.recorded == len(result.sent) >= 40 * 5
    assert [way.dropped for way in result.ways.values()] == [0, 0, 0]
    assert tuple(result.ways) == ("sdk", "http", "off")
    assert all(way.tally.runs > 0 for way in result.ways.values())
    assert result.complaints == []
    # There are no steps of more than a minute here.
    assert len(result.seen) == found.recorded
    assert all(one.after > 0 for one in result.seen)
    assert [one.wrong for one in result.timings if one.wrong] == []
    text = report.text(result)
    assert f"{found.recorded:,}" in text
    assert "all of them, each once, as they were" in text
    ElementTree.fromstring(plot(result))
