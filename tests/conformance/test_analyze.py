"""The same runs have the same findings, whichever store holds them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from jollyscope.analysis.asked import asked
from jollyscope.analysis.report import chosen, report
from jollyscope.query.scope import Scope
from tests.conformance.conftest import Subject
from tests.library.analysis.planted import clean, root, think, tool

NAMES = ("bottlenecks", "waiting", "repeats", "retries", "growth", "errors")
BAD = f"{99:032x}"
RUN = [
    root(99, 900, status="error"),
    *(
        tool(99, n, n * 100, 100, "北京 stuck", input='{"城市": "北京"}', output="多云")
        for n in (2, 3, 4)
    ),
    tool(99, 5, 500, 100, "flaky", status="error", error_type="E", error_message="订单 7 🦊" * 300),
    tool(99, 6, 600, 100, "flaky"),
    think(99, 7, 700, 100, output="same"),
    think(99, 8, 800, 100, output="same"),
]


def test_findings_agree(make: Callable[[], Subject]):
    subject = make()
    subject.feed([*clean(5), *RUN])
    with subject.store.reader() as reader:
        request = asked(reader, "tool:flaky OR steps>3", Scope())
        told = report(reader, request, chosen(NAMES))
        alone = report(reader, asked(reader, BAD, Scope()), chosen(NAMES))
    assert told.totals.runs == 6
    assert told.totals.ms == pytest.approx(
        sum(s.duration_ms for s in [*clean(5), *RUN] if not s.parent_span_id)
    )
    found = {(one.analysis.name, one.finding.filter): one.finding for one in alone.found}
    numbers: dict[str, Any] = {name: f.evidence.numbers for (name, _), f in found.items()}
    assert numbers["repeats"]["repeated"] in (1, 2)
    assert found["repeats", f'trace:{BAD} tool:"北京 stuck"'].saves_ms == pytest.approx(200)
    assert found["repeats", f"trace:{BAD} model:gpt-4o"].saves_usd == pytest.approx(0.001)
    assert numbers["retries"]["came_through"] == 1
    assert numbers["errors"]["example"] == ("订单 7 🦊" * 300)[:1000]
    assert numbers["errors"]["failed_runs"] == 1
