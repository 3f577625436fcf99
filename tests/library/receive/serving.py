"""A receiver to send to, what to send, and what the spool has of it afterwards."""

from __future__ import annotations

import http.client
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, NamedTuple

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from jollyscope.model.records import Record
from jollyscope.model.wire import decode
from jollyscope.receive.otlp.server import OtlpServer
from jollyscope.receive.sink import Sink
from jollyscope.transport.spool import segments, spool_dir

PROTOBUF = "application/x-protobuf"
JSON = "application/json"
Start = Callable[..., OtlpServer]


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


def post(
    server: OtlpServer, body: bytes, path: str = "/v1/traces", method: str = "POST", **headers: str
) -> Answer:
    """One request on a connection of its own; header names with `_` for `-`."""
    connection = http.client.HTTPConnection("127.0.0.1", server.http_port, timeout=30)
    try:
        return send(connection, body, path, method, **headers)
    finally:
        connection.close()


def send(
    connection: http.client.HTTPConnection,
    body: bytes,
    path: str = "/v1/traces",
    method: str = "POST",
    **headers: str,
) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body, {"content-type": PROTOBUF, **named})
    answer = connection.getresponse()
    found = {name.lower(): value for name, value in answer.getheaders()}
    return Answer(answer.status, found, answer.read())


def traces(count: int = 1, *, pad: int = 0) -> bytes:
    """Spans of one trace with ids of their own; `pad` characters in each."""
    request = ExportTraceServiceRequest()
    group = request.resource_spans.add().scope_spans.add()
    trace_id = os.urandom(16)
    for number in range(count):
        span = group.spans.add(
            trace_id=trace_id,
            span_id=os.urandom(8),
            name="chat 你好 🙂",
            start_time_unix_nano=1_700_000_000_000_000_000 + number,
            end_time_unix_nano=1_700_000_000_500_000_000 + number,
        )
        if pad:
            span.attributes.add(key="pad").value.string_value = "x" * pad
    return request.SerializeToString()


def logs(count: int = 1) -> bytes:
    request = ExportLogsServiceRequest()
    group = request.resource_logs.add().scope_logs.add()
    for number in range(count):
        line = group.log_records.add(time_unix_nano=1_700_000_000_000_000_000 + number)
        line.body.string_value = f"line {number}"
    return request.SerializeToString()


def metrics(count: int = 1) -> bytes:
    request = ExportMetricsServiceRequest()
    metric = request.resource_metrics.add().scope_metrics.add().metrics.add(name="m")
    for number in range(count):
        metric.gauge.data_points.add(
            time_unix_nano=1_700_000_000_000_000_000 + number, as_int=number
        )
    return request.SerializeToString()


def span_ids(body: bytes) -> list[str]:
    request = ExportTraceServiceRequest.FromString(body)
    return [
        span.span_id.hex()
        for group in request.resource_spans
        for scoped in group.scope_spans
        for span in scoped.spans
    ]


def spooled(home: Path) -> list[Any]:
    """Every record in the spool; fails on a line that is none."""
    found: list[Any] = []
    for segment in segments(spool_dir(home)):
        data = segment.path.read_bytes()
        assert not data or data.endswith(b"\n"), "a torn line"
        found += [decode(line, segment.kind) for line in data.splitlines()]
    return found


class Valve:
    """In front of a real sink: while it is shut what is submitted waits, and so do the senders."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._lock = threading.Lock()
        self._held: list[tuple[Sequence[Record], Future[None]]] = []
        self.shut = True
        self.held = threading.Semaphore(0)
        """Released once for every batch that waits."""

    def submit(self, records: Sequence[Record]) -> Future[None]:
        with self._lock:
            if not self.shut:
                return self._sink.submit(records)
            done: Future[None] = Future()
            done.set_running_or_notify_cancel()
            self._held.append((records, done))
            self.held.release()
            return done

    def open(self) -> None:
        with self._lock:
            self.shut = False
            held, self._held = self._held, []
        for records, done in held:
            self._sink.submit(records).result(10)
            done.set_result(None)

    def close(self, timeout: float = 10.0) -> None:
        self._sink.close(timeout)
