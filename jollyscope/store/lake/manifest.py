"""The manifest: a SQLite database (WAL) that says which files make up the lake's data."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from functools import cache
from importlib import resources
from pathlib import Path
from typing import NamedTuple

import msgspec

from jollyscope.errors import StoreError
from jollyscope.paths import make_private
from jollyscope.store.lake import layouts

__all__ = ["Manifest", "Part", "PartDraft", "sql_text"]


@cache
def sql_text(name: str) -> str:
    """The SQL file `sql/<name>.sql`."""
    return (
        resources.files("jollyscope.store.lake")
        .joinpath(f"sql/{name}.sql")
        .read_text(encoding="utf-8")
    )


def words_of(path: str) -> str:
    """Where the words of a span part are."""
    return path.replace("span/", "words/", 1)


class Part(NamedTuple):
    """A row of `parts`: one Parquet file and, for spans, its trace summary."""

    id: int
    kind: str
    day: str
    path: str
    summary: str | None
    row_count: int
    bytes: int
    min_time: int
    max_time: int
    created: int

    @property
    def words(self) -> str | None:
        """Where its words are, if they were written (`words.py`)."""
        return words_of(self.path) if self.kind == "span" else None


class PartDraft(NamedTuple):
    """A part that is written to disk and not yet in the manifest."""

    kind: str
    day: str
    path: str
    summary: str | None
    row_count: int
    bytes: int
    min_time: int
    max_time: int
    trace_ids: list[str]


class Manifest:
    """Opens connections; each transaction has one of its own, so that any thread may ask."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.lake = home / "lake"
        self.path = self.lake / "manifest.sqlite"

    def exists(self) -> bool:
        """Whether anything was ever loaded. Raises `StoreError` where that may not be looked at, and
        where parts are there without a manifest: it is made before the first of them.
        """
        try:
            if self.path.exists():
                return self._begun()
            if any(self.lake.glob("span/*/*.parquet")):
                raise StoreError(
                    f"The lake's manifest {self.path} is gone, and the parts it named are there.",
                    hint=f"Put it back from a copy, or move {self.lake} away to begin anew.",
                )
            return False
        except PermissionError:
            raise StoreError(
                f"The lake at {self.lake} may not be read by this user.",
                hint="Run as its owner, or set JOLLYSCOPE_HOME to a directory of your own.",
            ) from None

    def _begun(self) -> bool:
        """Not while the first of all loads is still creating the tables."""
        try:
            db = self._connect(read_only=True)
        except (sqlite3.Error, StoreError):
            return True  # `read` says what is wrong
        try:
            return layouts.version(db) > 0
        except sqlite3.Error:
            return True
        finally:
            db.close()

    @contextmanager
    def read(self) -> Generator[sqlite3.Connection]:
        """One consistent view. Raises `StoreError` when it is damaged or too new."""
        with self._connection(read_only=True) as db:
            db.execute("BEGIN")
            yield db

    @contextmanager
    def write(self) -> Generator[sqlite3.Connection]:
        """One transaction: committed at the end, undone on any error."""
        make_private(self.lake)
        with self._connection(read_only=False) as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
            except BaseException:
                db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")

    @contextmanager
    def _connection(self, *, read_only: bool) -> Generator[sqlite3.Connection]:
        try:
            db = self._connect(read_only)
        except sqlite3.Error as error:
            raise self._damaged(error) from error
        try:
            yield db
        except sqlite3.Error as error:
            raise self._damaged(error) from error
        finally:
            db.close()

    def _connect(self, read_only: bool) -> sqlite3.Connection:
        layout = layouts.MANIFEST
        return layout.to_read(self.path) if read_only else layout.to_write(self.path)

    def _damaged(self, error: sqlite3.Error) -> StoreError:
        text = str(error)
        if "disk is full" in text or "disk I/O" in text or "readonly" in text:
            return StoreError(
                f"The lake's manifest {self.path} cannot be written: {text}.",
                hint="Nothing is lost: records stay in the spool. Free space or mend the rights.",
            )
        return self.damaged(text)

    def damaged(self, what: str) -> StoreError:
        """The error for a manifest that makes no sense."""
        return StoreError(
            f"The lake's manifest {self.path} cannot be used: {what}.",
            hint="Restore it from a copy; the Parquet parts beside it hold the records.",
        )

    def check(self) -> None:
        """Look at all of its pages. Raises `StoreError` where one is damaged."""
        with self.read() as db:
            found = db.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise self.damaged(str(found).splitlines()[-1].rstrip("."))


