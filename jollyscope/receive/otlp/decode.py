"""OTLP requests, in protobuf or JSON, to records.

Messages: opentelemetry-proto 1.x; encodings: https://opentelemetry.io/docs/specs/otlp/. Both
encodings of a message give equal records.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Literal, NamedTuple

from jollyscope.errors import JollyScopeError
from jollyscope.model.records import Record
from jollyscope.receive.otlp import jsonform
from jollyscope.receive.otlp.common import Identity, Place, Tally, hex_text
from jollyscope.receive.otlp.logs import read_logs
from jollyscope.receive.otlp.metrics import read_metrics
from jollyscope.receive.otlp.spans import read_spans

__all__ = ["Decoded", "MalformedError", "Signal", "decode_json", "decode_protobuf"]

Signal = Literal["traces", "logs", "metrics"]

_WHAT: dict[Signal, str] = {"traces": "span", "logs": "log record", "metrics": "data point"}


class MalformedError(JollyScopeError):
    """A body that is not the message it should be; nothing of it was taken."""


class Decoded(NamedTuple):
    """What a request holds."""

    records: list[Record]
    """In the order of the request. Records share their `resource` and `scope` objects: whoever
    changes one copies it first."""
    rejected: int
    """Spans, log records or data points that cannot become records (OTLP's partial success)."""
    message: str
    """One sentence with the first few reasons; empty when nothing was rejected."""


def decode_protobuf(signal: Signal, body: bytes) -> Decoded:
    """The records in an `Export…ServiceRequest`, which in protobuf is the same as `TracesData`,
    `LogsData` or `MetricsData`. Raises `MalformedError`.
    """
    from google.protobuf.message import DecodeError

    try:
        request = _requests()[signal].FromString(body)
    except DecodeError as error:
        raise MalformedError(f"Not an OTLP {signal} request in protobuf: {error}.") from None
    return _converted(signal, request, bytes.hex, len(body))


def decode_json(signal: Signal, body: bytes) -> Decoded:
    """The same of OTLP/JSON: hex ids in either case, 64-bit integers as text or numbers, enums as
    numbers or names. Unknown fields are passed over. Raises `MalformedError`.
    """
    try:
        request = jsonform.parse(signal, body)
        return _converted(signal, request, hex_text, len(body))
    except RecursionError:
        raise MalformedError(f"Not an OTLP {signal} request: it is nested too deeply.") from None
    except ValueError as error:  # msgspec's and Unicode's errors are kinds of it
        raise MalformedError(f"Not an OTLP {signal} request in JSON: {_short(error)}.") from None


def _converted(signal: Signal, request: Any, ids: Any, size: int) -> Decoded:
    tally = Tally(_WHAT[signal], size)
    if signal == "traces":
        for group in request.resource_spans:
            read_spans(group.scope_spans, Place(group, ids), tally)
    elif signal == "logs":
        identity = Identity()
        for group in request.resource_logs:
            read_logs(group.scope_logs, Place(group, ids), tally, identity)
    else:
        identity = Identity()
        for group in request.resource_metrics:
            read_metrics(group.scope_metrics, Place(group, ids), tally, identity)
    return Decoded(tally.records, tally.rejected, tally.message())


@cache
def _requests() -> dict[Signal, Any]:
    # 45 ms of import, which those who read JSON need not pay.
    from opentelemetry.proto.collector.logs.v1 import logs_service_pb2
    from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2
    from opentelemetry.proto.collector.trace.v1 import trace_service_pb2

    return {
        "traces": trace_service_pb2.ExportTraceServiceRequest,
        "logs": logs_service_pb2.ExportLogsServiceRequest,
        "metrics": metrics_service_pb2.ExportMetricsServiceRequest,
    }


def _short(error: Exception) -> str:
    # A wrong value is quoted, and may be of any length.
    what = str(error).removeprefix("JSON is malformed: ")
    return what if len(what) <= 200 else f"{what[:120]}…{what[-60:]}"
