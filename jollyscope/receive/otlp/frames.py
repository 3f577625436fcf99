"""What a receiver and its worker processes say to each other, over pipes.

A frame is two lengths (32 bits, little endian), a head in JSON, and a body as it came.
"""

from __future__ import annotations

import os
import struct
from pathlib import Path
from typing import BinaryIO, Literal

import msgspec

from jollyscope.config import KafkaConfig, SpoolConfig
from jollyscope.errors import JollyScopeError
from jollyscope.receive.otlp.decode import MalformedError, Signal
from jollyscope.receive.otlp.intake import Format
from jollyscope.receive.otlp.limits import TooLargeError
from jollyscope.receive.otlp.unpack import Encoding
from jollyscope.receive.sink import OverloadedError, Sink, SinkDownError

__all__ = ["Answer", "Failure", "Head", "SinkPlan", "read_frame", "write_frame"]

_LENGTHS = struct.Struct("<II")


class SinkPlan(msgspec.Struct, frozen=True, kw_only=True):
    """Which sink a worker opens."""

    to: Literal["spool", "kafka"] = "spool"
    home: str
    spool: SpoolConfig = SpoolConfig()
    kafka: KafkaConfig = KafkaConfig()
    queue_bytes: int = 64 << 20
    max_body: int = 16 << 20

    def open(self) -> Sink:
        """The sink. Kafka's connects: raises `JollyScopeError` where no broker answers."""
        if self.to == "kafka":
            from jollyscope.receive.kafka_sink import KafkaSink

            return KafkaSink(self.kafka, queue_bytes=self.queue_bytes)
        from jollyscope.receive.spool_sink import SpoolSink

        return SpoolSink(Path(self.home), self.spool, queue_bytes=self.queue_bytes)


class Head(msgspec.Struct, frozen=True):
    """What stands before a body."""

    id: int
    signal: Signal
    format: Format
    encoding: Encoding


class Failure(msgspec.Struct, frozen=True):
    """An error on its way to another process."""

    kind: str
    message: str
    hint: str = ""
    retry_after: float = 1.0

    @classmethod
    def of(cls, error: BaseException) -> Failure:
        """What can be told of any error."""
        kind = next((name for name, known in _ERRORS.items() if isinstance(error, known)), "")
        if not isinstance(error, JollyScopeError):
            return cls(kind, f"{type(error).__name__}: {error}")
        later = error.retry_after if isinstance(error, OverloadedError) else 1.0
        return cls(kind, error.message, error.hint, later)

    def error(self) -> Exception:
        """The error again; one that is not meant for people as a RuntimeError."""
        if self.kind == "overloaded":
            return OverloadedError(self.message, retry_after=self.retry_after, hint=self.hint)
        known = _ERRORS.get(self.kind)
        return known(self.message, hint=self.hint) if known else RuntimeError(self.message)


_ERRORS: dict[str, type[JollyScopeError]] = {
    "malformed": MalformedError,
    "large": TooLargeError,
    "overloaded": OverloadedError,
    "down": SinkDownError,
    "told": JollyScopeError,  # the last: any other that is meant for people
}


class Answer(msgspec.Struct, frozen=True):
    """What became of the request `id`; of -1: whether the worker's sink is open."""

    id: int
    records: int = 0
    rejected: int = 0
    message: str = ""
    failure: Failure | None = None


def write_frame(fd: int, head: msgspec.Struct, body: bytes = b"") -> None:
    """Write all of a frame. One thread at a time; raises OSError."""
    encoded = msgspec.json.encode(head)
    first = b"".join([_LENGTHS.pack(len(encoded), len(body)), encoded])
    for part in (first, body):
        view = memoryview(part)
        while view:
            view = view[os.write(fd, view) :]


def read_frame(stream: BinaryIO) -> tuple[bytes, bytes] | None:
    """Head and body; None where the other side is gone, in the middle of a frame or between two."""
    lengths = stream.read(_LENGTHS.size)
    if len(lengths) < _LENGTHS.size:
        return None
    of_head, of_body = _LENGTHS.unpack(lengths)
    head, body = stream.read(of_head), stream.read(of_body)
    return (head, body) if len(head) == of_head and len(body) == of_body else None
