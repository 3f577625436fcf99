"""Runs with what is to be found planted in them, and none of it in the clean ones."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from jollyscope.analysis.finding import Finding, Request
from jollyscope.analysis.report import Report, chosen, report
from jollyscope.analysis.runs import Run
from jollyscope.model.records import SpanRecord
from jollyscope.model.wire import encode_lines
from jollyscope.query.listing import TraceRow
from jollyscope.store.lake.store import LakeStore
from jollyscope.transport.spool import SpoolWriter, spool_dir

START = 1_795_183_391_000_000_000
MS = 1_000_000


def span(trace: int, number: int, start: float, ms: float, parent: int | None = 1, **more: Any):
    """A closed span; times in ms after START, of trace n a minute later than of n - 1."""
    began = START + trace * 60_000 * MS + int(start * MS)
    return SpanRecord(
        trace_id=f"{trace:032x}",
        span_id=f"{number:016x}",
        parent_span_id=None if parent is None else f"{parent:016x}",
        start_time=began,
        end_time=began + int(ms * MS),
        duration_ms=ms,
        **more,
    )


def tool(trace: int, number: int, start: float, ms: float, name: str = "search", **more: Any):
    """A tool call whose arguments nothing else has, unless they are given."""
    fields = {"input": f'{{"q": {trace * 1000 + number}}}', "output": f"found {trace} {number}"}
    return span(
        trace, number, start, ms, step_type="act", name=name, tool_name=name, **fields | more
    )


def think(trace: int, number: int, start: float, ms: float, **more: Any):
    """A model call that says what nothing else says, unless it is given."""
    fields = {"model": "gpt-4o", "output": f"thought {trace} {number}", "input_tokens": 1000,
              "output_tokens": 50, "cost_usd": 0.001}  # fmt: skip
    return span(trace, number, start, ms, step_type="think", name="chat", **fields | more)


def root(trace: int, ms: float, **more: Any):
    """What the others of a run hang below."""
    return span(trace, 1, 0, ms, None, step_type="user_input", name="agent", **more)


def clean(count: int, seed: int = 7) -> Iterator[SpanRecord]:
    """Runs of thinking and searching in turns, as they should be: nothing fails or is repeated."""
    draw = random.Random(seed)
    for trace in range(1, count + 1):
        at, made = 0.0, []
        for turn in range(draw.randint(2, 6)):
            first, second = draw.uniform(50, 300), draw.uniform(20, 200)
            tokens = draw.randint(500, 1500)
            made.append(think(trace, 10 + turn, at, first, input_tokens=tokens))
            made.append(tool(trace, 50 + turn, at + first, second))
            at += first + second
        yield root(trace, at)
        yield from made


def run_of(spans: list[SpanRecord]) -> Run:
    """A run as the store gives it, but for the texts, which stay whole."""
    first = spans[0]
    row = TraceRow(
        trace_id=first.trace_id, session_id=None, user_id=None, service=None, name=first.name,
        input=None, output=None, start_time=first.start_time, end_time=first.end_time or 0,
        duration_ms=first.duration_ms or 0.0, state="closed", status=first.status,
        span_count=len(spans), step_count=len(spans),
        error_count=sum(s.status == "error" for s in spans), tool_calls=0, tools=[], models=[],
        input_tokens=None, output_tokens=None, cost_usd=None, step_strip="",
    )  # fmt: skip
    return Run(row, sorted(spans, key=lambda s: (s.start_time, s.span_id)))


def found(analysis: str, *runs: list[SpanRecord]) -> list[Finding]:
    """What a fold finds in these runs."""
    (one,) = chosen([analysis])
    assert one.fold is not None
    fold = one.fold()
    for spans in runs:
        fold.add(run_of(spans))
    return list(fold.findings(Request()))


def stored(home: Path, spans: Iterable[SpanRecord]) -> LakeStore:
    """A lake with these spans."""
    writer = SpoolWriter(spool_dir(home))
    writer.write("span", encode_lines(list(spans)))
    writer.close()
    return LakeStore(home)


def reported(store: LakeStore, *names: str, request: Request | None = None) -> Report:
    """What these analyses find in a store."""
    with store.reader() as reader:
        return report(reader, request or Request(), chosen(names))
