"""Whole traces to a file, one after the other in constant memory, with what was said about them."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from jollyscope.errors import JollyScopeError, NotFoundError, UsageError
from jollyscope.export.forms import Form, Traced
from jollyscope.query.bulk import whole_traces
from jollyscope.query.filter import engine
from jollyscope.query.listing import Page, TraceRow, count_rows, list_traces
from jollyscope.query.paging import pages
from jollyscope.query.scope import Scope
from jollyscope.store.api import Reader
from jollyscope.store.state import Annotation, State

__all__ = ["Exported", "Watch", "export_file", "export_stream", "given", "matching", "number_of"]

Watch = Callable[[int, int], None]
"""Told after each trace: how many traces and spans are written. What it raises ends the export."""


class Exported(NamedTuple):
    """What was written; `size` in bytes."""

    traces: int
    spans: int
    size: int


def matching(reader: Reader, state: State, within: Scope, limit: int = 0) -> Iterator[Traced]:
    """The newest `limit` traces (0: all) of a scope, newest first. Raises `StoreError`."""
    where = within.where("traces", engine(reader))

    def ask(most: int, after: tuple[Any, str] | None) -> Page[TraceRow]:
        return list_traces(
            reader, since=within.since, until=within.until, session_id=within.session_id,
            where=where, limit=most, after=after, gist=True,
        )  # fmt: skip

    said: dict[str, list[Annotation]] = {}
    for one in state.all_annotations():
        said.setdefault(one.trace_id, []).append(one)
    for page in pages(ask, limit):
        for trace_id, spans in whole_traces(reader, page.rows):
            yield Traced(trace_id, spans, said.get(trace_id, ()))


def number_of(reader: Reader, within: Scope, limit: int = 0) -> int:
    """How many traces `matching` gives."""
    found = count_rows(
        reader, "traces", since=within.since, until=within.until,
        session_id=within.session_id, where=within.where("traces", engine(reader)),
    )  # fmt: skip
    return min(found, limit) if limit else found


def given(reader: Reader, state: State, trace_ids: Iterable[str]) -> Iterator[Traced]:
    """These traces by their whole ids; those that are gone are left out."""
    for trace_id in trace_ids:
        spans = reader.spans(trace_id)
        if spans:
            yield Traced(trace_id, spans, state.annotations([trace_id]))


def export_file(
    traces: Iterable[Traced],
    path: Path,
    form: Form,
    *,
    replace: bool = True,
    empty: bool = True,
    watch: Watch | None = None,
) -> Exported:
    """Write traces to a file. It is there whole or, after any error or interrupt, as it was before.

    `replace` false refuses a file that exists; `empty` false refuses to write no trace at all. A
    device or a pipe is written to as it stands. Raises `UsageError`, `NotFoundError`,
    `JollyScopeError`, and whatever `traces` and `watch` raise.
    """
    if path.is_dir():
        raise UsageError(f"{path} is a directory.", hint="Name the file to write.")
    if not replace and path.exists():
        raise UsageError(f"{path} exists already.", hint="Choose another name.")
    with _written(path) as file:
        done = export_stream(traces, file, form, watch)
        if not done.traces and not empty:
            raise NotFoundError("No trace matches; nothing was written.")
        return done


def export_stream(
    traces: Iterable[Traced], file: BinaryIO, form: Form, watch: Watch | None = None
) -> Exported:
    """Write traces to an open file."""
    count = spans = 0

    def passing() -> Iterator[Traced]:
        nonlocal count, spans
        for trace in traces:
            yield trace
            count += 1
            spans += len(trace.spans)
            if watch is not None:
                watch(count, spans)

    measured = _Measured(file)
    form.write(passing(), measured)
    return Exported(count, spans, measured.size)


class _Measured:
    """A file that knows how much was written to it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.size = 0

    def write(self, data: bytes) -> int:
        self.size += len(data)
        return self._file.write(data)


@contextmanager
def _written(path: Path) -> Generator[BinaryIO]:
    """A file that takes the place of `path` when all went well."""
    try:
        if path.exists() and not stat.S_ISREG(path.stat().st_mode):
            with path.open("wb") as file:
                yield file
            return
        # Through a link its target is replaced, not the link.
        target = path.resolve()
        fresh = target.with_name(f".{target.name[:200]}.{secrets.token_hex(4)}")
        try:
            with fresh.open("xb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            os.replace(fresh, target)
        except BaseException:
            fresh.unlink(missing_ok=True)
            raise
    except BrokenPipeError:
        raise
    except OSError as error:
        reason = error.strerror or str(error)
        raise JollyScopeError(f"{path} cannot be written: {reason}.") from error
