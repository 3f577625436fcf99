"""One consistent view of the lake: parts as of now, and what still stands in the spool."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence, Set
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any, Self, TypeVar

from jollyscope.errors import StoreError
from jollyscope.model.records import SpanRecord
from jollyscope.model.tree import settle as settle_spans
from jollyscope.model.wire import decode
from jollyscope.store.answer import Answer
from jollyscope.store.api import EngineName, Needle, Table
from jollyscope.store.lake import manifest as m
from jollyscope.store.lake.engine import interruptible, path_list, stopped
from jollyscope.store.lake.guard import check, shut
from jollyscope.store.lake.loader import interrupted, last_heard
from jollyscope.store.lake.manifest import Manifest, Part
from jollyscope.store.lake.session import Sessions
from jollyscope.store.lake.snapshot import started, take
from jollyscope.store.lake.soundness import leave_out_broken
from jollyscope.store.lake.tables import NAMES, RANGE, Rows, Tables, named
from jollyscope.store.rows import records
from jollyscope.store.windows import Stretch, windows
from jollyscope.transport.spool import spool_dir, writer_alive

__all__ = ["LakeReader"]

T = TypeVar("T")


class LakeReader:
    """See `store.api.Reader`. Cheap to open: nothing is scanned before a query asks."""

    dialect: EngineName = "duckdb"

    def __init__(self, manifest: Manifest, sessions: Sessions, said: Sequence[str] = ()) -> None:
        """`said` are notes that stand before its own."""
        self.manifest = manifest
        self.notes: list[str] = []
        self._said = said
        self._spool = spool_dir(manifest.home)
        self._broken: set[str] = set()
        self._tables: Tables | None = None
        self._shut = False
        self._snapshot = take(manifest)
        self._sessions = sessions
        self._session = sessions.take()
        self._con = self._session.con
        self._using = Lock()
        self._open = True
        try:
            self._superseded = self._drop_known()
            self._running = self._still_open()
            self._with_sound_parts(self._define)
        except BaseException:
            self._session.spoiled = True
            self.close()
            raise

    # -- asking ------------------------------------------------------------------------------

    def query(
        self,
        sql: str,
        parameters: Sequence[Any] = (),
        *,
        limit: int | None = None,
        since: int | None = None,
        until: int | None = None,
        needles: Sequence[Needle] = (),
    ) -> Table:
        """Run one read-only statement with `?` parameters, for its first `limit` rows; parts with
        nothing that starts in `[since, until)`, or without one of `needles`, are left alone.

        Raises `StoreError`, and `UsageError` where the view is restricted and the statement wants more.
        """
        import duckdb

        try:
            if self._shut:
                check(self._con, sql, NAMES)
            statements = self._con.extract_statements(sql)
        except duckdb.Error as error:
            raise _bad_sql(error) from None
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise StoreError("Only one SELECT at a time can be run here; the store is read-only.")
        names = named(sql)
        rows = Rows(since, until, tuple(needles))
        if self._shut or rows == Rows():
            return self._with_sound_parts(lambda: self._run_whole(names, sql, parameters, limit))
        return self._with_sound_parts(
            lambda: self._run_narrowed(names, sql, parameters, limit, rows)
        )

    @contextmanager
    def answer(self, sql: str, parameters: Sequence[Any] = ()) -> Generator[Answer]:
        """What a statement answers, in constant memory: see `store.api.Reader`."""
        self.check()
        self._with_sound_parts(lambda: self._defined().ensure(named(sql)))
        yield Answer(self._con, sql, parameters)

    def windows(self) -> list[int]:
        """Moments that cut the store by time, newest first: see `store.api.Reader`."""
        parts = [part for part in self._snapshot.parts if part.kind == "span"]
        return windows(Stretch(part.row_count, part.min_time, part.max_time) for part in parts)

    def restrict(self) -> None:
        """From now on read nothing but the store: see `store.api.Reader`."""
        self.check()  # Leaving out a broken part later would need what is shut off here.
        self._with_sound_parts(lambda: self._defined().ensure(NAMES))
        self._session.spoiled = True
        shut(self._con, [self.manifest.lake])
        self._shut = True

    def spans(self, trace_id: str) -> list[SpanRecord]:
        """Every span of a trace, one record a span id, by start time."""
        found = self._with_sound_parts(lambda: self._spans_in_parts(trace_id))
        tail = self._snapshot.tail.get("span")
        if tail is not None:
            tail.split()
            found += [
                decode(line) for line, key in zip(tail.lines, tail.keys, strict=True)
                if key[0] == trace_id
            ]  # fmt: skip
        found += [record for record in self._running if record.trace_id == trace_id]
        return sorted(settle_spans(found).values(), key=lambda s: (s.start_time, s.span_id))

    def find_traces(self, prefix: str, limit: int = 10) -> list[str]:
        """Trace ids that begin with `prefix`, ascending."""
        found: set[str] = set()
        if self.manifest.exists():
            with self.manifest.read() as db:
                found.update(m.find_traces(db, prefix, limit))
        tail = self._snapshot.tail.get("span")
        if tail is not None:
            found.update(trace_id for trace_id in tail.trace_ids if trace_id.startswith(prefix))
        return sorted(found)[:limit]

    def check(self) -> None:
        """Try every part's footer and leave out what is broken, with a note."""
        import duckdb

        names = [self.manifest.lake / p for part in self._snapshot.parts for p in (part.path,)]
        try:
            if names:
                self._con.execute(
                    f"SELECT count(*) FROM parquet_file_metadata({path_list(names)})"
                ).fetchall()
        except duckdb.Error:
            self._find_broken()

    def cancel(self) -> None:
        """Stop a running query, which then raises `StoreError`."""
        with self._using:  # so that it is not the next reader's
            if self._open:
                self._con.interrupt()

    def close(self) -> None:
        """Let go of the view."""
        with self._using:
            was_open, self._open = self._open, False
        if was_open:
            self._sessions.give(self._session)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.close()

    # -- settling what is not yet in the parts -------------------------------------------------

    def _drop_known(self) -> list[tuple[str, str]]:
        """Take out of the tail what the parts have already: written twice, seen once.

        Returns the spans that the parts have as interrupted and the tail as closed; there the
        tail is right.
        """
        tail = self._snapshot.tail.get("span")
        files = self._files_of(self._snapshot.holding(tail.trace_ids)) if tail else []
        if tail is None or not files:
            return []
        trace_ids = sorted(tail.trace_ids)
        rows = self._with_sound_parts(
            lambda: (
                self._run(
                    "SELECT trace_id, span_id, state FROM "
                    f"read_parquet({path_list(self._sound(files))}) "
                    "WHERE trace_id IN (SELECT unnest(?::VARCHAR[]))",
                    [trace_ids],
                ).rows
                if self._sound(files)
                else []
            )
        )
        closed = set(tail.keys)
        superseded = [(t, s) for t, s, state in rows if state == "interrupted" and (t, s) in closed]
        known = {(t, s) for t, s, _ in rows} - set(superseded)
        tail.drop(known)
        for key in known & tail.opened.keys():
            del tail.opened[key]
        return superseded

    def _still_open(self) -> list[SpanRecord]:
        """Started and not ended, as far as this view knows; interrupted where the writer is gone."""
        tail = self._snapshot.tail.get("span")
        records = {
            (record.trace_id, record.span_id): (writer, record)
            for writer, line in self._snapshot.opened
            for record in [started(self.manifest, line)]
        }
        if tail is not None:
            for key, opened in tail.opened.items():
                records.setdefault(key, (opened.writer, decode(opened.line)))
            for key in tail.keys:
                records.pop(key, None)
        alive: dict[str, bool] = {}
        found: list[SpanRecord] = []
        for writer, record in records.values():
            if writer not in alive:
                alive[writer] = writer_alive(self._spool / writer)
            found.append(
                record if alive[writer] else interrupted(record, last_heard(self._spool / writer))
            )
        return found

    def _define(self) -> None:
        self._tables = Tables(
            self._session, self._snapshot, self.manifest.lake, self._broken, self._superseded,
            self._running,
        )  # fmt: skip
        self._note()

    def _defined(self) -> Tables:
        if self._tables is None:
            self._define()
        assert self._tables is not None
        return self._tables

    def _note(self) -> None:
        self.notes = [*self._said]
        self.notes += [
            f"The part {self.manifest.lake / path} cannot be read; its records are missing here."
            for path in sorted(self._broken)
        ]
        self.notes += [
            f"The spool folder {folder} belongs to another user and cannot be read."
            for folder in self._snapshot.denied
        ]
        refused = sum(len(batch.refused) for batch in self._snapshot.tail.values())
        if refused:
            lines = (
                "line of the spool is no record and was"
                if refused == 1
                else ("lines of the spool are no records and were")
            )
            self.notes.append(f"{refused} {lines} left out.")
        if self._snapshot.skipped:
            self.notes.append(
                f"{self._snapshot.skipped >> 20} MB of the spool are still being loaded and are "
                "missing here."
            )

    def _files_of(self, parts: Sequence[Part]) -> list[Path]:
        return [self.manifest.lake / part.path for part in parts]

    # -- reading ------------------------------------------------------------------------------

    def _run(self, sql: str, parameters: Sequence[Any], limit: int | None = None) -> Table:
        def run() -> Table:
            cursor = self._con.execute(sql, list(parameters))
            names = [column[0] for column in cursor.description or []]
            return Table(names, cursor.fetchall() if limit is None else cursor.fetchmany(limit))

        return interruptible(self._con, run)

    def _run_whole(
        self, names: Set[str], sql: str, parameters: Sequence[Any], limit: int | None
    ) -> Table:
        if not self._shut:
            self._defined().ensure(names)
        return self._run(sql, parameters, limit)

    def _run_narrowed(
        self,
        names: Set[str],
        sql: str,
        parameters: Sequence[Any],
        limit: int | None,
        rows: Rows,
    ) -> Table:
        if not self._defined().narrow(names, rows):
            return self._run_whole(names, sql, parameters, limit)
        self._defined().ensure(names - {"dwd_spans", "dws_spans", "ads_traces"})
        self._con.execute(f"SET search_path = '{RANGE},main'")
        try:
            return self._run(sql, parameters, limit)
        finally:
            self._con.execute("RESET search_path")

    def _spans_in_parts(self, trace_id: str) -> list[SpanRecord]:
        held = self._files_of(self._snapshot.holding_now(self.manifest, trace_id))
        files = self._sound(held)
        if not files:
            return []
        table = self._run(
            f"SELECT * FROM read_parquet({path_list(files)}) WHERE trace_id = ?", [trace_id]
        )
        return records(table)

    def _sound(self, files: Sequence[Path]) -> list[Path]:
        lake = self.manifest.lake
        return [file for file in files if str(file.relative_to(lake)) not in self._broken]

    def _with_sound_parts(self, ask: Callable[[], T]) -> T:
        """The answer, asked again without the parts that turn out to be broken."""
        import duckdb

        try:
            return ask()
        except duckdb.Error as error:
            told = stopped(error)
            if told is not None:
                raise told from None
            # A file that makes no sense is reported under many types; a faulty statement under these.
            mistaken = isinstance(
                error, duckdb.BinderException | duckdb.CatalogException | duckdb.ParserException
            )
            self._session.spoiled |= not mistaken
            if mistaken or self._shut or not self._find_broken():
                raise _bad_sql(error) from None
        try:
            return ask()
        except duckdb.Error as error:
            raise _bad_sql(error) from None

    def _find_broken(self) -> bool:
        """Leave out what cannot be read from now on; whether there is any that is new."""
        found = leave_out_broken(self._con, self.manifest, self._snapshot, self._broken)
        if found and self._tables is not None:
            self._define()
        return found


def _bad_sql(error: Exception) -> StoreError:
    first = str(error).splitlines()[0].rstrip(".")
    return StoreError(f"The query failed: {first}.")
