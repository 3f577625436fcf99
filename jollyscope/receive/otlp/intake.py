"""From a body to durable records: the one way that requests over HTTP and gRPC go."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Literal, NamedTuple, Protocol

import msgspec

from jollyscope.receive.otlp.decode import (
    Decoded,
    MalformedError,
    Signal,
    decode_json,
    decode_protobuf,
)
from jollyscope.receive.otlp.limits import without_frames
from jollyscope.receive.otlp.unpack import Encoding, unpack
from jollyscope.receive.sink import RefusedError, Sink

__all__ = ["Format", "Intake", "Packed", "Taken", "ThreadIntake", "submit"]

Format = Literal["protobuf", "json"]


class Packed(NamedTuple):
    """A body as it came."""

    signal: Signal
    format: Format
    encoding: Encoding
    body: bytes


class Taken(msgspec.Struct, frozen=True):
    """What became of a request: `records` are durable, `rejected` never will be."""

    records: int
    rejected: int = 0
    message: str = ""
    """Why some were rejected, or a warning."""


class Intake(Protocol):
    """Unpacks, decodes and stores bodies, called from any thread."""

    def take(self, packed: Packed) -> Future[Taken]:
        """Done when the records are durable. Raises, at once or through the future, `MalformedError`,
        `TooLargeError`, `OverloadedError` or `SinkDownError`.
        """
        ...

    def close(self, timeout: float = 10.0) -> None:
        """Finish what was taken, within `timeout` seconds, and let go. The sink stays open."""
        ...


class ThreadIntake:
    """Decodes in a thread of this process, one body at a time. For a receiver beside a program;
    `ProcessIntake` is for many senders.
    """

    def __init__(self, sink: Sink, max_body: int) -> None:
        self._sink = sink
        self._max_body = max_body
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="jollyscope-decode")

    def take(self, packed: Packed) -> Future[Taken]:
        """See `Intake.take`."""
        answer: Future[Taken] = Future()
        answer.set_running_or_notify_cancel()
        self._pool.submit(submit, self._sink, packed, self._max_body, answer)
        return answer

    def close(self, timeout: float = 10.0) -> None:
        """See `Intake.close`: decoding is not cut short, whatever `timeout` says."""
        self._pool.shutdown(wait=True)


def submit(sink: Sink, packed: Packed, max_body: int, answer: Future[Taken]) -> None:
    """Unpack, decode and submit; `answer` is resolved when it is known what became of it."""
    try:
        decoded = _decode(packed, max_body)
        durable = sink.submit(decoded.records)
    except UnicodeEncodeError:
        answer.set_exception(MalformedError("The request has text that is not Unicode."))
    except Exception as error:  # noqa: BLE001 - it belongs to whoever waits for the answer
        answer.set_exception(without_frames(error))
    else:
        durable.add_done_callback(
            partial(_settle, answer, len(decoded.records), decoded.rejected, decoded.message)
        )


def _decode(packed: Packed, max_body: int) -> Decoded:
    body = unpack(packed.body, packed.encoding, max_body)
    decode = decode_protobuf if packed.format == "protobuf" else decode_json
    return decode(packed.signal, body)


def _settle(
    answer: Future[Taken], records: int, rejected: int, message: str, durable: Future[None]
) -> None:
    error = durable.exception()
    if isinstance(error, RefusedError):
        said = " ".join(filter(None, [message, error.message]))
        answer.set_result(Taken(records - error.count, rejected + error.count, said))
    elif error is not None:
        answer.set_exception(error)
    else:
        answer.set_result(Taken(records, rejected, message))
