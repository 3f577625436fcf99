"""An export to a stream, such as a pipe."""

from __future__ import annotations

import os
import select
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread
from typing import BinaryIO

from jollyscope.errors import NotFoundError, UsageError
from jollyscope.export.forms import Form, TableForm
from jollyscope.export.job import ALL, Job, export, total_of, traces_of
from jollyscope.export.reading import opened
from jollyscope.export.traces import Exported, export_stream
from jollyscope.store.api import Reader
from jollyscope.store.state import State

__all__ = ["export_out"]

_BLOCK = 1 << 18


def export_out(reader: Reader, state: State, job: Job, out: BinaryIO) -> Exported:
    """Write to an open stream. Raises `UsageError`, `NotFoundError`, `JollyScopeError`, and
    `BrokenPipeError` where nobody reads any more.
    """
    job.check()
    if job.split or job.table == ALL:
        raise UsageError("Several files do not fit into a pipe.", hint="Name a file: -o FILE.")
    if not job.empty and total_of(reader, job) == 0:
        raise NotFoundError("No trace matches; nothing was written.")
    if isinstance(job.form, Form):
        done = export_stream(traces_of(reader, state, job, job.form), out, job.form)
        if not job.empty and done.nothing:
            raise NotFoundError("No conversation matches; nothing was written.")
        return done
    if isinstance(job.form, TableForm) and hasattr(os, "mkfifo"):
        return _table(reader, state, job, job.form, out)
    with tempfile.TemporaryDirectory(prefix="jollyscope-") as folder:
        file = Path(folder) / f"out{job.form.suffix}"
        done = export(reader, state, job, file)
        with file.open("rb") as written:
            shutil.copyfileobj(written, out, _BLOCK)
        return done._replace(files=())


def _table(reader: Reader, state: State, job: Job, form: TableForm, out: BinaryIO) -> Exported:
    columns = job.choice.columns(job.table)
    with (
        tempfile.TemporaryDirectory(prefix="jollyscope-") as folder,
        opened(reader, state, job.table, job.choice) as answer,
    ):
        fifo = Path(folder) / f"out{form.suffix}"
        os.mkfifo(fifo)
        rows, size = _through(
            fifo, lambda: form.write(answer, columns, job.choice, job.look, fifo, None), out
        )
    return Exported(None, None, size, rows)


def _through(fifo: Path, write: Callable[[], int], out: BinaryIO) -> tuple[int, int]:
    """What `write` writes to the pipe, copied to `out` meanwhile; what it gives, and the bytes."""
    source = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    pump = _Pump(source, out)
    pump.start()
    try:
        rows = write()
    except BaseException:
        pump.stop()
        if pump.error is not None:
            raise pump.error from None
        raise
    pump.stop()
    if pump.error is not None:
        raise pump.error
    return rows, pump.size


class _Pump(Thread):
    """Copies a pipe to a stream until `stop`, and then what is left."""

    def __init__(self, source: int, out: BinaryIO) -> None:
        super().__init__(name="jollyscope-pipe", daemon=True)
        self.error: BaseException | None = None
        self.size = 0
        self._source = source
        self._out = out
        self._over = Event()

    def run(self) -> None:
        try:
            while self._step():
                pass
            self._out.flush()
        except BaseException as error:  # noqa: BLE001 - raised where the export waits
            self.error = error
        finally:
            os.close(self._source)  # The writer gets an error, not a full pipe.

    def _step(self) -> bool:
        over = self._over.is_set()  # before reading: what is written by now is read
        ready, _, _ = select.select([self._source], [], [], 0.05)
        try:
            data = os.read(self._source, _BLOCK) if ready else b""
        except BlockingIOError:
            return True
        if data:
            self._out.write(data)
            self.size += len(data)
        elif ready and not over:
            self._over.wait(0.01)  # nobody has opened the other end yet, or has just closed it
        return bool(data) or not over

    def stop(self) -> None:
        """Nothing more is written."""
        self._over.set()
        self.join()
