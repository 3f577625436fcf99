"""The background thread: takes spans from the inbox, makes records, writes them to the spool."""

from __future__ import annotations

import queue
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from opentelemetry.sdk.trace import ReadableSpan

from jollyscope.model.records import MetricRecord, SpanRecord
from jollyscope.model.wire import encode_lines
from jollyscope.sdk.convert import Converter
from jollyscope.sdk.outbox import Batch, Outbox
from jollyscope.sdk.processor import Inbox
from jollyscope.sdk.repair import encodable
from jollyscope.sdk.sampler import Sampler
from jollyscope.sdk.taken import Taken
from jollyscope.sdk.trouble import Trouble

__all__ = ["Recorder"]

_SLICE = 256
"""Spans converted and written before the GIL is offered to the agent's threads: 2 ms of work."""
_STORM, _STORM_SLICE = 8192, 2048
"""With so many waiting, larger slices. Whoever gives the GIL away to a busy thread gets it back
5 ms later, so that small slices convert 40,000 spans a second at most: a storm of 33,000 a second
for 9 s then lost a fifth of its spans to the queue's bound, and none since."""


class Recorder:
    """Owns the thread and everything behind the inbox. The thread starts with the first span."""

    def __init__(
        self,
        inbox: Inbox,
        converter: Converter,
        make_outbox: Callable[[], Outbox],
        sampler: Sampler,
        trouble: Trouble,
        *,
        flush_ms: int,
    ) -> None:
        self.inbox = inbox
        self.trouble = trouble
        self.outbox = make_outbox()
        self._make_outbox = make_outbox
        self._converter = converter
        self._sampler = sampler
        # A little under the promise, which counts from a span's end to its line on disk.
        self._interval = flush_ms / 1000 * 0.8
        # In a forked child, when it was forked: spans begun before are the parent's to write.
        self._began = 0
        self._resource: Any = None
        self._running: set[str] = set()
        self._in_hand = 0
        self._stopped = False
        self._renew()

    def _renew(self) -> None:
        # SimpleQueue's put is reentrant: safe in signal handlers and in the garbage collector,
        # where an Event could meet its own lock taken by the very thread it interrupts.
        self._calls: queue.SimpleQueue[threading.Lock | None] = queue.SimpleQueue()
        self._writing = threading.Lock()
        self._held = False
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    # -- called from the agent's threads

    def wake(self) -> None:
        """Have the thread look at once if many spans wait; start it if there is none."""
        if self._thread is None:
            self._start()
        else:
            self._calls.put(None)

    def flush(self, timeout: float) -> bool:
        """Wait until all that ended before is written; false when that took too long or failed."""
        if self._stopped or (self._thread is None and not self._anything()):
            return self.outbox.waiting == 0
        if self._thread is None:
            self._start()
        done = threading.Lock()
        done.acquire()
        self._calls.put(done)
        if not done.acquire(timeout=max(0.0, timeout)):
            return False
        return self.outbox.waiting == 0

    def stop(self, timeout: float) -> None:
        """Write what waits and let go of the spool. Steps still open stay open: interrupted."""
        self.flush(timeout)
        self._stopped = True
        thread, self._thread = self._thread, None
        if thread is None:
            return
        self._calls.put(None)
        thread.join(timeout)
        self.outbox.lose_waiting()

    def hold(self, timeout: float) -> None:
        """Keep the thread from touching files, before a fork. Gives up after `timeout` seconds."""
        self._held = self._writing.acquire(timeout=timeout)

    def let_go(self) -> None:
        """After the fork, in the parent."""
        if self._held:
            self._held = False
            self._writing.release()

    def forked(self) -> None:
        """In the child: forget the parent's spans, thread and files; begin anew when needed."""
        self.inbox.clear()
        self.outbox.writer.abandon_after_fork()
        self.outbox = self._make_outbox()
        self._converter.forget()
        self._sampler = self._sampler.renewed()
        self._running.clear()
        self._in_hand = 0
        self._began = time.time_ns()
        self._renew()

    @property
    def waiting(self) -> int:
        """Ended spans that are not on disk yet."""
        return len(self.inbox.ended) + self._in_hand + self.outbox.waiting

    @property
    def dropped(self) -> int:
        """Ended spans that will never be on disk."""
        return self.outbox.dropped + len(self.inbox.refused)

    def _anything(self) -> bool:
        return bool(self.inbox.started or self.waiting)

    def _start(self) -> None:
        if self._stopped or not self._starting.acquire(blocking=False):
            return
        try:
            if self._thread is None:
                thread = threading.Thread(target=self._run, name="jollyscope", daemon=True)
                thread.start()
                self._thread = thread
                _flush_in_multiprocessing_child(self)
        except RuntimeError as error:  # no more threads, or the interpreter is ending
            self.trouble.tell("thread", f"JollyScope cannot start its thread: {error}.")
        finally:
            self._starting.release()

    # -- the background thread

    def _run(self) -> None:
        self._sampler.sample()  # the start of the first span's mean
        due = time.monotonic() + self._interval
        while not self._stopped:
            asked = self._wait(due)
            self._tick(bool(asked))
            now = time.monotonic()
            if now >= due:  # not when woken early: a span that came just before has its turn too
                due = max(due + self._interval, now + self._interval / 4)
            for done in asked:
                done.release()
        with self._writing:
            self.outbox.writer.close()

    def _wait(self, due: float) -> list[threading.Lock]:
        """Sleep until `due` or until called; the locks to release when all is written."""
        asked: list[threading.Lock] = []
        try:
            call = self._calls.get(timeout=max(0.0, due - time.monotonic()))
            while True:
                if call is not None:
                    asked.append(call)
                call = self._calls.get_nowait()
        except queue.Empty:
            return asked

    def _tick(self, asked: bool) -> None:
        try:
            self._drain()
            self._write(now=asked)
        except Exception as error:  # noqa: BLE001 - the thread must live on
            self.trouble.tell(
                "bug", f"JollyScope failed to record: {type(error).__name__}: {error}."
            )

    def _write(self, *, now: bool = False) -> None:
        with self._writing:
            self.outbox.write(now=now)

    def _drain(self) -> None:
        sampled = self._sampler.sample()
        active = bool(self._running or self.inbox.ended or self.inbox.started)
        self._count_refused()
        if self.inbox.ended or self.inbox.started:
            self._sampler.note_cpu()
            limit = len(self.inbox.ended) + _SLICE
            self._drain_started()
            while limit > 0 and self.inbox.ended:
                limit -= self._drain_ended()
                self._write()
                time.sleep(0)  # lets go of the GIL
        if sampled and active and self._resource is not None:
            self._send_metrics()

    def _count_refused(self) -> None:
        refused = self.inbox.refused
        for _ in range(count := len(refused)):
            refused.popleft()
        self.outbox.drop(count, f"{self.inbox.bound:,} are waiting already")

    def _drain_started(self) -> None:
        started, spans = self.inbox.started, list[Any]()
        try:
            while len(spans) < self.inbox.bound:
                spans.append(started.popitem()[1])
        except KeyError:
            pass
        for first in range(0, len(spans), _SLICE):
            records = self._convert(spans[first : first + _SLICE], self._opened)
            self._running.update(record.span_id for record in records)
            self._send(records, 0)

    def _drain_ended(self) -> int:
        ended = self.inbox.ended
        # Popped one by one rather than swapped for a new deque: an append that had already looked
        # the old one up would be lost.
        count = min(_SLICE if len(ended) < _STORM else _STORM_SLICE, len(ended))
        self._in_hand = count
        records = self._convert([ended.popleft() for _ in range(count)], self._closed)
        if self._running:
            self._running.difference_update([record.span_id for record in records])
        self._send(records, len(records))
        self._in_hand = 0
        return count

    def _opened(self, span: ReadableSpan) -> SpanRecord | None:
        if (span.start_time or 0) < self._began:
            return None
        return self._converter.opened(span)

    def _closed(self, taken: Taken) -> SpanRecord | None:
        if taken[4] < self._began:
            return None
        self._resource = taken[7]
        return self._converter.closed(taken, self._sampler.cpu_percent, self._sampler.memory_mb)

    def _convert(
        self, spans: list[Any], convert: Callable[[Any], SpanRecord | None]
    ) -> list[SpanRecord]:
        records: list[SpanRecord] = []
        for span in spans:
            try:
                record = convert(span)
            except Exception as error:  # noqa: BLE001 - one odd span must not take others along
                self.outbox.drop(
                    int(convert == self._closed),
                    f"one cannot be recorded: {type(error).__name__}: {error}",
                )
                continue
            if record is not None:
                records.append(record)
        return records

    def _send(self, records: list[SpanRecord], spans: int) -> None:
        try:
            lines = encode_lines(records)
        except Exception:  # noqa: BLE001 - lone surrogates and the like: one by one, repaired
            lines, lost = encodable(records, self.trouble)
            if spans:
                spans -= lost
                self.outbox.dropped += lost
        self.outbox.add(Batch("span", lines, spans))

    def _send_metrics(self) -> None:
        resource, service = self._converter.resource(self._resource)
        metrics: list[MetricRecord] = self._sampler.metrics(service, resource)
        self.outbox.add(Batch("metric", encode_lines(metrics), 0))


def _flush_in_multiprocessing_child(recorder: Recorder) -> None:
    """A child of multiprocessing leaves through `os._exit`, past atexit; its own finalizers run."""
    process, util = (
        sys.modules.get("multiprocessing.process"),
        sys.modules.get("multiprocessing.util"),
    )
    if process is not None and util is not None and process.parent_process() is not None:
        util.Finalize(None, recorder.stop, args=(5.0,), exitpriority=-100)
