"""An export from a store to files, whatever the format."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path

import msgspec

from jollyscope.errors import NotFoundError, UsageError
from jollyscope.export.anonymous_records import hidden
from jollyscope.export.choice import Choice
from jollyscope.export.forms import AnyForm, Book, BookForm, Form, Look, TableForm, Traced
from jollyscope.export.placing import placed
from jollyscope.export.reading import opened, row_count, tables
from jollyscope.export.splitting import Split, piece_name, write_pieces
from jollyscope.export.tables import SHEETS
from jollyscope.export.traces import Exported, Watch, given, heard, matching, number_of, write_some
from jollyscope.store.answer import Answer, Share
from jollyscope.store.api import Reader
from jollyscope.store.state import State

__all__ = ["ALL", "Job", "export", "total_of", "traces_of"]

ALL = "all"


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """What is written, and how.

    `table` is for formats of one table; `all` writes one file a table to a folder, or to a zip where
    the name says so. `replace` false refuses a file that exists, `empty` false refuses to write
    nothing. `about` is what a file of all tables says of itself; with
    `whole_texts` what it has no room for stands in a file beside it.
    """

    choice: Choice
    form: AnyForm
    table: str = "steps"
    look: Look = Look()
    split: Split | None = None
    replace: bool = True
    empty: bool = True
    about: Mapping[str, str] = {}
    whole_texts: bool = False

    @property
    def whole(self) -> bool:
        """Whether whole executions are written, not tables."""
        return isinstance(self.form, Form)

    def check(self) -> None:
        """Raises `UsageError` where its parts do not go together."""
        if self.whole and (self.choice.fields or self.choice.order):
            raise UsageError(
                f"{self.form.suffix} holds whole executions: it has no fields to choose or sort by.",
                hint="Choose .csv or .parquet, or name a table: --table steps.",
            )
        if isinstance(self.form, BookForm) and (self.choice.fields or self.choice.order):
            raise UsageError(
                f"{self.form.suffix} holds every table: it has no fields to choose or sort by.",
                hint="Choose .csv or .parquet.",
            )
        if self.whole_texts and not isinstance(self.form, BookForm):
            raise UsageError("--whole-texts is for .xlsx.", hint="Other formats cut nothing.")
        if self.split and (self.table == ALL or isinstance(self.form, BookForm)):
            raise UsageError("--split-size is for one table or for whole executions.")
        if self.look != Look() and self.form.suffix != ".csv":
            raise UsageError("--bom and --excel-safe are for .csv.")


def export(
    reader: Reader, state: State, job: Job, path: Path, watch: Watch | None = None
) -> Exported:
    """Write to `path`. All files are there whole or, after any error or interrupt, as they were before.

    Raises `UsageError`, `NotFoundError`, `JollyScopeError`, and whatever `watch` raises.
    """
    job.check()
    tell = watch or _unseen
    folder = isinstance(job.form, TableForm) and job.table == ALL and path.suffix.lower() != ".zip"
    with placed(path, replace=job.replace, folder=folder) as fresh:
        file = fresh / path.resolve().name
        if isinstance(job.form, Form):
            done = _traces(reader, state, job, job.form, file, tell)
        elif isinstance(job.form, BookForm):
            # Its metrics are of the time alone: that there are some is no match.
            if not job.empty and not total_traces(reader, job.choice):
                raise NotFoundError("No trace matches; nothing was written.")
            rows = job.form.write(
                Book(tables(reader, state, job.choice), SHEETS, job.about, job.whole_texts),
                file,
                lambda rows: tell(rows, rows),
            )
            done = Exported(None, None, 0, rows)
        elif job.table == ALL:
            done = _every_table(reader, state, job, job.form, fresh, tell)
            if not folder:
                _pack(fresh, file)
        else:
            done = _one_table(reader, state, job, job.form, file, watch)
        if not job.empty and done.nothing:
            raise NotFoundError("No trace matches; nothing was written.")
        files = sorted(fresh.iterdir())
        size = sum(file.stat().st_size for file in files)
        parent = path if folder else path.parent
        return done._replace(size=size, files=tuple(parent / file.name for file in files))


def _unseen(_done: int, _rows: int) -> None:
    """Nobody watches."""


def total_of(reader: Reader, job: Job) -> int | None:
    """How many traces or rows `watch` will be told of in the end; None where nobody knows."""
    if isinstance(job.form, Form):
        return total_traces(reader, job.choice)
    if isinstance(job.form, TableForm) and job.table != ALL:
        return row_count(reader, job.table, job.choice)
    return None


def total_traces(reader: Reader, choice: Choice) -> int:
    """How many executions a choice has."""
    if choice.traces is not None:
        return len(choice.traces)
    return number_of(reader, choice.scope, choice.limit)


def traces_of(reader: Reader, state: State, job: Job, form: Form) -> Iterator[Traced]:
    """The traces of a job as its format wants them."""
    choice = job.choice
    if choice.traces is not None:
        traces = given(reader, state, choice.traces)
    else:
        traces = matching(reader, state, choice.scope, choice.limit, by_session=form.spoken)
    if form.spoken:
        traces = heard(reader, traces)
    return traces if choice.guise is None else hidden(traces, choice.guise)


def _traces(
    reader: Reader, state: State, job: Job, form: Form, file: Path, watch: Watch
) -> Exported:
    rest = traces_of(reader, state, job, form)
    if job.split is None:
        with file.open("wb") as out:
            return write_some(rest, out, form, watch)
    total = Exported(0, 0, 0)
    number, following = 0, next(rest, None)
    while following is not None or not number:
        number += 1
        head = () if following is None else (following,)
        with file.with_name(piece_name(file.name, form.suffix, number)).open("wb") as out:
            done = write_some(chain(head, rest), out, form, _after(total, watch), job.split.full)
        total = total.with_(done)
        following = next(rest, None)
    return total


def _after(before: Exported, watch: Watch) -> Watch:
    traces, spans = before.traces or 0, before.spans or 0
    return lambda more, more_spans: watch(traces + more, spans + more_spans)


def _one_table(
    reader: Reader, state: State, job: Job, form: TableForm, file: Path, watch: Watch | None
) -> Exported:
    columns = job.choice.columns(job.table)
    share = None if watch is None else _share(total_of(reader, job), watch)
    with opened(reader, state, job.table, job.choice) as answer:
        if job.split is None:
            rows = form.write(answer, columns, job.choice, job.look, file, share)
            return Exported(None, None, 0, rows)

        def write(part: Answer, to: Path) -> int:
            return form.write(part, columns, job.choice, job.look, to, None)

        rows = write_pieces(
            answer, job.choice, write, job.split,
            lambda number: file.with_name(piece_name(file.name, form.suffix, number)),
        )  # fmt: skip
        return Exported(None, None, 0, rows)


def _every_table(
    reader: Reader, state: State, job: Job, form: TableForm, folder: Path, watch: Watch
) -> Exported:
    rows = 0
    for table in SHEETS:
        with opened(reader, state, table, job.choice) as answer:
            rows += form.write(
                answer, SHEETS[table], job.choice, job.look, folder / f"{table}{form.suffix}", None
            )
        watch(rows, rows)
    return Exported(None, None, 0, rows)


def _share(total: int | None, watch: Watch) -> Share | None:
    if not total:
        return None
    return lambda share: watch(int(total * share), int(total * share))


def _pack(folder: Path, file: Path) -> None:
    """The files of a folder as one zip."""
    parts = sorted(folder.iterdir())
    with zipfile.ZipFile(file, "x", zipfile.ZIP_DEFLATED, compresslevel=1) as out:
        for part in parts:
            out.write(part, part.name)
            part.unlink()
