"""Decoding in processes of their own, since Python decodes on one core a process."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from concurrent.futures import Future
from queue import SimpleQueue
from typing import BinaryIO, cast

import msgspec

from jollyscope.receive.otlp.frames import Answer, Head, SinkPlan, read_frame, write_frame
from jollyscope.receive.otlp.intake import Packed, Taken
from jollyscope.receive.sink import SinkDownError

__all__ = ["ProcessIntake"]

_START_S = 30.0
_AGAIN_S = 1.0
"""A worker that ended is replaced, but not more often than this."""
_Waiting = tuple[Head, bytes]


class ProcessIntake:
    """Workers that decode and write, each to a spool folder (or with a producer) of its own.

    A worker that dies takes its requests along: they are answered with `SinkDownError`, to be sent
    again, and another one is started. Measured with 500-span bodies from four connections on two
    cores: 56,000 spans/s with a thread of this process, 64,000 with one worker, 90,000 with two.
    """

    def __init__(self, plan: SinkPlan, most: int | None = None) -> None:
        self.plan = plan
        self.most = most or max(1, min(4, os.cpu_count() or 1))
        self._workers: list[_Worker] = []
        self._lock = threading.Lock()
        self._number = 0
        self._started_at = 0.0
        self._closed = False

    def start(self) -> None:
        """Start the workers; raises what keeps one from its sink (`JollyScopeError`)."""
        with self._lock:
            started = [self._more() for _ in range(self.most)]
        try:
            for worker in started:
                worker.ready.result(_START_S)
        except TimeoutError:
            self.close(0)
            raise SinkDownError("The worker process does not start.") from None

    def pids(self) -> list[int]:
        """Process ids of the workers that live."""
        with self._lock:
            return [worker.process.pid for worker in self._workers if worker.alive]

    def take(self, packed: Packed) -> Future[Taken]:
        """See `Intake.take`."""
        with self._lock:
            if self._closed:
                raise SinkDownError("The receiver is being stopped.")
            worker = self._least_busy()
            self._number += 1
            head = Head(self._number, packed.signal, packed.format, packed.encoding)
            return worker.send(head, packed.body)

    def close(self, timeout: float = 10.0) -> None:
        """See `Intake.close`; a worker that does not end in time is killed."""
        with self._lock:
            self._closed = True
            workers, self._workers = self._workers, []
        for worker in workers:
            worker.outbox.put(None)
        deadline = time.monotonic() + timeout
        for worker in workers:
            worker.end(max(0.1, deadline - time.monotonic()))

    def _least_busy(self) -> _Worker:
        self._workers = [worker for worker in self._workers if worker.alive]
        found = min(self._workers, key=lambda worker: worker.busy, default=None)
        if found is not None and (not found.busy or len(self._workers) >= self.most):
            return found
        if time.monotonic() - self._started_at < _AGAIN_S:
            if found is None:
                raise SinkDownError("The worker processes end as soon as they are started.")
            return found
        return self._more()

    def _more(self) -> _Worker:
        self._started_at = time.monotonic()
        worker = _Worker(self.plan)
        self._workers.append(worker)
        return worker


class _Worker:
    """A process, with a thread that writes to it and one that reads from it."""

    def __init__(self, plan: SinkPlan) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "jollyscope.receive.otlp.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            process_group=None if sys.platform == "win32" else 0,  # Ctrl-C is for us alone
        )
        self.ready: Future[None] = Future()
        self.alive = True
        self.outbox: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._waiting: dict[int, Future[Taken]] = {}
        self._lock = threading.Lock()
        self._writer = threading.Thread(target=self._write, args=(plan,), daemon=True)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._writer.start()
        self._reader.start()

    @property
    def busy(self) -> int:
        """Requests in its hands."""
        return len(self._waiting)

    def send(self, head: Head, body: bytes) -> Future[Taken]:
        """Hand over a request."""
        answer: Future[Taken] = Future()
        answer.set_running_or_notify_cancel()
        with self._lock:
            if not self.alive:
                raise SinkDownError(_ENDED)
            self._waiting[head.id] = answer
        self.outbox.put((head, body))
        return answer

    def end(self, timeout: float) -> None:
        """Wait for the process and the threads; they have been told to end."""
        try:
            self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._reader.join(timeout)
        self._writer.join(timeout)

    def _write(self, plan: SinkPlan) -> None:
        stream = cast(BinaryIO, self.process.stdin)
        try:
            write_frame(stream.fileno(), plan)
            while (item := self.outbox.get()) is not None:
                head, body = item
                write_frame(stream.fileno(), head, body)
                del item, body
        except OSError:  # it died; the reader notices as well, and answers for it
            self.alive = False
        stream.close()

    def _read(self) -> None:
        stream = cast(BinaryIO, self.process.stdout)
        answers = msgspec.json.Decoder(Answer)
        while frame := read_frame(stream):
            told = answers.decode(frame[0])
            if told.id < 0:
                self._opened(told)
                continue
            with self._lock:
                answer = self._waiting.pop(told.id)
            if told.failure is None:
                answer.set_result(Taken(told.records, told.rejected, told.message))
            else:
                answer.set_exception(told.failure.error())
        stream.close()
        self._gone()

    def _opened(self, told: Answer) -> None:
        if told.failure is None:
            self.ready.set_result(None)
        else:
            self.ready.set_exception(told.failure.error())

    def _gone(self) -> None:
        with self._lock:
            self.alive = False
            left = list(self._waiting.values())
            self._waiting.clear()
        for answer in left:
            answer.set_exception(SinkDownError(_ENDED))
        if not self.ready.done():
            self.ready.set_exception(SinkDownError(_ENDED))
        self.outbox.put(None)  # so that the writer ends as well
        self.process.wait()


_ENDED = "The process that stores this request has ended."
