"""Alerts as a list: what goes on is one row, and its filter leaves the traces behind it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from jollyscope.analysis.live.definitions import Finding
from jollyscope.analysis.live.past import Subject
from jollyscope.model.records import EventRecord, SpanRecord
from jollyscope.model.wire import encode_lines
from jollyscope.query.alerts import AlertRow, alert_filter, recent_alerts
from jollyscope.query.dashboard import dashboard
from jollyscope.query.listing import list_traces
from jollyscope.query.scope import scope
from jollyscope.store.api import Reader
from jollyscope.store.lake.store import LakeStore
from jollyscope.transport.spool import SpoolWriter, spool_dir

MINUTE = 60 * 10**9
NOW = 1_790_000_000 * 10**9
DESK = Subject("desk 桌", "act", "search", "")
CHAT = Subject("desk 桌", "think", "", "gpt 4o")


def alert(name: str, minute: int, about: Subject = DESK, trace: str | None = None) -> EventRecord:
    return Finding(
        name=name, time=NOW + minute * MINUTE, subject=about, value=1.0, body=f"{name} {minute}",
        trace_id=trace,
    ).record()  # fmt: skip


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    home: Path = tmp_path_factory.mktemp("alerts")
    events = [alert("errors", n) for n in (0, 1, 2, 20, 21)]
    events += [alert("errors", 1, CHAT), alert("latency", 1), alert("loop", 5, trace="a" * 32)]
    events += [
        *events[:2],
        EventRecord(record_id="own", time=NOW, type="alert", body={"any": "thing"}),
        EventRecord(record_id="log", time=NOW, type="log", body="no alert"),
    ]
    spans = [
        SpanRecord(
            trace_id=f"{n + 1:032x}", span_id=f"{n + 1:016x}", service="desk 桌", step_type="act",
            tool_name="search" if n else "other", status="error" if n == 2 else "ok",
            start_time=NOW, end_time=NOW,
        )
        for n in range(3)
    ]  # fmt: skip
    with closing(SpoolWriter(spool_dir(home))) as writer:
        writer.write("event", encode_lines(events))
        writer.write("span", encode_lines(spans))
    store = LakeStore(home)
    with store.reader() as found:
        yield found
    store.close()


def told(rows: list[AlertRow]) -> list[tuple[str, int, int, int]]:
    return [
        (r.name, (r.first_time - NOW) // MINUTE, (r.last_time - NOW) // MINUTE, r.count)
        for r in rows
    ]


def test_what_goes_on_is_one_row(reader: Reader):
    rows = recent_alerts(reader)
    assert sorted(told(rows)) == sorted(
        [
            ("errors", 20, 21, 2), ("loop", 5, 5, 1), ("errors", 0, 2, 3), ("errors", 1, 1, 1),
            ("latency", 1, 1, 1), ("alert", 0, 0, 1),
        ]
    )  # fmt: skip
    assert [row.last_time for row in rows] == sorted((r.last_time for r in rows), reverse=True)
    assert (rows[0].body, rows[0].until) == ("errors 21", NOW + 22 * MINUTE)
    assert rows[-1].body == '{"any":"thing"}'


def test_of_a_stretch_of_time(reader: Reader):
    rows = recent_alerts(reader, since=NOW + 2 * MINUTE, until=NOW + 21 * MINUTE)
    assert told(rows) == [("errors", 20, 20, 1), ("loop", 5, 5, 1), ("errors", 2, 2, 1)]
    assert told(recent_alerts(reader, limit=1)) == [("errors", 20, 21, 2)]


def test_the_filter_leaves_the_traces_behind(reader: Reader):
    errors, latency = (
        next(row for row in recent_alerts(reader) if row.name == name)
        for name in ("errors", "latency")
    )
    assert alert_filter(latency) == 'service:"desk 桌" step:act tool:search'
    for row, expected in ((latency, {2, 3}), (errors, {3})):
        where = scope(alert_filter(row), now=NOW).where("traces")
        found = list_traces(reader, where=where).rows
        assert {int(one.trace_id, 16) for one in found} == expected


def test_the_dashboard_has_them(reader: Reader):
    shown = dashboard(reader, scope("tool:nothing", now=NOW + 30 * MINUTE, since="25m"))
    assert told(shown.alerts) == [("errors", 20, 21, 2), ("loop", 5, 5, 1)]
