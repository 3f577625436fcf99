"""OpenTelemetry's own exporters for Python send all three signals, over both protocols."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from opentelemetry._logs import SeverityNumber
from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter as GrpcLogs
from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import (
    OTLPMetricExporter as GrpcMetrics,
)
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcSpans
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter as HttpLogs
from opentelemetry.exporter.otlp.proto.http.metric_exporter import (
    OTLPMetricExporter as HttpMetrics,
)
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpSpans
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExportResult

from jollyscope.model.records import EventRecord, MetricRecord, SpanRecord
from jollyscope.receive.otlp.server import OtlpServer
from tests.library.receive.serving import Start, spooled

Make = Callable[[OtlpServer, dict[str, str]], tuple[Any, Any, Any]]
RESOURCE = Resource.create({"service.name": "exporting"})


def over_http(server: OtlpServer, headers: dict[str, str]) -> tuple[Any, Any, Any]:
    base = server.http_endpoint
    return (
        HttpSpans(f"{base}/v1/traces", headers=headers),
        HttpLogs(f"{base}/v1/logs", headers=headers),
        HttpMetrics(f"{base}/v1/metrics", headers=headers),
    )


def over_http_packed(server: OtlpServer, headers: dict[str, str]) -> tuple[Any, Any, Any]:
    base = server.http_endpoint
    return (
        HttpSpans(f"{base}/v1/traces", headers=headers, compression=Compression.Gzip),
        HttpLogs(f"{base}/v1/logs", headers=headers, compression=Compression.Deflate),
        HttpMetrics(f"{base}/v1/metrics", headers=headers, compression=Compression.Gzip),
    )


def over_grpc(server: OtlpServer, headers: dict[str, str]) -> tuple[Any, Any, Any]:
    options: Any = {"insecure": True, "headers": tuple(headers.items())}
    return (
        GrpcSpans(server.grpc_endpoint, **options),
        GrpcLogs(server.grpc_endpoint, **options),
        GrpcMetrics(server.grpc_endpoint, **options),
    )


def run(exporters: tuple[Any, Any, Any]) -> tuple[str, str]:
    """A span with an event, a log line in it and a counter; their trace and span id."""
    to_spans, to_logs, to_metrics = exporters
    tracing = TracerProvider(resource=RESOURCE)
    tracing.add_span_processor(BatchSpanProcessor(to_spans))
    logs = LoggerProvider(resource=RESOURCE)
    logs.add_log_record_processor(BatchLogRecordProcessor(to_logs))
    meters = MeterProvider([PeriodicExportingMetricReader(to_metrics)], resource=RESOURCE)
    with tracing.get_tracer("mine", "1.2").start_as_current_span("ask 问") as span:
        span.set_attribute("n", 3)
        span.add_event("thought", {"deep": True})
        logs.get_logger("mine").emit(
            body={"a": [1, 2.5]}, severity_number=SeverityNumber.WARN, severity_text="WARN"
        )
        meters.get_meter("mine").create_counter("calls", unit="1").add(7, {"k": "v"})
    context = span.get_span_context()
    for provider in (tracing, logs, meters):
        provider.shutdown()
    return f"{context.trace_id:032x}", f"{context.span_id:016x}"


@pytest.mark.parametrize("make", [over_http, over_http_packed, over_grpc])
def test_three_signals(start: Start, home: Path, make: Make):
    server = start(token="s3cret")
    trace_id, span_id = run(make(server, {"authorization": "Bearer s3cret"}))
    records = spooled(home)
    (span,) = [r for r in records if isinstance(r, SpanRecord)]
    assert (span.trace_id, span.span_id, span.name) == (trace_id, span_id, "ask 问")
    assert (span.service, span.attributes["n"]) == ("exporting", 3)
    assert span.events[0].attributes == {"deep": True}
    assert span.scope["name"] == "mine"
    (line,) = [r for r in records if isinstance(r, EventRecord)]
    assert (line.trace_id, line.span_id) == (trace_id, span_id)
    assert (line.body, line.severity, line.service) == ({"a": [1, 2.5]}, "WARN", "exporting")
    (sample,) = [r for r in records if isinstance(r, MetricRecord) and r.name == "calls"]
    assert (sample.value, sample.attributes, sample.unit) == (7, {"k": "v"}, "1")


@pytest.mark.parametrize("make", [over_http, over_grpc])
def test_an_exporter_comes_back_as_it_is_told(
    start: Start, home: Path, make: Make, caplog: pytest.LogCaptureFixture
):
    """A sink that is down is answered so that the exporter tries again, and then it is stored."""
    home.write_text("a file where the directory should be")
    server = start(on_trouble=lambda _error: home.unlink(missing_ok=True))
    tracing = TracerProvider(resource=RESOURCE)
    spans = make(server, {})[0]
    ended: list[Any] = []
    tracing.add_span_processor(_Keep(ended))
    tracing.get_tracer("mine").start_span("again").end()
    with caplog.at_level(logging.WARNING):
        assert spans.export(ended) is SpanExportResult.SUCCESS
    assert server.stats.down == 1
    assert [record.name for record in spooled(home)] == ["again"]
    spans.shutdown()


class _Keep(BatchSpanProcessor):
    """Keeps what ended, to export by hand."""

    def __init__(self, ended: list[Any]) -> None:
        self._ended = ended

    def on_start(self, span: Any, parent_context: Any = None) -> None: ...

    def on_end(self, span: Any) -> None:
        self._ended.append(span)

    def shutdown(self) -> None: ...
