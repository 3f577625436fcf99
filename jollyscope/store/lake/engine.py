"""DuckDB, as the lake uses it: made, interrupted, given JSON lines to read.

Always in memory: no DuckDB file exists, so nobody can lock anybody out.
"""

from __future__ import annotations

import os
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
from jollyscope.model.records import RecordKind
from jollyscope.model.wire import STRUCT_OF
from jollyscope.store.lake.manifest import sql_text

if TYPE_CHECKING:
    import duckdb

__all__ = [
    "DAY_NS",
    "TABLE_OF",
    "TIME_OF",
    "columns",
    "connect",
    "interruptible",
    "json_source",
    "lines_file",
    "literal",
    "longest",
    "path_list",
    "stopped",
    "unreadable_lines",
]

DAY_NS = 86_400_000_000_000
LINE_BYTES = 2 << 20
"""A line's usual bound; a file with a longer one is read with a bound of its own."""

TABLE_OF = {
    "span": "dwd_spans",
    "metric": "dwd_metrics",
    "event": "dwd_events",
    "dead_letter": "dwd_dead_letters",
}
TIME_OF = {"span": "start_time", "metric": "time", "event": "time", "dead_letter": "time"}


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


def stopped(error: Exception) -> StoreError | None:
    """A query that was cancelled or ran out of memory, as an error of ours; None for any other."""
    import duckdb

    if isinstance(error, duckdb.InterruptException):
        return StoreError("The query was cancelled.")
    if isinstance(error, duckdb.OutOfMemoryException):
        return StoreError(
            "The query needs more memory than it may use.",
            hint="Narrow the time range, or raise `lake.memory_mb`.",
        )
    return None


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