# -- the few questions and changes, on a connection from above ---------------------------------


def parts(db: sqlite3.Connection, kind: str | None = None) -> list[Part]:
    """Every part, oldest first."""
    rows = db.execute(
        "SELECT id, kind, day, path, summary, row_count, bytes, min_time, max_time, created "
        "FROM parts WHERE ?1 IS NULL OR kind = ?1 ORDER BY min_time, id",
        (kind,),
    )
    return [Part(*row) for row in rows]


def loaded_ranges(db: sqlite3.Connection) -> dict[tuple[str, str, int], int]:
    """Bytes accounted for of each segment: `(writer, kind, number)` to loaded plus torn."""
    rows = db.execute("SELECT writer, kind, number, loaded + torn FROM spool_ranges")
    return {(writer, kind, number): done for writer, kind, number, done in rows}


def parts_of_traces(db: sqlite3.Connection, trace_ids: Iterable[str]) -> dict[int, set[str]]:
    """Which parts hold which of these traces."""
    # One statement for all: each one lets go of the interpreter lock, and while another thread
    # decodes, getting it back takes 5 ms.
    rows = db.execute(
        "SELECT part, trace_id FROM json_each(?) JOIN trace_parts ON trace_id = value",
        (_json(trace_ids),),
    )
    found: dict[int, set[str]] = {}
    for part, trace_id in rows:
        found.setdefault(part, set()).add(trace_id)
    return found


def find_traces(db: sqlite3.Connection, prefix: str, limit: int) -> list[str]:
    """Trace ids that begin with the hex `prefix`, ascending."""
    rows = db.execute(
        "SELECT DISTINCT trace_id FROM (SELECT trace_id FROM trace_parts "
        "WHERE trace_id BETWEEN ?1 AND ?2 UNION SELECT trace_id FROM open_spans "
        "WHERE trace_id BETWEEN ?1 AND ?2) ORDER BY trace_id LIMIT ?3",
        (prefix, prefix + "g", limit),
    )
    return [row[0] for row in rows]


def add_part(db: sqlite3.Connection, draft: PartDraft, now: int) -> int:
    """Record a written part; its traces that another part holds too become split."""
    cursor = db.execute(
        "INSERT INTO parts (kind, day, path, summary, row_count, bytes, min_time, max_time, created)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*draft[:8], now),
    )
    part = int(cursor.lastrowid or 0)
    # Sorted, so that the tree is filled page by page and not at random.
    ids = _json(sorted(draft.trace_ids))
    db.execute(
        "INSERT OR IGNORE INTO split_traces SELECT value FROM json_each(?) WHERE EXISTS "
        "(SELECT 1 FROM trace_parts WHERE trace_id = value)",
        (ids,),
    )
    db.execute(
        "INSERT INTO trace_parts (trace_id, part) SELECT value, ? FROM json_each(?)", (part, ids)
    )
    return part


def _json(items: Iterable[str]) -> str:
    return msgspec.json.encode(list(items)).decode()


def drop_part(db: sqlite3.Connection, part: Part, now: int) -> None:
    """Take a part out of the data. Its files go after the grace period."""
    touched = db.execute(
        "SELECT trace_id FROM trace_parts WHERE part = ? AND trace_id IN split_traces", (part.id,)
    ).fetchall()
    db.execute("DELETE FROM trace_parts WHERE part = ?", (part.id,))
    db.execute("DELETE FROM parts WHERE id = ?", (part.id,))
    db.executemany(
        "DELETE FROM split_traces WHERE trace_id = ?1 AND "
        "(SELECT count(*) FROM trace_parts WHERE trace_id = ?1) < 2",
        touched,
    )
    for path in (part.path, part.summary, part.words):
        if path:
            drop_file(db, f"lake/{path}", now)


def grown(db: sqlite3.Connection, part: Part, more: int) -> None:
    """`more` bytes of files were written beside a part."""
    db.execute("UPDATE parts SET bytes = bytes + ? WHERE id = ?", (more, part.id))


def drop_file(db: sqlite3.Connection, path: str, now: int) -> None:
    """Have a file deleted after the grace period."""
    db.execute("INSERT OR IGNORE INTO dropped_files VALUES (?, ?)", (path, now))
