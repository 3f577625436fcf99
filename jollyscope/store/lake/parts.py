"""Parquet parts, written by DuckDB: from JSON lines, and from other parts."""

from __future__ import annotations

import os
import secrets
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from jollyscope.errors import StoreError
from jollyscope.model.document import iso
from jollyscope.paths import make_private
from jollyscope.store.lake.engine import (
    DAY_NS,
    TIME_OF,
    connect,
    interruptible,
    json_source,
    lines_file,
    literal,
    longest,
    path_list,
    stopped,
    unreadable_lines,
)
from jollyscope.store.lake.manifest import PartDraft, sql_text, words_of
from jollyscope.store.lake.words import select_words, worth_words

__all__ = ["Engine", "disk_trouble", "writing"]

THREAD_MB = 512
"""Memory that the writing engine has for each of its threads. Each holds row groups of its own, read
and to be written; with two threads in 512 MB, merging took 270 MB and no less time than one with 190.
"""
MAX_DAYS = 64
"""Days that one batch is split into at most; what lies outside shares a part by its newest."""

# Small row groups: one is packed by one thread, so a part of 50,000 rows keeps both cores busy
# (169,000 a second against 138,000 with the default of 122,880), and a trace is found by reading less.
#
# Other forms, tried on 650,000 spans (two cores, DuckDB 2.0). Attributes: equality over JSON text
# 42 ms (3.1 MB), MAP 61 ms (3.7 MB), VARIANT as DuckDB shreds it 611 ms (3.4 MB); they repeat, and
# a function of a text is done once for each distinct one. LZ4: looking through all texts 93 ms
# instead of 105, at 2.5 times the size. Row groups of 122,880: no faster, one trace 16 ms and not 13.
#
# A thread holds a row group until it is full, so bytes bound it too: 20,480 rows of 10 kB are 200 MB.
_PARQUET = (
    "FORMAT parquet, COMPRESSION zstd, PARQUET_VERSION v2, ROW_GROUP_SIZE 20480, "
    "ROW_GROUP_SIZE_BYTES '64MB'"
)


