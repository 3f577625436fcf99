"""The background thread: its life, and what the agent's threads may ask of it."""

from __future__ import annotations

import queue
import sys
import threading
import time
from collections.abc import Callable

from jollyscope.sdk.convert import Converter
from jollyscope.sdk.drain import Drain
from jollyscope.sdk.outbox import Outbox
from jollyscope.sdk.processor import Inbox
from jollyscope.sdk.sampler import Sampler
from jollyscope.sdk.trouble import Trouble

__all__ = ["Recorder"]


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
        self._drain = Drain(inbox, converter, self.outbox, sampler, trouble)
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
        inherited = self._drain.begun()
        self.inbox.clear()
        self.outbox.writer.abandon_after_fork()
        self.outbox = self._make_outbox()
        self._converter.forget()
        self._sampler = self._sampler.renewed()
        self._drain = Drain(
            self.inbox, self._converter, self.outbox, self._sampler, self.trouble, inherited
        )
        self._renew()

    @property
    def waiting(self) -> int:
        """Ended spans that are not on disk yet."""
        return len(self.inbox.ended) + self._drain.in_hand + self.outbox.waiting

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
            self._drain.run(self._write)
            self._write(now=asked)
        except Exception as error:  # noqa: BLE001 - the thread must live on
            self.outbox.dropped += self._drain.in_hand
            self._drain.in_hand = 0
            self.trouble.tell(
                "bug", f"JollyScope failed to record: {type(error).__name__}: {error}."
            )

    def _write(self, *, now: bool = False) -> None:
        with self._writing:
            self.outbox.write(now=now)


def _flush_in_multiprocessing_child(recorder: Recorder) -> None:
    """A child of multiprocessing leaves through `os._exit`, past atexit; its own finalizers run."""
    process, util = (
        sys.modules.get("multiprocessing.process"),
        sys.modules.get("multiprocessing.util"),
    )
    if process is not None and util is not None and process.parent_process() is not None:
        util.Finalize(None, recorder.stop, args=(5.0,), exitpriority=-100)
