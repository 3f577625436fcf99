"""Files in, records out: what the importers' tests share."""

from __future__ import annotations

import base64
import json
from collections import Counter
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from jollyscope.model.records import EventRecord, MetricRecord, Record, SpanRecord
from jollyscope.receive.importers.api import Importer, Summary
from tests.conftest import SHARED_DATA


class Kept:
    """A sink that keeps records; what a store would settle, it settles by id."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def submit(self, records: Any) -> Future[None]:
        self.records += records
        done: Future[None] = Future()
        done.set_result(None)
        return done

    def close(self, timeout: float = 10.0) -> None:
        """Nothing is held."""


class Imported:
    """What came out of some files."""

    def __init__(self, *paths: Path | str, **options: Any) -> None:
        sink = Kept()
        self.summary: Summary = Importer(sink, **options).run(map(str, paths))
        self.records = sink.records
        self.spans = [r for r in sink.records if isinstance(r, SpanRecord)]
        self.events = [r for r in sink.records if isinstance(r, EventRecord)]
        self.metrics = [r for r in sink.records if isinstance(r, MetricRecord)]
        self.by_id = {(r.trace_id, r.span_id): r for r in self.spans}
        self.problems = [p for report in self.summary.reports for p in report.problems]

    @property
    def steps(self) -> Counter[str]:
        return Counter(span.step_type for span in self.spans)

    def named(self, name: str) -> SpanRecord:
        (found,) = [span for span in self.spans if span.name == name]
        return found


def write(path: Path, value: Any) -> Path:
    """A value as JSON, a list of lines as JSON lines, text and bytes as they are."""
    if isinstance(value, bytes):
        path.write_bytes(value)
    elif isinstance(value, str):
        path.write_text(value, encoding="utf-8")
    else:
        path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
    return path


def lines(*values: Any) -> str:
    """JSON lines."""
    return "".join(json.dumps(value, ensure_ascii=False) + "\n" for value in values)


def shared(name: str) -> Path:
    """A file of the shared data; skips the test where it is not there."""
    path = SHARED_DATA / name
    if not path.exists():
        pytest.skip(f"{path} is not there")
    return path


def b64(hex_id: str) -> str:
    """An id as protobuf's JSON has it."""
    return base64.b64encode(bytes.fromhex(hex_id)).decode()


def protobuf(value: dict[str, Any]) -> tuple[Any, bytes]:
    """A line of OTLP/JSON as protobuf, by protobuf's own parser; ids to the base64 that it wants."""
    from google.protobuf.json_format import ParseDict
    from opentelemetry.proto.logs.v1.logs_pb2 import LogsData
    from opentelemetry.proto.metrics.v1.metrics_pb2 import MetricsData
    from opentelemetry.proto.trace.v1.trace_pb2 import TracesData

    def rewritten(inner: Any) -> Any:
        if isinstance(inner, list):
            return [rewritten(item) for item in inner]
        if not isinstance(inner, dict):
            return inner
        return {
            key: b64(each) if key in ("traceId", "spanId", "parentSpanId") else rewritten(each)
            for key, each in inner.items()
        }

    (name,) = value
    kind = {"resourceSpans": TracesData, "resourceLogs": LogsData, "resourceMetrics": MetricsData}[
        name
    ]
    return name, ParseDict(rewritten(value), kind()).SerializeToString()
