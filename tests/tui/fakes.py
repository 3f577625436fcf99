"""A store in memory and traces to put into it, all with fixed ids and times."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from typing import Any

from jollyscope.errors import NotFoundError, StoreError
from jollyscope.model.records import SpanEvent, SpanRecord
from jollyscope.model.tree import build_tree
from jollyscope.query.listing import TraceRow
from jollyscope.query.loading import LoadedTrace
from jollyscope.query.metrics import Samples
from jollyscope_tui.sources.notes import StateNotes
from tests.plain import trace_row
from tests.tui.fake_lists import FakeLists
from tests.tui.fake_live import FakeHealth, FakeLive
from tests.tui.fake_notes import FakeFiles, MemoryState
from tests.tui.fake_numbers import FakeNumbers, made

SECOND = 10**9
NOW = 1_795_183_391 * SECOND  # 2026-11-20 14:03:11 UTC
STEPS = ("think", "act", "observe", "other")


def trace_id(number: int) -> str:
    return f"{number * 2654435761 % 2**32:08x}{number:024x}"


def span_id(number: int) -> str:
    return f"{number:016x}"


def span(
    number: int, parent: int | None = None, at: float = 0, took: float | None = 1.0, **more: Any
) -> SpanRecord:
    """A span `at` seconds into a trace that began a minute before `NOW`; no `took`: running."""
    start = NOW - 60 * SECOND + round(at * SECOND)
    fields: dict[str, Any] = {
        "trace_id": trace_id(1),
        "span_id": span_id(number),
        "parent_span_id": None if parent is None else span_id(parent),
        "name": "step",
        "start_time": start,
    }
    if took is None:
        fields |= {"state": "open"}
    else:
        fields |= {
            "end_time": start + round(took * SECOND),
            "duration_ms": took * 1000,
            "status": "ok",
        }
    return SpanRecord(**(fields | more))


def agent_run(**root: Any) -> list[SpanRecord]:
    """A ReAct run with CJK and emoji text, a failed tool, tokens, cost and events."""
    question = "查一下北京明天的天气 🌦️ and tell me what to wear"
    who = {"session_id": "s-42", "user_id": "ann", "service": "weather-agent"}
    return [
        span(1, None, 0, 8.42, name="agent run", step_type="user_input", input=question,
             output="带伞。Take an umbrella ☂️", **(who | root)),
        span(2, 1, 0.0, 1.1, name="plan the lookup", step_type="think", model="gpt-4o",
             provider="openai", input_tokens=812, output_tokens=96, cost_usd=0.003,
             output="I should look the weather up before I answer.", **who),
        span(3, 1, 1.1, 4.02, name="execute_tool search", step_type="act", tool_name="search",
             tool_call_id="call_1", input='{"query": "北京 天气", "limit": 3, "fresh": true}',
             output='[{"title": "明天有雨"}]', attributes={"http.status_code": 200, "ok": True},
             events=[SpanEvent(name="retry", time=NOW - 58 * SECOND, attributes={"attempt": 2})], **who),
        span(4, 3, 1.3, 3.5, name="GET /search", kind="client", **who),
        span(5, 1, 5.12, 0.01, name="results", step_type="observe", output="3 results, 2.1 kB", **who),
        span(6, 1, 5.2, 0.6, name="think again", step_type="think", model="gpt-4o-mini",
             input_tokens=1200, output_tokens=44, cost_usd=0.0009, output="Ask the calendar.", **who),
        span(7, 1, 5.8, 2.0, name="execute_tool calendar.add", step_type="act",
             tool_name="calendar.add", input='{"day": "明天"}', status="error",
             error_type="TimeoutError", error_message="calendar took longer than 2 s",
             stack_trace='Traceback (most recent call last):\n  File "agent.py", line 42, in add\n'
                         "    reply = wait(2)\nTimeoutError: calendar took longer than 2 s", **who),
        span(8, 1, 7.8, 0.62, name="answer", step_type="response", output="带伞。Take an umbrella ☂️", **who),
    ]  # fmt: skip


def huge_run(count: int = 100_000, seed: int = 1) -> list[SpanRecord]:
    """A wide and deep trace with an error every 997 spans."""
    dice = random.Random(seed)
    spans = [span(1, None, 0, count / 1000, name="batch of everything", step_type="user_input")]
    for number in range(2, count + 1):
        parent = dice.randrange(max(1, number - 3000), number)
        failed = number % 997 == 0
        spans.append(
            span(number, parent, number / 1000, 0.05 + dice.random(), name=f"call tool {number}",
                 step_type=dice.choice(STEPS), status="error" if failed else "ok",
                 error_type="ValueError" if failed else None,
                 output="the result of this step, as long as such things are"),
        )  # fmt: skip
    return spans


def deep_run(count: int = 5_000) -> list[SpanRecord]:
    """One chain."""
    return [span(1, None, 0, 50, name="level 1")] + [
        span(n, n - 1, n / 1000, 40 - n / 1000, name=f"level {n}", step_type="think")
        for n in range(2, count + 1)
    ]


def row(number: int, **more: Any) -> TraceRow:
    """A row of the list; higher numbers are older."""
    start = NOW - number * 37 * SECOND
    took = 1000.0 * (1 + number * 7 % 23)
    fields: dict[str, Any] = {
        "trace_id": trace_id(number), "session_id": f"s-{number // 3}", "user_id": "ann",
        "service": "weather-agent", "name": "agent run",
        "input": f"question {number}: what is the weather?", "output": "rain",
        "start_time": start, "end_time": start + int(took * 1e6), "duration_ms": took,
        "state": "closed", "status": "ok", "span_count": 8, "step_count": 5, "error_count": 0,
        "tool_calls": 2, "tools": ["search", "calendar.add"], "models": ["gpt-4o"],
        "input_tokens": 2012 + number, "output_tokens": 140, "cost_usd": 0.0039,
        "step_strip": "utaotaor",
    }  # fmt: skip
    return TraceRow(**(fields | more))


def varied_rows(count: int = 40) -> list[TraceRow]:
    """Rows in every state, with CJK and emoji."""
    rows = [
        row(1, state="open", input="查一下北京明天的天气 🌦️", step_strip="uta"),
        row(2, status="error", error_count=1, step_strip="utAotr", input="add it to my calendar"),
        row(
            3,
            state="interrupted",
            step_strip="uta",
            cost_usd=None,
            input_tokens=None,
            output_tokens=None,
        ),
        row(4, error_count=2, step_strip="u" + "tao" * 21, input="多少钱？" * 30),
    ]
    return rows + [row(n) for n in range(5, count + 1)]


def no_samples(span: SpanRecord, start: int, end: int) -> Samples:
    """What a process that is not sampled has."""
    return Samples(start, end, 1, {}, f"Nothing was sampled of {span.service or 'it'}.")


class FakeSource:
    """A `Source` over lists, its parts in one. `gate`, while set, holds every read till released."""

    def __init__(
        self,
        rows: list[TraceRow] | None = None,
        traces: dict[str, list[SpanRecord]] | None = None,
        *,
        url: str = "lake:///home/ann/.local/share/jollyscope/lake",
        notes: list[str] | None = None,
    ) -> None:
        self.rows = rows if rows is not None else []
        self.stored = traces or {}
        self.url = url
        self.left_out = notes or []
        self.state = MemoryState()
        self.notes = StateNotes(lambda: self.state, now=lambda: NOW)
        self.files = FakeFiles(self.stored, self.state)
        self.error: Exception | None = None
        self.gate: threading.Event | None = None
        self.cancelled = threading.Event()
        self.asked: list[tuple[Any, ...]] = []
        self.lists = FakeLists(lambda: self.rows, lambda: self.left_out, self._wait, self.asked)
        self.narrowing = self.lists
        self.before_load: Callable[[], None] = lambda: None
        self.sampled = no_samples
        self.numbers = FakeNumbers(self._wait, made)
        self.health = FakeHealth(self._wait)
        self.live = FakeLive()

    @property
    def traces(self) -> FakeSource:
        return self

    def load_trace(self, text: str) -> LoadedTrace:
        self._wait()
        self.before_load()
        found = [known for known in self.stored if known.startswith(text)]
        if not found:
            raise NotFoundError(
                f"There is no trace `{text}` in the store.",
                hint="`jollyscope ls traces` lists them.",
            )
        spans = self.stored[found[0]]
        return LoadedTrace(found[0], spans, build_tree(spans), trace_row(spans), {})

    def samples(self, span: SpanRecord, start: int, end: int) -> Samples:
        self._wait()
        return self.sampled(span, start, end)

    def _wait(self) -> None:
        if self.gate is not None:
            while not self.gate.wait(0.01):
                if self.cancelled.is_set():
                    raise StoreError("The query was stopped.")
        if self.error is not None:
            raise self.error

    def probe(self) -> None:
        self._wait()

    def cancel(self) -> None:
        self.cancelled.set()

    def close(self) -> None:
        self.cancel()
