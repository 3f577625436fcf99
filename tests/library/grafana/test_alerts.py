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


def well(client: Client) -> None:
    """An hour's half of executions of both services, as they should be."""
    now = time.time_ns()
    spans = [msgspec.structs.replace(span, status="ok", error_type=None) for span in runs(24, now)]
    deliver(client, [*spans, metric("process.cpu.utilization", now - S, 0.5)])


def failing(client: Client) -> None:
    """Every fourth execution of the second service."""
    spans = runs(44, time.time_ns())
    roots = [s for s in spans if s.parent_span_id is None and s.service == SERVICES[1]]
    bad = {s.span_id for s in roots[::4]}
    deliver(
        client,
        [msgspec.structs.replace(s, status="error") if s.span_id in bad else s for s in spans],
    )


def slow(client: Client) -> None:
    """The first service's roots last two minutes."""
    spans = shift(runs(24, time.time_ns()), -200 * S)
    deliver(client, [
        msgspec.structs.replace(s, end_time=s.start_time + 120 * S, duration_ms=120e3)
        if s.parent_span_id is None and s.service == SERVICES[0] else s
        for s in spans
    ])  # fmt: skip


def late(client: Client) -> None:
    """They ended a minute before they were heard of."""
    deliver(client, shift(runs(4, time.time_ns()), -62 * S), late_s=60)


def silent(client: Client) -> None:
    """The last record is half an hour old."""
    deliver(client, shift(runs(4, time.time_ns()), -1800 * S))


def refused(client: Client) -> None:
    """One line among many that is no record."""
    well(client)
    refuse(client, spoiled(1), time.time() - 60)


MADE: dict[str, tuple[Callable[[Client], None], list[str]]] = {
    "error-rate": (failing, [SERVICES[1]]),
    "latency": (slow, [SERVICES[0]]),
    "lag": (late, [""]),
    "freshness": (silent, [""]),
    "dead-letters": (refused, [""]),
}


def test_every_rule_is_tried():
    assert set(RULES) == {*MADE, "disk"}


def test_all_are_quiet_while_all_is_well(client: Client):
    well(client)
    assert {name: firing(client, name, roomy) for name in RULES} == {name: [] for name in RULES}


def test_all_are_quiet_where_nothing_is(client: Client):
    assert {name: firing(client, name, roomy) for name in RULES} == {name: [] for name in RULES}


@pytest.mark.parametrize("name", MADE)
def test_it_fires(client: Client, name: str):
    make, labels = MADE[name]
    make(client)
    assert firing(client, name) == labels


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


def test_records_of_days_ago_wake_nobody(client: Client):
    deliver(client, shift(runs(2, time.time_ns()), -3 * 86400 * S))
    assert firing(client, "freshness") == []


def test_a_replayed_spool_says_nothing_of_the_lag(client: Client):
    deliver(client, shift(runs(2, time.time_ns()), -62 * S), late_s=60, topic="spool")
    assert firing(client, "lag") == []


def test_few_executions_are_no_rate(client: Client):
    spans = [msgspec.structs.replace(s, status="error") for s in runs(12, time.time_ns())]
    deliver(client, spans)
    assert firing(client, "error-rate") == []


def test_what_they_say_names_no_variable_of_the_environment():
    """Grafana puts the environment into every text but the query itself."""
    for rule in RULES.values():
        texts = [rule["title"], *rule["annotations"].values(), *rule["labels"].values()]
        assert not any("$" in text for text in texts)
