"""The variables that make a program send its telemetry to the receiver beside it.

https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/ and, for the
exporter, https://opentelemetry.io/docs/specs/otel/protocol/exporter/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

__all__ = ["RUN_ID", "for_program"]

RUN_ID = "jollyscope.run.id"
"""Resource attribute by which the spans of one run are found again, whoever recorded them."""

_CONTENT = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"
_OPT_IN = "OTEL_SEMCONV_STABILITY_OPT_IN"
_LATEST = "gen_ai_latest_experimental"

# Batches leave soon: what an agent does is to be seen while it does it, and little is lost when it
# is killed. In milliseconds; OpenTelemetry waits 5 s, 1 s and 60 s.
_PACE = {
    "OTEL_BSP_SCHEDULE_DELAY": "200",
    "OTEL_BLRP_SCHEDULE_DELAY": "200",
    "OTEL_METRIC_EXPORT_INTERVAL": "5000",
}
_WITHOUT_CONTENT = {
    "TRACELOOP_TRACE_CONTENT": "false",  # OpenLLMetry
    "OPENINFERENCE_HIDE_INPUTS": "true",
    "OPENINFERENCE_HIDE_OUTPUTS": "true",
    "ADK_CAPTURE_MESSAGE_CONTENT_IN_SPANS": "false",  # Google ADK
}


def for_program(
    base: Mapping[str, str],
    *,
    endpoint: str,
    protocol: Literal["http/protobuf", "grpc"],
    service: str,
    run_id: str,
    content: bool,
    modes: bool,
) -> dict[str, str]:
    """`base` with what the program needs. Where telemetry goes is replaced; what else the user has
    set stays.

    `content` asks instrumentations for prompts and answers. `modes` says that the program's
    instrumentations know the newer values of that variable (`opentelemetry-util-genai`); to the
    older ones anything but `true` means no.
    """
    ours = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
        "OTEL_EXPORTER_OTLP_PROTOCOL": protocol,
        "OTEL_TRACES_EXPORTER": "otlp",
        "OTEL_METRICS_EXPORTER": "otlp",
        "OTEL_LOGS_EXPORTER": "otlp",
    }
    kept = {name: text for name, text in base.items() if not name.startswith("OTEL_EXPORTER_OTLP_")}
    resource = base.get("OTEL_RESOURCE_ATTRIBUTES", "")
    ours["OTEL_RESOURCE_ATTRIBUTES"] = _joined(resource, f"{RUN_ID}={run_id}")
    if "service.name=" not in resource:
        ours["OTEL_SERVICE_NAME"] = base.get("OTEL_SERVICE_NAME") or service
    for name in ("NO_PROXY", "no_proxy"):
        ours[name] = _joined(base.get(name, ""), "127.0.0.1", "localhost")
    if not content:
        return (
            _PACE | kept | ours | _WITHOUT_CONTENT | {_CONTENT: "NO_CONTENT" if modes else "false"}
        )
    if modes:
        ours[_OPT_IN] = _joined(base.get(_OPT_IN, ""), _LATEST)
    return _PACE | {_CONTENT: "SPAN_ONLY" if modes else "true"} | kept | ours


def _joined(list_: str, *more: str) -> str:
    """A comma-separated list with more in it, each once."""
    there = [item.strip() for item in list_.split(",") if item.strip()]
    return ",".join([*there, *(item for item in more if item not in there)])