class Engine:
    """Writes parts below one lake folder. One thread at a time."""

    def __init__(self, lake: Path, memory_mb: int, temp: str = "tmp") -> None:
        self.lake = lake
        self.temp = lake / temp
        make_private(self.temp)
        self._con = connect(memory_mb, self.temp)
        threads = min(os.cpu_count() or 1, max(1, memory_mb // THREAD_MB))
        self._con.execute(f"SET threads = {threads}")

    def close(self) -> None:
        """Let go of the engine's memory."""
        self._con.close()

    def write_lines(self, kind: str, text: bytes, times: Sequence[int]) -> list[PartDraft]:
        """Parts from JSON lines of one kind, one a UTC day of `times`.

        Raises `duckdb.Error` where a line cannot be read.
        """
        if not times:
            return []
        first, last = min(times) // DAY_NS, max(times) // DAY_NS
        days = [first] if first == last else sorted({time // DAY_NS for time in times})
        with lines_file(text) as path:
            source = json_source(kind, longest(text)).replace("?", literal(path))
            if len(days) == 1:
                return [self._write(kind, f"FROM {source}", first)]
            self._con.execute(f"CREATE OR REPLACE TEMP TABLE batch AS FROM {source}")
        try:
            return [
                self._write(kind, f"FROM batch WHERE {where}", day)
                for day, where in _by_day(days, TIME_OF[kind])
            ]
        finally:
            self._con.execute("DROP TABLE batch")

    # Rows come in the order of their ends, which is nearly that of time; sorting them outright is
    # left to merging (a sixth of the time of writing a part, for nothing that a query would notice).

    def merge(
        self, kind: str, paths: Sequence[str], day: int, where: str = "TRUE", *, sort: bool = True
    ) -> PartDraft:
        """One part from several; `where` may leave rows out.

        Without `sort` rows keep the order of the parts, and memory stays that of writing: 250,000
        spans take 150 MB and not 550.
        """
        files = path_list([self.lake / path for path in paths])
        order = f" ORDER BY {TIME_OF[kind]}" if sort else ""
        source = f"FROM read_parquet({files}) WHERE {where}{order}"
        draft = self._write(kind, source, day, paths if where == "TRUE" else (), sort=sort)
        if worth_words(draft):
            return draft._replace(bytes=draft.bytes + self.write_words(draft.path))
        return draft

    def write_words(self, path: str) -> int:
        """The words of a span part, beside it; bytes written."""
        statement = select_words(f"read_parquet({path_list([self.lake / path])})")
        return self._copy(statement, words_of(path)).stat().st_size

    def keys(
        self, paths: Sequence[str], trace_ids: Sequence[str]
    ) -> list[tuple[str, str, str, str]]:
        """`(trace_id, span_id, state, path)` of every span of these traces in these parts."""
        files = path_list([self.lake / path for path in paths])
        found = self._con.execute(
            f"SELECT trace_id, span_id, state, filename FROM read_parquet({files}, filename = true) "
            "WHERE trace_id IN (SELECT unnest(?::VARCHAR[]))",
            [list(trace_ids)],
        ).fetchall()
        return [(t, s, state, str(Path(f).relative_to(self.lake))) for t, s, state, f in found]

    def record_ids(self, paths: Sequence[str], since: int, until: int) -> set[str]:
        """Ids of the metrics or events at `since <= time <= until` in these parts."""
        files = path_list([self.lake / path for path in paths])
        found = self._con.execute(
            f"SELECT record_id FROM read_parquet({files}) WHERE time BETWEEN ? AND ?",
            [since, until],
        ).fetchall()
        return {row[0] for row in found}

    def unreadable_lines(self, kind: str, lines: Sequence[bytes]) -> dict[int, str]:
        """Which lines the engine cannot read, by index, and why."""
        return unreadable_lines(self._con, kind, lines)

    def readable(self, path: str) -> bool:
        """Whether every byte of a part can be read."""
        import duckdb

        try:
            self._con.execute(
                f"SELECT count(*), sum(hash(COLUMNS(*))) FROM read_parquet({path_list([self.lake / path])})"
            ).fetchall()
        except duckdb.Error:
            return False
        return True

    def _write(
        self, kind: str, source: str, day: int, merged: Sequence[str] = (), *, sort: bool = True
    ) -> PartDraft:
        """A part of what `source` gives; `merged` are the parts that it has all rows of."""
        name = f"{secrets.token_hex(12)}.parquet"
        date = iso(max(0, day) * DAY_NS)[:10]
        part = self._copy(f"SELECT * {source}", f"{kind}/{date}/{name}")
        summary, trace_ids, size = None, [], part.stat().st_size
        rows, first, last = self._con.execute(
            f"SELECT count(*), min({TIME_OF[kind]}), max({TIME_OF[kind]}) "
            f"FROM read_parquet({path_list([part])})"
        ).fetchall()[0]
        if kind == "span":
            summary = _summary_of(f"{kind}/{date}/{name}")
            file = self._summarise(part, merged, summary, sort=sort)
            size += file.stat().st_size
            found = self._con.execute(f"SELECT trace_id FROM read_parquet({path_list([file])})")
            trace_ids = [row[0] for row in found.fetchall()]
        return PartDraft(
            kind,
            date,
            f"{kind}/{date}/{name}",
            summary,
            rows,
            size,
            first or 0,
            last or 0,
            trace_ids,
        )

    def _summarise(self, part: Path, merged: Sequence[str], summary: str, *, sort: bool) -> Path:
        """The trace rows of a part. Those of traces that lie whole in one of the `merged` parts are
        taken over as they are: for 250,000 spans 0.1 s instead of 0.9, and none of the memory.
        """
        import duckdb

        spans, rows = f"read_parquet({path_list([part])})", sql_text("trace_summary")
        order = "ORDER BY start_time" if sort else ""
        if merged:
            ready = path_list([self.lake / _summary_of(path) for path in merged])
            try:
                self._con.execute(
                    "CREATE OR REPLACE TEMP TABLE split AS SELECT trace_id FROM "
                    f"read_parquet({ready}) GROUP BY trace_id HAVING count(*) > 1"
                )
                some = f"(FROM {spans} WHERE trace_id IN (FROM split))"
                return self._copy(
                    f"FROM read_parquet({ready}) WHERE trace_id NOT IN (FROM split) "
                    f"UNION ALL BY NAME FROM ({rows.replace('{spans}', some)}) {order}",
                    summary,
                )
            except duckdb.Error:
                pass  # a broken file among them: made anew from the spans
        return self._copy(f"SELECT * FROM ({rows.replace('{spans}', spans)}) {order}", summary)

    def _copy(self, select: str, path: str) -> Path:
        """Run a query into a new file: whole and on the disk, or not there."""
        scratch, final = self.temp / Path(path).name, self.lake / path
        make_private(final.parent)
        try:
            statement = f"COPY ({select}) TO {literal(str(scratch))} ({_PARQUET})"
            interruptible(self._con, lambda: self._con.execute(statement))
            scratch.chmod(0o600)  # the engine goes by the umask
            _sync(scratch)
            scratch.rename(final)
        except BaseException:
            scratch.unlink(missing_ok=True)
            raise
        _sync(final.parent)
        return final


def _summary_of(path: str) -> str:
    """Where a span part's trace rows are."""
    return path.replace("span/", "trace/", 1)


def _by_day(days: Sequence[int], column: str) -> list[tuple[int, str]]:
    """Conditions that take rows apart by day: the newest `MAX_DAYS` one by one, the rest at once."""
    recent = days[-MAX_DAYS:]
    apart = [
        (day, f"{column} >= {day * DAY_NS} AND {column} < {(day + 1) * DAY_NS}") for day in recent
    ]
    if len(days) > len(recent):
        apart.append((days[-MAX_DAYS - 1], f"{column} < {recent[0] * DAY_NS}"))
    return apart


def _sync(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def disk_trouble(error: Exception) -> StoreError:
    """The error for a lake that cannot be written."""
    text = str(error)
    if isinstance(error, OSError) and error.strerror:
        text = ": ".join(filter(None, [error.strerror, error.filename and str(error.filename)]))
    reason = "the disk is full" if "No space left" in text else text.splitlines()[0].rstrip(".")
    return StoreError(
        f"The lake cannot be written: {reason}.",
        hint="Nothing is lost: records stay in the spool. Free some space, or mend the rights, and try "
        "again.",
    )


@contextmanager
def writing() -> Generator[None]:
    """What the system and the engine say of a lake that cannot be written, as `StoreError`."""
    import duckdb

    try:
        yield
    except (OSError, duckdb.Error) as error:
        raise stopped(error) or disk_trouble(error) from error
