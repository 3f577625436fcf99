"""A lean OTLP/HTTP sender: what is measured is the receiver, on the same two cores."""

from __future__ import annotations

import random
import re
import socket
import threading
import time
from collections.abc import Iterator

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

__all__ = ["SPANS", "Bodies", "Sender", "send_all"]

SPANS = 500
TRACE = 20
"""Spans of a trace: a root and its children."""
_ATTRIBUTES = (
    ("gen_ai.operation.name", "chat"),
    ("gen_ai.provider.name", "openai"),
    ("gen_ai.request.model", "gpt-4o"),
    ("gen_ai.usage.input_tokens", 1234),
    ("gen_ai.usage.output_tokens", 321),
    ("gen_ai.request.temperature", 0.7),
    ("session.id", "session-0001"),
)


class Bodies:
    """Bodies of 500 spans with seven attributes. Each has ids, token counts and a session of its
    own, written over those of one template: a body takes 0.3 ms, so that the sender stays lean.
    """

    def __init__(self) -> None:
        ids = random.Random(0)
        traces = [ids.randbytes(16) for _ in range(SPANS // TRACE)]
        spans = [ids.randbytes(8) for _ in range(SPANS)]
        self._template = _template(traces, spans)
        self._ids = [(len(old), _places(self._template, old)) for old in (*traces, *spans)]
        self._tokens = [
            at
            for name in ("input_tokens", "output_tokens")
            for at in _places(
                self._template, f"gen_ai.usage.{name}".encode() + b"\x12\x03\x18", after=True
            )
        ]
        self._sessions = _places(self._template, b"session-0001")
        self.size = len(self._template)

    def __getitem__(self, number: int) -> bytes:
        chance = random.Random(number + 1)
        body = bytearray(self._template)
        for size, places in self._ids:
            new = chance.randbytes(size)
            for at in places:
                body[at : at + size] = new
        for at in self._tokens:  # two bytes of a varint: 128 to 16,383
            body[at : at + 2] = bytes((chance.randrange(128) | 128, chance.randrange(1, 128)))
        for at in self._sessions:
            body[at : at + 12] = b"session-%04d" % (number % 10_000)
        return bytes(body)

    def trace_id(self, number: int) -> str:
        """Of the first trace in a body."""
        return random.Random(number + 1).randbytes(16).hex()


def _template(traces: list[bytes], spans: list[bytes]) -> bytes:
    request = ExportTraceServiceRequest()
    group = request.resource_spans.add()
    service = group.resource.attributes.add(key="service.name")
    service.value.string_value = "bench"
    scoped = group.scope_spans.add()
    scoped.scope.name = "bench"
    now = time.time_ns()
    for number in range(SPANS):
        span = scoped.spans.add(
            trace_id=traces[number // TRACE],
            span_id=spans[number],
            name="chat gpt-4o",
            kind=3,
            start_time_unix_nano=now + number * 1_000_000,
            end_time_unix_nano=now + number * 1_000_000 + 750_000,
        )
        if number % TRACE:
            span.parent_span_id = spans[number - number % TRACE]
        for name, value in _ATTRIBUTES:
            attribute = span.attributes.add(key=name)
            if isinstance(value, str):
                attribute.value.string_value = value
            elif isinstance(value, int):
                attribute.value.int_value = value
            else:
                attribute.value.double_value = value
    return request.SerializeToString()


def _places(text: bytes, part: bytes, *, after: bool = False) -> list[int]:
    return [found.end() if after else found.start() for found in re.finditer(re.escape(part), text)]


class Sender:
    """One kept-alive connection."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, body: bytes) -> int:
        """The status of the answer, once all of it is here."""
        head = (
            b"POST /v1/traces HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/x-protobuf\r\n"
            b"content-length: %d\r\n\r\n" % len(body)
        )
        self._socket.sendall(head + body)
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += self._more()
        told, _, rest = answer.partition(b"\r\n\r\n")
        left = 0
        for line in told.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                left = int(line[15:]) - len(rest)
        while left > 0:
            left -= len(self._more())
        return int(told[9:12])

    def _more(self) -> bytes:
        data = self._socket.recv(65536)
        if not data:
            raise ConnectionError("the receiver closed the connection")
        return data

    def close(self) -> None:
        self._socket.close()


def send_all(port: int, bodies: list[bytes] | Iterator[bytes], connections: int = 4) -> float:
    """Seconds until the last answer, which like all others has to be OK."""
    waiting = iter(bodies)
    lock = threading.Lock()
    wrong: list[object] = []

    def run() -> None:
        sender = Sender(port)
        while not wrong:
            with lock:
                body = next(waiting, None)
            if body is None:
                break
            try:
                if (status := sender.send(body)) != 200:
                    wrong.append(status)
            except OSError as error:
                wrong.append(error)
        sender.close()

    threads = [threading.Thread(target=run) for _ in range(connections)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise AssertionError(f"answered {wrong[0]}")
    return time.perf_counter() - began
