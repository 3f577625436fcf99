"""A `NumberSource` in memory: the same numbers for the same question."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import msgspec

from jollyscope.analysis.report import Report
from jollyscope.analysis.runs import Totals
from jollyscope.query.alerts import AlertRow
from jollyscope.query.dashboard import Dashboard, Gauge, Stage
from jollyscope.query.groups import GroupRow
from jollyscope.query.histogram import Bucket, Histogram
from jollyscope_tui.sources.numbers import Numbers, NumbersAsked

SECOND = 10**9


def bucket(at: int, start: int, width: int) -> Bucket:
    count = 40 + round(30 * math.sin(at / 4))
    if at % 11 == 7:
        return Bucket(start_time=start, end_time=start + width)
    p50 = 800 + 300 * math.sin(at / 3)
    return Bucket(
        start_time=start,
        end_time=start + width,
        count=count,
        error_count=count // 4 if at % 7 == 3 else at % 3,
        p50_ms=p50,
        p95_ms=p50 * 2.5,
        p99_ms=p50 * (6 if at == 20 else 3),
        total_ms=p50 * count,
        input_tokens=2000 * count,
        output_tokens=300 * count,
        cost_usd=0.004 * count,
    )


def row(key: str | None, number: int) -> GroupRow:
    return GroupRow(
        key=key,
        count=1200 // number,
        error_count=0 if number % 2 else 17 // number,
        error_share=0 if number % 2 else (17 // number) / (1200 // number),
        p50_ms=120.0 * number,
        p95_ms=900.0 * number,
        p99_ms=1800.0 * number,
        total_ms=90_000.0 * number,
        input_tokens=90_000 // number,
        output_tokens=8_000 // number,
        cost_usd=1.9 / number,
    )


def rows(*names: str) -> list[GroupRow]:
    return [row(name, at + 1) for at, name in enumerate(names)]


def made(asked: NumbersAsked) -> Dashboard:
    """An hour of two-minute buckets."""
    width = 120 * SECOND
    last = asked.now - asked.now % width
    starts = range(last - 29 * width, last + 1, width)
    buckets = [bucket(at, start, width) for at, start in enumerate(starts)]
    means: list[float | None] = [0.2 + 0.1 * math.sin(at / 5) for at in range(len(buckets))]
    means[4] = None
    return Dashboard(
        time=Histogram(of="traces", width=width, buckets=buckets),
        total=row("total", 1),
        steps=rows("act", "think", "user_input", "response"),
        tools=rows("search", "天气.查询", "a_tool_with_quite_a_long_name.of_some_server", "mail"),
        models=rows("gpt-4o", "claude-sonnet-4"),
        errors=rows("TimeoutError", "error"),
        services=rows("weather-agent", "desk"),
        gauges=[
            Gauge(name="cpu", means=means, peaks=[m and m * 2 for m in means]),
            Gauge(
                name="memory",
                means=[m and m * 4e8 for m in means],
                peaks=[m and m * 5e8 for m in means],
            ),
        ],
        stages=[
            Stage(stage="stored", kind="span", records=12_345, newest_time=asked.now - SECOND),
            Stage(stage="running", kind="span", records=3, newest_time=asked.now),
            Stage(stage="stored", kind="metric", records=900, newest_time=None),
            Stage(stage="refused", kind="span", records=2, newest_time=asked.now),
        ],
        more=frozenset({"tools"}),
    )


def alert(name: str, body: str, *, ago: int, **more: Any) -> AlertRow:
    """One that began `ago` minutes before the hour at which fakes live."""
    at = 1_795_183_200 * SECOND - ago * 60 * SECOND
    times = {"first_time": at, "last_time": at + (more.get("count", 1) - 1) * 60 * SECOND}
    return AlertRow(**{"name": name, "body": body, "count": 1, "last_id": name, **times, **more})


ALERTS = [
    alert(
        "loop", "search called 5 times with the same input", ago=3, service="weather-agent",
        step_type="act", tool_name="search", trace_id=f"{2:032x}",
    ),
    alert(
        "errors", "12 errors of 14 in a minute", ago=6, service="weather-agent", step_type="act",
        tool_name="天气.查询", count=4,
    ),
    alert(
        "latency", "p95 of 8900 ms, far above the last hour", ago=20, service="desk 🖥",
        step_type="think", model="gpt-4o", count=2,
    ),
]  # fmt: skip


def alarmed(asked: NumbersAsked) -> Dashboard:
    """As `made`, with three alerts."""
    return msgspec.structs.replace(made(asked), alerts=ALERTS)


def nothing(asked: NumbersAsked) -> Dashboard:
    """A store where nothing began."""
    del asked
    return Dashboard(
        time=Histogram(of="traces", width=0, buckets=[]),
        total=None, steps=[], tools=[], models=[], errors=[], services=[], gauges=[], stages=[],
    )  # fmt: skip


class FakeNumbers:
    """Answers by `answer`; `before` may wait or raise."""

    def __init__(self, before: Callable[[], None], answer: Callable[[NumbersAsked], Dashboard]):
        self.before = before
        self.answer = answer
        self.asked: list[NumbersAsked] = []
        self.found = Report([], Totals(0, 0.0, None))
        self.looked: list[NumbersAsked] = []

    def findings(self, asked: NumbersAsked) -> Report:
        self.looked.append(asked)
        return self.found

    def dashboard(self, asked: NumbersAsked) -> Numbers:
        self.asked.append(asked)
        self.before()
        return Numbers(self.answer(asked), [])
