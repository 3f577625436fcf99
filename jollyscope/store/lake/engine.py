"""DuckDB, as the lake uses it: writes Parquet parts from JSON lines, merges parts, reads them.

Always in memory: no DuckDB file exists, so nobody can lock anybody out.
"""

from __future__ import annotations

import os
import secrets
import tempfile
import threading
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, wait
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import msgspec

from jollyscope.errors import StoreError
from jollyscope.model.document import iso
from jollyscope.model.records import RecordKind
from jollyscope.model.wire import STRUCT_OF
from jollyscope.store.lake.manifest import PartDraft, sql_text

if TYPE_CHECKING:
    import duckdb

__all__ = ["DAY_NS", "TABLE_OF", "TIME_OF", "Engine", "connect", "disk_trouble", "json_source"]

DAY_NS = 86_400_000_000_000
LINE_BYTES = 2 << 20
"""A line's usual bound; a file with a longer one is read with a bound of its own."""
THREAD_MB = 512
"""Memory that the writing engine has for each of its threads. Each holds row groups of its own, read
and to be written; with two threads in 512 MB, merging took 270 MB and no less time than one with 190.
"""
MAX_DAYS = 64
"""Days that one batch is split into at most; what lies outside shares a part by its newest."""

TABLE_OF = {
    "span": "dwd_spans",
    "metric": "dwd_metrics",
    "event": "dwd_events",
    "dead_letter": "dwd_dead_letters",
}
TIME_OF = {"span": "start_time", "metric": "time", "event": "time", "dead_letter": "time"}

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


def connect(memory_mb: int, temp: Path | None = None) -> duckdb.DuckDBPyConnection:
    """A fresh in-memory engine that loads no extension and asks no network."""
    import duckdb

    config: dict[str, Any] = {
        "memory_limit": f"{memory_mb}MB",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        # Nothing here relies on it, and without it a part is written in 4.5 µs a span, not 7.2.
        "preserve_insertion_order": "false",
    }
    if temp is not None:
        config["temp_directory"] = str(temp)
    con = duckdb.connect(":memory:", config=config)
    # It would be drawn on stdout, in the midst of somebody's JSON, after two seconds.
    con.execute("SET enable_progress_bar = false")
    return con


T = TypeVar("T")


def interruptible(con: duckdb.DuckDBPyConnection, work: Callable[[], T]) -> T:
    """`work`, which uses the engine, so that Ctrl-C stops it at once.

    Python sees a signal on its main thread only, and that one comes back from the engine only
    between two of its tasks, which may be minutes. So the main thread waits, and another works.
    """
    if threading.current_thread() is not threading.main_thread():
        return work()
    answer: Future[T] = Future()

    def run() -> None:
        try:
            answer.set_result(work())
        except BaseException as error:  # noqa: BLE001 - the main thread raises it
            answer.set_exception(error)

    thread = threading.Thread(target=run, name="jollyscope-query", daemon=True)
    try:
        thread.start()
        return answer.result()
    except KeyboardInterrupt:
        # It may come while the thread is being started; and an interrupt that comes before the engine
        # has begun is lost on it.
        while not wait([answer], timeout=0.05).done and thread.ident is not None:
            con.interrupt()
        raise


@cache
def columns(kind: str) -> tuple[tuple[str, str], ...]:
    """Column names and types of a kind's table, read off its SQL file."""
    con = connect(256)
    con.execute(sql_text(TABLE_OF[kind]))
    found = con.execute(f"DESCRIBE {TABLE_OF[kind]}").fetchall()
    con.close()
    return tuple((row[0], row[1]) for row in found)


def json_source(kind: str, longest: int = LINE_BYTES) -> str:
    """`read_json` of a file of this kind's lines, its path the statement's one parameter.

    `longest` bounds a line's bytes. The engine's threads take turns of twice that, so a small bound
    is what keeps both cores busy: 64 MB took 35,000 spans a second, 2 MB three times as many.
    """
    # Bytes travel through JSON as base64.
    types = ", ".join(
        f"{name}: '{'VARCHAR' if type_ == 'BLOB' else type_}'" for name, type_ in columns(kind)
    )
    source = (
        f"read_json(?, format = 'newline_delimited', maximum_object_size = {longest}, "
        f"columns = {{{types}}})"
    )
    changed = ", ".join(f"{value} AS {name}" for name, value in _replacements(kind))
    return f"(SELECT * REPLACE ({changed}) FROM {source})"


