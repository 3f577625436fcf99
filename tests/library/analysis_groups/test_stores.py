"""Both stores give the statistics the same numbers."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from jollyscope.analysis.finding import Request
from jollyscope.analysis.groups.hours import hours
from jollyscope.analysis.groups.outliers import outliers
from jollyscope.analysis.groups.samples import sample
from jollyscope.analysis.groups.series import SOURCES, Series, series_of
from jollyscope.analysis.groups.slo import attained, objective
from jollyscope.analysis.groups.versions import release_at
from jollyscope.analysis.groups.visits import sessions, users
from jollyscope.query.filter import parse
from jollyscope.query.scope import Scope
from jollyscope.store.api import Reader
from tests.conformance.conftest import ClickHouse, Lake, Subject
from tests.library.analysis_groups.made import CHANGE, DAY, planted

SCOPE = Scope(now=CHANGE + DAY, until=CHANGE + DAY, filter=parse("service:desk"))


class _ClickHouse(ClickHouse):
    DATABASE = "groups"


def near(value: Any) -> Any:
    """Floats depend on the order of adding."""
    if isinstance(value, float):
        return pytest.approx(value, rel=1e-9)
    if isinstance(value, date | Series):
        return value
    if isinstance(value, list | tuple):
        return [near(one) for one in value]
    if isinstance(value, dict):
        return {key: near(one) for key, one in value.items()}
    return value


def plain(value: Any) -> Any:
    """Named tuples as lists, which `near` gives."""
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    return value


def asked(reader: Reader) -> dict[str, Any]:
    """Everything that is asked of a store."""
    series = series_of(reader, SOURCES[1], SCOPE)
    (tool,) = [one for one in series if one.name == "search"]
    at = next(n for n, point in enumerate(tool.points) if point.first >= CHANGE)
    request = Request(scope=SCOPE)
    return {
        "series": [(one.source.of, one.name, one.points) for one in series],
        "release": release_at(reader, tool, at),
        "sample": sample(reader, SCOPE),
        "hours": hours(reader, SCOPE),
        "outliers": [(one.trace_id, one.bound, one.z) for one in outliers(reader, SCOPE)],
        "attained": attained(reader, SCOPE, objective("p90 duration < 2s")),
        "sessions": sessions(reader, request),
        "users": users(reader, request),
    }


def answers(subject: Subject) -> dict[str, Any]:
    """From two days before the change to one after it, with a run that takes a hundred times as long."""
    spans = [s for s in planted() if CHANGE - 2 * DAY <= s.start_time < CHANGE + DAY]
    spans[0].duration_ms = 200_000.0
    spans[0].end_time = spans[0].start_time + 200_000 * 10**6
    subject.feed(spans)
    try:
        with subject.store.reader() as reader:
            return asked(reader)
    finally:
        subject.close()


def test_both_stores_agree(tmp_path: Path):
    lake, clickhouse = answers(Lake(tmp_path)), answers(_ClickHouse(tmp_path))
    for name, value in lake.items():
        assert plain(clickhouse[name]) == near(value), name
    assert [name for _, name, _ in lake["series"]] == ["mail", "search"]
    assert lake["release"] == ("desk", "1.3", "1.4")
    assert len(lake["outliers"]) == 1
