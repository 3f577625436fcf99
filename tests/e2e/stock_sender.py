"""Sends traces, logs and metrics with OpenTelemetry's stock exporters of Python, set up as its own
documentation does. Prints the spans as an exporter in memory saw them.
"""

from __future__ import annotations

import json
import os

from opentelemetry import trace
from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import Link, SpanKind, Status, StatusCode
from spans_as_json import plain  # beside this program

if os.environ["OTEL_EXPORTER_OTLP_PROTOCOL"] == "grpc":
    from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter
    from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
else:
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

VALUES = {
    "text": "tab\tquote\" 🧭", "empty": "", "yes": True, "no": False, "whole": 42,
    "least": -(2**63), "most": 2**63 - 1, "half": 0.5, "one": 1.0, "tiny": 5e-324,
    "words": ["a", "", "字"], "numbers": [1, 2], "floats": [1.0, 2.5], "flags": [True, False],
    "none": [],
}  # fmt: skip


def main() -> None:
    memory = InMemorySpanExporter()
    traces = TracerProvider()
    traces.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    traces.add_span_processor(SimpleSpanProcessor(memory))
    logs = LoggerProvider()
    logs.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter()))
    metrics = MeterProvider([PeriodicExportingMetricReader(OTLPMetricExporter())])

    tracer = traces.get_tracer("agent", "1.0", attributes={"by": "hand"})
    logger = logs.get_logger("agent")
    with tracer.start_as_current_span("ask 北京", kind=SpanKind.SERVER, attributes=VALUES) as root:
        link = Link(root.get_span_context(), {"why": "asked"})
        with tracer.start_as_current_span("call", kind=SpanKind.PRODUCER, links=[link]) as call:
            call.add_event("sent", VALUES)
            call.record_exception(RuntimeError("不行"))
            call.set_status(Status(StatusCode.ERROR, "it failed"))
            logger.emit(
                LogRecord(
                    timestamp=1_700_000_000_000_000_001, severity_text="WARN",
                    severity_number=SeverityNumber.WARN2, event_name="agent.note",
                    body={"said": ["好", 1, 0.5, True, None]}, attributes={"n": 7},
                )
            )  # fmt: skip
    logger.emit(LogRecord(timestamp=1, body="outside of any span"))

    meter = metrics.get_meter("agent")
    counter = meter.create_counter("calls", unit="1", description="Calls made")
    counter.add(3, {"tool": "weather"})
    counter.add(4, {"tool": "weather"})
    took = meter.create_histogram("took", unit="s")
    for seconds in (0.1, 0.2, 30.0):
        took.record(seconds)
    meter.create_up_down_counter("open").add(-2)
    meter.create_gauge("level").set(0.75)

    for provider in (traces, logs, metrics):
        provider.shutdown()
    print(json.dumps([plain(span) for span in memory.get_finished_spans()]))


if __name__ == "__main__":
    assert trace.get_current_span() is trace.INVALID_SPAN
    main()
