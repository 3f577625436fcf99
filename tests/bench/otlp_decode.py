"""How fast OTLP requests become lines of records, on one core.

    python -m tests.bench.otlp_decode

Bodies of 500 spans with seven attributes each; the best of thirty runs of every step. For
information: the receiver's own benchmark has the aim.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from tests.bench.table import print_rows, row
from tests.library.otlp.messages import to_json

SPANS = 500
RUNS = 30


def main() -> list[dict[str, Any]]:
    """Spans a second, from the body to each stage."""
    from jollyscope.model.wire import encode_lines
    from jollyscope.receive.otlp.decode import decode_json, decode_protobuf

    request = build()
    body, text = request.SerializeToString(), to_json(request)
    steps: list[tuple[str, Callable[[], object]]] = [
        ("protobuf's own parser", lambda: type(request).FromString(body)),
        ("protobuf to records", lambda: decode_protobuf("traces", body)),
        ("protobuf to lines", lambda: encode_lines(decode_protobuf("traces", body).records)),
        ("JSON to records", lambda: decode_json("traces", text)),
    ]
    return [row(what, SPANS / best(step), "spans/s") for what, step in steps]


def build() -> Any:
    """A request as an instrumented model client sends it."""
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    request = ExportTraceServiceRequest()
    group = request.resource_spans.add()
    for key in ("service.name", "telemetry.sdk.language", "telemetry.sdk.version", "host.name"):
        group.resource.attributes.add(key=key).value.string_value = "shop"
    scoped = group.scope_spans.add()
    scoped.scope.name = "bench"
    for number in range(1, SPANS + 1):
        start = 1_763_700_000 * 10**9 + number
        span = scoped.spans.add(
            trace_id=(number // 20 + 1).to_bytes(16, "big"), span_id=number.to_bytes(8, "big"),
            parent_span_id=b"parent!!", flags=257, kind=3, name=f"chat {number % 7}",
            start_time_unix_nano=start, end_time_unix_nano=start + 10**6,
        )  # fmt: skip
        for key, text in (
            ("gen_ai.operation.name", "chat"), ("gen_ai.provider.name", "openai"),
            ("gen_ai.request.model", "gpt-4o"), ("session.id", f"s{number % 20}"),
        ):  # fmt: skip
            span.attributes.add(key=key).value.string_value = text
        for key in ("gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens", "http.status_code"):
            span.attributes.add(key=key).value.int_value = number
    return request


def best(step: Callable[[], object]) -> float:
    """Seconds of the fastest run: what the machine's other work disturbed least."""
    taken: list[float] = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        step()
        taken.append(time.perf_counter() - begun)
    return min(taken)


if __name__ == "__main__":
    print_rows("OTLP to records", main())
