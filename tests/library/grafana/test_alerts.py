"""Every alert rule fires on records made to fire it, and is quiet on others.

What Grafana does is done here: the rule's own query, its macros expanded for the rule's own window, and the
threshold that the provisioned file says compared with each row's number.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from operator import gt
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
import yaml

from jollyscope.model.records import SpanRecord
from tests.clickhouse import emptied
from tests.library.grafana.data import SERVICES, S, deliver, metric, refuse, runs, shift, spoiled
from tests.library.grafana.make_dashboards import files
from tests.library.grafana.plugin_macros import Shown, in_backend

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

(GROUP,) = yaml.safe_load(files()["provisioning/alerting/rules.yaml"])["groups"]
RULES: dict[str, dict[str, Any]] = {
    rule["uid"].removeprefix("jollyscope-"): rule for rule in GROUP["rules"]
}
COMPARED = {"gt": gt}


@pytest.fixture
def client() -> Client:
    return emptied("grafana")


def firing(client: Client, name: str, instead: Callable[[str], str] = str) -> list[str]:
    """The labels of the rows for which the rule's condition holds. `instead` changes its SQL."""
    asked, compared = RULES[name]["data"]
    assert RULES[name]["condition"] == compared["refId"]
    assert compared["model"]["expression"] == asked["refId"]
    now = time.time_ns() // 10**6
    window = asked["relativeTimeRange"]
    shown = Shown(now - window["from"] * 1000, now - window["to"] * 1000)
    answer = client.query(in_backend(instead(asked["model"]["rawSql"]), shown))
    (condition,) = compared["model"]["conditions"]
    (limit,) = condition["evaluator"]["params"]
    holds = COMPARED[condition["evaluator"]["type"]]
    return [
        " ".join(value for value in row if isinstance(value, str))
        for row in answer.result_rows
        if any(holds(value, limit) for value in _numbers(row))
    ]


def _numbers(row: tuple[Any, ...]) -> list[float]:
    """A row of what Grafana takes for a set of numbers has one, and else text only."""
    told = [value for value in row if not isinstance(value, str)]
    assert len(told) == 1, row
    return [value for value in told if value is not None]


def settled(spans: list[SpanRecord]) -> list[SpanRecord]:
    """None of them failed."""
    return [msgspec.structs.replace(span, status="ok", error_type=None) for span in spans]


def well(client: Client) -> None:
    """Executions as they should be; and what looks bad but is no reason to wake anybody: too few failures
    to be a rate, and a replay of old spans."""
    now = time.time_ns()
    few = [
        msgspec.structs.replace(span, service="rare", status="error", duration_ms=1e6)
        for span in runs(9, now, seed=6)
    ]
    deliver(
        client, [*settled(runs(24, now)), *few, metric("process.cpu.utilization", now - S, 0.5)]
    )
    deliver(client, shift(runs(1, now, seed=7), -3600 * S), late_s=3590, topic="spool")


def unwell(client: Client) -> None:
    """Of the first service executions last two minutes, of the second every fourth fails; all were heard of
    a minute after they ended, and one line among them is no record."""
    made: list[SpanRecord] = []
    for number, span in enumerate(shift(settled(runs(44, time.time_ns())), -181 * S)):
        if span.parent_span_id is None and span.service == SERVICES[0]:
            late = {"end_time": span.start_time + 120 * S, "duration_ms": 120e3}
            made.append(msgspec.structs.replace(span, **late))
        elif span.parent_span_id is None and number % 8 == 4:
            made.append(msgspec.structs.replace(span, status="error"))
        else:
            made.append(span)
    deliver(client, made, late_s=60)
    refuse(client, spoiled(1), time.time() - 60)


def test_all_are_quiet_while_all_is_well(client: Client):
    well(client)
    assert {name: firing(client, name, roomy) for name in RULES} == {name: [] for name in RULES}


def test_all_are_quiet_where_nothing_is(client: Client):
    assert {name: firing(client, name, roomy) for name in RULES} == {name: [] for name in RULES}


def test_each_fires_on_what_it_is_for(client: Client):
    unwell(client)
    assert {name: firing(client, name, roomy) for name in RULES} == {
        "error-rate": [SERVICES[1]],
        "latency": [SERVICES[0]],
        "lag": [""],
        "dead-letters": [""],
        "freshness": [],
        "disk": [],
    }


@pytest.mark.parametrize(("ago_s", "fires"), [(600, []), (1800, [""]), (3 * 86400, [])])
def test_silence_is_told_until_nobody_waits(client: Client, ago_s: int, fires: list[str]):
    deliver(client, [metric("process.cpu.utilization", time.time_ns() - ago_s * S, 0.5)])
    assert firing(client, "freshness") == fires


def roomy(sql: str) -> str:
    """The machine's own disks may be full."""
    return sql.replace("system.disks", disks(0.5))


def disks(used: float) -> str:
    return (
        "(SELECT name, toUInt64(1000) AS total_space, toUInt64(total_space * share) AS free_space"
        f" FROM values('name String, share Float64', ('a', 0.9), ('b', {1 - used})))"
    )


@pytest.mark.parametrize(("used", "fires"), [(0.8, []), (0.9, [""])])
def test_the_fullest_disk_decides(client: Client, used: float, fires: list[str]):
    assert firing(client, "disk", lambda sql: sql.replace("system.disks", disks(used))) == fires
    columns = {"name", "total_space", "free_space"}
    there = client.query("SELECT * FROM system.disks")
    assert columns <= set(there.column_names)
    assert all(row for row in there.result_rows)


def test_what_they_say_names_no_variable_of_the_environment():
    """Grafana puts the environment into every text but the query itself."""
    for rule in RULES.values():
        texts = [rule["title"], *rule["annotations"].values(), *rule["labels"].values()]
        assert not any("$" in text for text in texts)