@cache
def _replacements(kind: str) -> tuple[tuple[str, str], ...]:
    """What a line leaves out because it is the default, written out for SQL."""
    if kind == "dead_letter":
        return (("line", "from_base64(line)"),)
    found: list[tuple[str, str]] = []
    for field in msgspec.structs.fields(STRUCT_OF[cast("RecordKind", kind)]):
        if field.default_factory in (dict, list):
            empty = "{}" if field.default_factory is dict else "[]"
            found.append((field.name, f"coalesce({field.name}, '{empty}'::JSON)"))
        elif isinstance(field.default, str):
            found.append((field.name, f"coalesce({field.name}, {literal(field.default)})"))
        elif isinstance(field.default, int):
            found.append((field.name, f"coalesce({field.name}, {field.default})"))
    return tuple(found)


def longest(text: bytes) -> int:
    """A bound for the lines of `text` that `json_source` can use."""
    start, bound = 0, LINE_BYTES
    # Jump from line to line only as often as a line can be too long.
    while len(text) - start > bound:
        end = text.rfind(b"\n", start, start + bound)
        if end < 0:
            end = text.find(b"\n", start)
            end = len(text) if end < 0 else end
            bound = max(bound, end - start + 1)
        start = end + 1
    return bound + 16


@contextmanager
def lines_file(text: bytes) -> Generator[str]:
    """A path under which the engine can read `text`; in memory where the system can, so that a full
    disk keeps nobody from reading, and a killed reader leaves nothing behind.
    """
    if hasattr(os, "memfd_create") and Path("/proc/self/fd").is_dir():
        with os.fdopen(os.memfd_create("jollyscope"), "wb") as file:
            file.write(text)
            file.flush()
            yield f"/proc/self/fd/{file.fileno()}"
        return
    with tempfile.NamedTemporaryFile(suffix=".jsonl") as file:
        file.write(text)
        file.flush()
        yield file.name


def unreadable_lines(
    con: duckdb.DuckDBPyConnection, kind: str, lines: Sequence[bytes]
) -> dict[int, str]:
    """Which lines the engine cannot read, by index, and why. Halves them until it has found all."""
    import duckdb

    found: dict[int, str] = {}
    ranges = [(0, len(lines))]
    while ranges:
        low, high = ranges.pop()
        text = b"".join(line + b"\n" for line in lines[low:high])
        with lines_file(text) as path:
            source = json_source(kind, longest(text))
            try:
                con.execute(f"CREATE OR REPLACE TEMP TABLE tried AS FROM {source}", [path])
            except duckdb.Error as error:
                if high - low == 1:
                    found[low] = f"The engine cannot read it: {str(error).splitlines()[0]}"
                else:
                    middle = (low + high) // 2
                    ranges += [(low, middle), (middle, high)]
    con.execute("DROP TABLE IF EXISTS tried")
    return found


def literal(text: str) -> str:
    """A SQL string. For paths that we made, where a statement takes no parameter."""
    return "'" + text.replace("'", "''") + "'"


def path_list(paths: Sequence[Path]) -> str:
    """Paths as a SQL list."""
    return "[" + ", ".join(literal(str(path)) for path in paths) + "]"


class Engine:
    """Writes parts below one lake folder. One thread at a time."""

    def __init__(self, lake: Path, memory_mb: int, temp: str = "tmp") -> None:
        self.lake = lake
        self.temp = lake / temp
        self.temp.mkdir(mode=0o700, parents=True, exist_ok=True)
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
        return self._write(kind, source, day, paths if where == "TRUE" else (), sort=sort)

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
        final.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            statement = f"COPY ({select}) TO {literal(str(scratch))} ({_PARQUET})"
            interruptible(self._con, lambda: self._con.execute(statement))
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
    """The error for a part that cannot be written."""
    text = str(error)
    reason = "the disk is full" if "No space left" in text else text.splitlines()[0].rstrip(".")
    return StoreError(
        f"The lake cannot be written: {reason}.",
        hint="Nothing is lost: records stay in the spool. Free some space and try again.",
    )
