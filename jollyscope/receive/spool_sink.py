"""The spool as a sink: many senders, one writer thread, one write for all that waits."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self, get_args

from jollyscope.config import SpoolConfig
from jollyscope.errors import JollyScopeError
from jollyscope.model.records import Record, RecordKind
from jollyscope.model.wire import KIND_OF, encode_lines
from jollyscope.receive.sink import OverloadedError, SinkDownError
from jollyscope.transport.spool import SpoolFullError, SpoolWriter, spool_dir

__all__ = ["SpoolSink"]

QUEUE_BYTES = 64 << 20
_GROUP_BYTES = 8 << 20
"""At most so much is written at once: a segment overshoots its size by no more than this."""
_KINDS: tuple[RecordKind, ...] = get_args(RecordKind)
_ROOM_S = 5.0
"""When to come back to a spool at its bound: a load takes about as long."""


class _Batch(NamedTuple):
    lines: dict[RecordKind, bytes]
    size: int
    done: Future[None]


class SpoolSink:
    """Writes batches to the spool of a data directory (`receive.sink.Sink`).

    Records are encoded in the thread that brings them. A writer thread then takes all that waits,
    writes it at once (with one fsync a kind where the settings ask for it), and only then are the
    futures done. Nothing is kept after a failure: the sender is told, and sends again.

    `queue_bytes` bounds the encoded bytes that wait; where nothing waits, a batch of any size is
    taken. A future raises `OverloadedError` where the spool is at its bound on disk, which
    loading it into the store undoes, and `SinkDownError` where the disk takes nothing.
    """

    def __init__(
        self,
        home: Path,
        config: SpoolConfig | None = None,
        *,
        queue_bytes: int = QUEUE_BYTES,
    ) -> None:
        config = config or SpoolConfig()
        self.queue_bytes = queue_bytes
        self._writer = SpoolWriter(
            spool_dir(home),
            segment_bytes=config.segment_mb << 20,
            max_bytes=config.max_mb << 20,
            fsync=config.fsync,
        )
        self._waiting = 0
        self._batches: deque[_Batch] = deque()
        self._change = threading.Condition()
        self._closing = False
        self._thread: threading.Thread | None = None

    @property
    def waiting(self) -> int:
        """Encoded bytes that are taken and not yet durable."""
        return self._waiting

    def submit(self, records: Sequence[Record]) -> Future[None]:
        """See `Sink.submit`. Raises `UnicodeEncodeError` for text that UTF-8 cannot say."""
        done: Future[None] = Future()
        done.set_running_or_notify_cancel()  # from here on nobody can take it back
        with self._change:
            self._refuse_beyond(self.queue_bytes)
        lines = _encoded(records)
        size = sum(map(len, lines.values()))
        if not size:
            done.set_result(None)
            return done
        with self._change:
            self._refuse_beyond(self.queue_bytes - size)
            self._waiting += size
            self._batches.append(_Batch(lines, size, done))
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._run, name="jollyscope-spool", daemon=True
                )
                self._thread.start()
            self._change.notify()
        return done

    def close(self, timeout: float = 10.0) -> None:
        """See `Sink.close`. What the disk did not take in time is answered with `SinkDownError`."""
        with self._change:
            self._closing = True
            self._change.notify()
        if self._thread is None:
            return
        self._thread.join(timeout)
        with self._change:
            left = list(self._batches)
            self._batches.clear()
        for batch in left:
            batch.done.set_exception(SinkDownError("The spool could not be written in time."))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.close()

    def _refuse_beyond(self, room: int) -> None:
        if self._closing:
            raise SinkDownError("The spool is being closed.")
        if self._waiting and self._waiting > room:
            raise OverloadedError(
                f"{self._waiting >> 20} MB wait to be written.",
                hint="Send it again a little later.",
            )

    def _run(self) -> None:
        while group := self._next_group():
            error = self._write(group)
            with self._change:
                self._waiting -= sum(batch.size for batch in group)
            for batch in group:
                if error is None:
                    batch.done.set_result(None)
                else:
                    batch.done.set_exception(error)
        self._writer.close()

    def _next_group(self) -> list[_Batch]:
        """What is written next, in the order it came; empty at the end."""
        with self._change:
            while not self._batches and not self._closing:
                self._change.wait()
            group: list[_Batch] = []
            size = 0
            while self._batches and (not group or size + self._batches[0].size <= _GROUP_BYTES):
                group.append(self._batches.popleft())
                size += group[-1].size
            return group

    def _write(self, group: list[_Batch]) -> JollyScopeError | None:
        """Why the group is not durable, or None. Kinds written before the failure stay, and come
        twice when they are sent again: readers drop doubles.
        """
        try:
            for kind in _KINDS:
                self._writer.write(kind, b"".join([batch.lines.get(kind, b"") for batch in group]))
        except SpoolFullError as error:
            return OverloadedError(error.message, retry_after=_ROOM_S, hint=error.hint)
        except OSError as error:
            return SinkDownError(
                f"The spool in {self._writer.root} cannot be written: {error.strerror or error}.",
                hint="Make room, or set JOLLYSCOPE_HOME to another disk.",
            )
        except Exception as error:  # noqa: BLE001 - whatever it is, somebody waits for the answer
            return SinkDownError(f"The spool cannot be written: {type(error).__name__}: {error}.")
        return None


def _encoded(records: Sequence[Record]) -> dict[RecordKind, bytes]:
    kinds = {type(record) for record in records}
    if len(kinds) == 1:  # as nearly always
        return {KIND_OF[kinds.pop()]: encode_lines(records)}
    return {
        KIND_OF[kind]: encode_lines([record for record in records if type(record) is kind])
        for kind in kinds
    }
