"""Every question of every dashboard, on ClickHouse's engine over real records."""

from __future__ import annotations

import json
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from jollyscope.model.records import SpanRecord
from tests.clickhouse import emptied
from tests.library.grafana.data import SERVICES, fill
from tests.library.grafana.make_dashboards import DASHBOARDS, files
from tests.library.grafana.plugin_macros import Shown, in_backend, in_browser

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

ALL = {name: ["$__all"] for name in ("service", "tool", "model", "user")} | {"trace": [""]}


class Filled(NamedTuple):
    """A store, the ended spans in it, and the last hour."""

    client: Client
    spans: list[SpanRecord]
    shown: Shown
    answers: dict[str, list[dict[str, Any]]]
    """Half a second goes into planning what reads `ads_traces`: nothing is asked twice."""

    def ask(self, sql: str, **chosen: list[str]) -> list[dict[str, Any]]:
        text = in_backend(in_browser(sql, {**ALL, **chosen}), self.shown)
        if text not in self.answers:
            self.answers[text] = list(self.client.query(text).named_results())
        return self.answers[text]


@pytest.fixture(scope="module")
def filled() -> Filled:
    client = emptied("grafana")
    spans, now = fill(client)
    ms = now // 10**6
    return Filled(client, spans, Shown(ms - 3_600_000, ms + 60_000), {})


def said(dashboard: str) -> dict[str, Any]:
    return json.loads(files()[f"dashboards/{dashboard}.json"])


def questions() -> dict[str, str]:
    return {
        f"{name}: {panel['title']}, {query['refId']}": query["rawSql"]
        for name in DASHBOARDS
        for panel in said(name)["panels"]
        for query in panel.get("targets", [])
    }


QUESTIONS = questions()


def asked(name: str) -> str:
    return QUESTIONS[name]


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_panel_has_rows(filled: Filled, name: str):
    found = filled.ask(asked(name))
    assert found
    columns = found[0]
    numbers_and_names = [column for column in columns if column not in ("time", "secondarystat")]
    told = {column for row in found for column, value in row.items() if value is not None}
    # Nothing here errs, breaks off or responds in words without any model: such columns may be empty.
    assert set(numbers_and_names) - told <= {
        "other",
        "trace_id",
        "error",
        "user",
        "service",
        "kinds",
    } | (
        {"duration", "output", "input_tokens", "output_tokens", "cost"}
        if "Steps of one" in name
        else set()
    )
    if "time" in columns:
        times = [row["time"] for row in found]
        assert times == sorted(times)


@pytest.mark.parametrize("variable", ["service", "tool", "model", "user"])
def test_a_variable_offers_what_there_is(filled: Filled, variable: str):
    field = {"tool": "tool_name", "user": "user_id"}.get(variable, variable)
    there = {getattr(span, field) for span in filled.spans} - {None}
    (sql,) = {
        found["query"]["rawSql"]
        for name in DASHBOARDS
        for found in said(name)["templating"]["list"]
        if found["name"] == variable
    }
    assert [row[field] for row in filled.ask(sql)] == sorted(there)


CHOICES = {
    "nothing": {},
    "a service with a quote": {"service": [SERVICES[1]]},
    "tools, one with a quote": {"tool": ["search", "o'clock"]},
    "a model and a user": {"model": ["gpt-4o"], "user": ["user-1"]},
    "what is not there": {"user": ["nobody"]},
}


@pytest.mark.parametrize("choice", CHOICES)
def test_choosing_narrows_both_spans_and_traces(filled: Filled, choice: str):
    chosen = CHOICES[choice]
    fields = {"service": "service", "tool": "tool_name", "model": "model", "user": "user_id"}

    def has(span: SpanRecord, names: tuple[str, ...] = tuple(fields)) -> bool:
        return all(getattr(span, fields[n]) in chosen[n] for n in names if n in chosen)

    steps = [s for s in filled.spans if has(s) and s.step_type not in ("user_input", "other")]
    (row,) = filled.ask(asked("performance: Steps, A"), **chosen)
    assert row["steps"] == len(steps)
    # A trace has a tool or model where any of its spans has.
    ids = {s.trace_id for s in filled.spans if has(s, ("service", "user"))}
    for name in ("tool", "model"):
        ids &= {s.trace_id for s in filled.spans if has(s, (name,))}
    cost = sum(s.cost_usd or 0 for s in filled.spans if s.trace_id in ids)
    (row,) = filled.ask(asked("cost: In all, A"), **chosen)
    assert (row["cost"] or 0) == pytest.approx(cost)


def test_the_flow_counts_every_step_and_transition(filled: Filled):
    """Of one trace: a node's number is how often it was there, an edge's how often one followed the other."""
    trace = filled.spans[40].trace_id
    steps = sorted(
        (s for s in filled.spans if s.trace_id == trace),
        key=lambda s: (s.start_time, s.step_type != "user_input", s.span_id),
    )
    ways = [f"act {s.tool_name}" if s.step_type == "act" else s.step_type for s in steps]
    nodes = filled.ask(asked("executions: What follows what, nodes"), trace=[trace])
    edges = filled.ask(asked("executions: What follows what, edges"), trace=[trace])
    assert {n["id"]: n["mainstat"] for n in nodes} == Counter(ways)
    pairs = Counter(pairwise(ways))
    assert {(e["source"], e["target"]): e["mainstat"] for e in edges} == pairs
    assert {e["source"] for e in edges} | {e["target"] for e in edges} <= {n["id"] for n in nodes}
    for node in nodes:
        ring = sum(value for name, value in node.items() if name.startswith("arc__"))
        assert ring == pytest.approx(1)


def test_failures_are_counted_where_they_happened(filled: Filled):
    failed = [s for s in filled.spans if s.status == "error"]
    (row,) = filled.ask(asked("errors: Steps, A"))
    assert (row["failed"], row["kinds"]) == (len(failed), len({s.error_type for s in failed}))
    plotted = Counter()
    for row in filled.ask(asked("errors: Failures by step, A")):
        plotted.update({step: count for step, count in row.items() if step != "time"})
    assert +plotted == Counter(s.step_type for s in failed)


def test_lines_that_are_no_records_are_shown_whole(filled: Filled):
    (row,) = filled.ask(asked("data-flow: Now, A"))
    letters = filled.ask(asked("data-flow: Lines that are no records, A"))
    assert row["refused"] == len(letters) == 3
    assert all("trace_id" in letter["reason"] for letter in letters)
    assert row["lag"] == pytest.approx(0.5, abs=0.01)


def test_the_trace_in_the_box_is_the_one_shown(filled: Filled):
    trace = filled.spans[60].trace_id
    shown = filled.ask(asked("executions: Steps of one trace, A"), trace=[trace])
    assert len(shown) == sum(span.trace_id == trace for span in filled.spans)
    (row,) = filled.ask(asked("executions: Newest executions, A"), trace=[trace])
    assert row["command"] == f"jollyscope show {trace}"
    (running,) = filled.ask(asked("executions: Steps of one trace, A"))  # the newest
    assert running["status"] == "open"
