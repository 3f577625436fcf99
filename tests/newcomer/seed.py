"""The runs that the commands in help and docs name: `1f3a`, `7f3a`, `9c1d`, of an hour ago."""

from __future__ import annotations

import gzip
import json
import time
from pathlib import Path

import msgspec

from jollyscope.model.records import SpanRecord
from jollyscope.model.wire import encode_lines
from tests.cli import records

__all__ = ["runs", "write_files"]


def runs() -> list[SpanRecord]:
    """Three executions with a failed step each, the last an hour ago, and without its last step."""
    ids = (("7f3a", "s-42", ""), ("1f3a", "chat-42", "1f3a1f3a"), ("9c1d", "s-43", "9c1d9c1d"))
    return [span for number, (trace, session, spans) in enumerate(ids)
            for span in _run(number, trace + "0" * 27 + "1", session, spans)][:-1]  # fmt: skip


def _run(number: int, trace_id: str, session: str, prefix: str) -> list[SpanRecord]:
    """The tests' own run; its span ids begin with `prefix`."""
    later = time.time_ns() - 3600 * 10**9 - records.START + number * 10 * 10**9

    def span_id(given: str) -> str:
        begins = "00f067aa" if prefix == "1f3a1f3a" and given.endswith("3") else prefix
        return begins + given[len(begins) :]

    return [
        msgspec.structs.replace(
            span,
            span_id=span_id(span.span_id),
            parent_span_id=span.parent_span_id and span_id(span.parent_span_id),
            session_id=session,
            service="shop",
            start_time=span.start_time + later,
            end_time=span.end_time and span.end_time + later,
        )
        for span in records.run(trace_id)
    ]


def write_files(folder: Path) -> None:
    """What the docs import and run: `run.json`, `traces/`, `runs/`, `more.jsonl.gz`, `agent.py`."""
    lines = encode_lines(runs())
    for name in ("traces", "runs"):
        (folder / name).mkdir(parents=True)
        (folder / name / "seed.jsonl").write_bytes(lines)
    (folder / "more.jsonl.gz").write_bytes(gzip.compress(lines))
    span = {
        "traceId": "5b8aa5a2d2c872e8321cf37308d69df2", "spanId": "5fb397be34d26b51", "name": "ask",
        "startTimeUnixNano": "1795183391000000000", "endTimeUnixNano": "1795183392000000000",
    }  # fmt: skip
    document = {"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}
    (folder / "run.json").write_text(json.dumps(document), encoding="utf-8")
