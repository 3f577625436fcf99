"""What a receiver answers: OTLP's responses and `google.rpc.Status`, as protobuf or JSON.

https://opentelemetry.io/docs/specs/otlp/ ("Full Success", "Partial Success", "Failures") and
https://github.com/googleapis/googleapis/blob/master/google/rpc/status.proto
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.duration_pb2 import Duration
from google.rpc import code_pb2, error_details_pb2, status_pb2
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2 as logs
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2 as metrics
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as traces

from jollyscope.errors import JollyScopeError
from jollyscope.receive.otlp.decode import MalformedError, Signal
from jollyscope.receive.otlp.intake import Format, Taken
from jollyscope.receive.otlp.limits import EncodingError, TooLargeError
from jollyscope.receive.sink import OverloadedError, SinkDownError

__all__ = ["DOWN_S", "Refusal", "SlowError", "StrangerError", "refusal", "status", "success"]

DOWN_S = 5.0
"""When to come back to a sink that is down; nobody knows when its disk has room again."""

_RESPONSE: Mapping[Signal, Any] = {
    "traces": traces.ExportTraceServiceResponse,
    "logs": logs.ExportLogsServiceResponse,
    "metrics": metrics.ExportMetricsServiceResponse,
}
_REJECTED: Mapping[Signal, tuple[str, str]] = {
    "traces": ("rejected_spans", "rejectedSpans"),
    "logs": ("rejected_log_records", "rejectedLogRecords"),
    "metrics": ("rejected_data_points", "rejectedDataPoints"),
}


class StrangerError(JollyScopeError):
    """A sender without the token."""


class SlowError(JollyScopeError):
    """A request that did not arrive in time."""


class Refusal(NamedTuple):
    """An error as both protocols say it."""

    http: int
    code: int
    """`google.rpc.Code`."""
    message: str
    retry_after: float | None = None
    """Seconds; None: it makes no sense to send it again."""


def success(signal: Signal, form: Format, taken: Taken) -> bytes:
    """The body of an OK; partial success is set only where there is something to say."""
    snake, camel = _REJECTED[signal]
    partial = bool(taken.rejected or taken.message)
    if form == "json":
        said = {camel: str(taken.rejected), "errorMessage": taken.message}
        return msgspec.json.encode({"partialSuccess": said} if partial else {})
    response = _RESPONSE[signal]()
    if partial:
        setattr(response.partial_success, snake, taken.rejected)
        response.partial_success.error_message = taken.message
    return response.SerializeToString()


def refusal(error: BaseException) -> Refusal:
    """How an error is told to the sender."""
    if isinstance(error, OverloadedError):
        return Refusal(429, code_pb2.RESOURCE_EXHAUSTED, str(error), error.retry_after)
    if isinstance(error, SinkDownError):
        return Refusal(503, code_pb2.UNAVAILABLE, str(error), DOWN_S)
    for kind, http, code in _KNOWN:
        if isinstance(error, kind):
            return Refusal(http, code, str(error))
    return Refusal(500, code_pb2.INTERNAL, "The receiver failed on this request.")


_KNOWN = (
    (MalformedError, 400, code_pb2.INVALID_ARGUMENT),
    (StrangerError, 401, code_pb2.UNAUTHENTICATED),
    (SlowError, 408, code_pb2.DEADLINE_EXCEEDED),
    (TooLargeError, 413, code_pb2.RESOURCE_EXHAUSTED),
    (EncodingError, 415, code_pb2.INVALID_ARGUMENT),
)


def status(told: Refusal, form: Format) -> bytes:
    """The body of an error; with `RetryInfo` where it may be sent again."""
    if form == "json":
        made: dict[str, Any] = {"code": told.code, "message": told.message}
        if told.retry_after is not None:
            kind = "type.googleapis.com/google.rpc.RetryInfo"
            made["details"] = [{"@type": kind, "retryDelay": f"{told.retry_after:g}s"}]
        return msgspec.json.encode(made)
    message = status_pb2.Status(code=told.code, message=told.message)
    if told.retry_after is not None:
        fraction, seconds = math.modf(told.retry_after)
        delay = Duration(seconds=int(seconds), nanos=int(fraction * 1e9))
        packed = AnyMessage()
        packed.Pack(error_details_pb2.RetryInfo(retry_delay=delay))
        message.details.append(packed)
    return message.SerializeToString()
