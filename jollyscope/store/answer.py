"""The rows of one statement in constant memory, shaped and written by DuckDB whichever engine they
come from: so that a file of one store is a file of every other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from jollyscope.errors import JollyScopeError, StoreError
from jollyscope.store.lake.engine import interruptible, literal, stopped

if TYPE_CHECKING:
    import duckdb

__all__ = ["Answer", "Row", "Share"]

Row = tuple[Any, ...]
Share = Callable[[float], None]
"""Told now and then what share of a file is done, 0 to 1. What it raises ends the writing."""

ALL = "SELECT * FROM answer"
_TELL_S = 0.2


class Answer:
    """What a statement answers, under the name `answer` in DuckDB's SQL. Nothing else may be asked of
    the same reader until it was read to its end.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection, sql: str, values: Sequence[Any]) -> None:
        self._con = con
        self._sql = sql
        self._values = list(values)

    def columns(self, shape: str = ALL) -> list[str]:
        """Names of the columns that `shape` has."""
        return [row[0] for row in self._all(f"DESCRIBE {self._text(shape)}")]

    def rows(self, shape: str = ALL, *, size: int = 10_000) -> Iterator[list[Row]]:
        """Rows of a SELECT over `answer`, at most `size` at a time. Raises `StoreError`."""
        with_errors(lambda: interruptible(self._con, self._begin(self._text(shape))))
        while chunk := with_errors(
            lambda: interruptible(self._con, lambda: self._con.fetchmany(size))
        ):
            yield chunk

    def write(self, shape: str, file: Path, options: str, share: Share | None = None) -> int:
        """Write the rows of a SELECT over `answer` as DuckDB's COPY does, with its `options`; how many
        there were. Raises `StoreError`, and `OSError` where `file` cannot be written.
        """
        statement = f"COPY ({self._text(shape)}) TO {literal(str(file))} ({options})"
        with _Telling(self._con, share):
            return int(self._all(statement)[0][0])

    def over(self, shape: str) -> Answer:
        """What a SELECT over `answer` answers."""
        return Answer(self._con, self._text(shape), self._values)

    def _text(self, shape: str) -> str:
        return f"WITH answer AS ({self._sql}) {shape}"

    def _begin(self, statement: str) -> Callable[[], object]:
        return lambda: self._con.execute(statement, self._values)

    def _all(self, statement: str) -> list[Row]:
        def run() -> list[Row]:
            return self._con.execute(statement, self._values).fetchall()

        return with_errors(lambda: interruptible(self._con, run))


def with_errors(ask: Callable[[], Any]) -> Any:
    """What `ask` gives; the engine's errors as ours."""
    import duckdb

    try:
        return ask()
    except duckdb.IOException as error:
        said = str(error)
        if "No space left" in said or "could not write" in said.lower():
            raise OSError(28, "No space left on device") from None
        raise JollyScopeError(f"Reading or writing failed: {said.splitlines()[0]}.") from None
    except duckdb.Error as error:
        told = stopped(error)
        if told is not None:
            raise told from None
        first = str(error).splitlines()[0].rstrip(".")
        raise StoreError(f"The query failed: {first}.") from None


class _Telling:
    """Looks after the engine's own progress while it works."""

    def __init__(self, con: duckdb.DuckDBPyConnection, share: Share | None) -> None:
        self._con = con
        self._share = share
        self._over = Event()
        self._refused: BaseException | None = None
        self._thread = Thread(target=self._look, name="jollyscope-progress", daemon=True)

    def __enter__(self) -> None:
        if self._share is not None:
            self._con.execute("SET enable_progress_bar = true")
            self._con.execute("SET enable_progress_bar_print = false")
            self._thread.start()

    def __exit__(self, *_: object) -> None:
        if self._share is None:
            return
        self._over.set()
        self._thread.join()
        self._con.execute("SET enable_progress_bar = false")
        if self._refused is not None:
            raise self._refused from None

    def _look(self) -> None:
        assert self._share is not None
        while not self._over.wait(_TELL_S):
            done = self._con.query_progress()
            try:
                if done > 0:
                    self._share(min(1.0, done / 100))
            except BaseException as error:  # noqa: BLE001 - raised where the file is being written
                self._refused = error
                self._con.interrupt()
                return
