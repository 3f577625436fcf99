"""The layouts of the lake's SQLite files: a folder of SQL files each, one a version, run in order.

`sql/manifest/0001.sql` makes the first layout, a `0002.sql` beside it would change that one, and so
on. A file is never changed once it is out. What is missing runs in one transaction, so that a change
which fails leaves the file as it was. SQLite's `user_version` says which layout a file has.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from functools import cached_property
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from jollyscope.errors import StoreError

__all__ = ["MANIFEST", "STATE", "Layout", "version"]

BUSY_S = 30.0
"""How long a connection waits for another's transaction."""


def version(db: sqlite3.Connection) -> int:
    """The layout that the file has; 0 while its first writer is still making the tables."""
    return int(db.execute("PRAGMA user_version").fetchone()[0])


class Layout:
    """What one of the files looks like, by version. `named` is what people are told it is."""

    def __init__(self, folder: Traversable, named: str) -> None:
        self._folder = folder
        self.named = named

    @cached_property
    def newest(self) -> int:
        """The layout that this code reads and writes."""
        return max(int(file.name.partition(".")[0]) for file in self._folder.iterdir())

    def to_write(self, path: Path) -> sqlite3.Connection:
        """A connection to the file, made where it is missing, in the newest layout.

        Raises `StoreError` for a file of a newer program, `sqlite3.Error` for what is wrong with it.
        """
        if not path.exists():
            with suppress(OSError):  # SQLite says why
                os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        db = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None)
        try:
            found = self._check(db, path)
            # FULL: a commit is on the disk when it returns, since spool segments are deleted on its word.
            db.execute("PRAGMA synchronous = FULL")
            if found < self.newest:
                self._bring_up(db, path)
        except BaseException:
            db.close()
            raise
        return db

    def to_read(self, path: Path) -> sqlite3.Connection:
        """A connection that changes nothing. A file of an older layout is brought up to date first.

        Raises `StoreError` for a file of a newer program, or of an older one on media that cannot be
        written; `sqlite3.Error` for what is wrong with the file.
        """
        db = self._open(path)
        try:
            if 0 < self._check(db, path) < self.newest:
                db.close()
                self._renew(path)
                db = self._open(path)
        except BaseException:
            db.close()
            raise
        return db

    def _open(self, path: Path) -> sqlite3.Connection:
        # Read-only media: SQLite's WAL wants to write an index beside the file; a directory that
        # cannot be written cannot change either, so it may be read as immutable.
        uri = path.resolve().as_uri()
        try:
            db = sqlite3.connect(f"{uri}?mode=ro", uri=True, timeout=BUSY_S, isolation_level=None)
            version(db)
        except sqlite3.OperationalError:
            db = sqlite3.connect(f"{uri}?immutable=1", uri=True, isolation_level=None)
        return db

    def _renew(self, path: Path) -> None:
        try:
            self.to_write(path).close()
        except sqlite3.OperationalError as error:
            raise StoreError(
                f"{self.named.format(path=path)} written by an older JollyScope and cannot be "
                f"brought up to date: {error}.",
                hint="Run `jollyscope store info` once as its owner, where it can be written.",
            ) from error

    def _check(self, db: sqlite3.Connection, path: Path) -> int:
        found = version(db)
        if found > self.newest:
            raise StoreError(
                f"{self.named.format(path=path)} written by a newer JollyScope (layout {found}, "
                f"this one knows {self.newest}).",
                hint="Upgrade with `pip install -U jollyscope`.",
            )
        return found

    def _bring_up(self, db: sqlite3.Connection, path: Path) -> None:
        if not version(db):
            db.execute("PRAGMA journal_mode = WAL")
        db.execute("BEGIN IMMEDIATE")
        try:
            # Asked again: another process may have done it meanwhile.
            for number in range(self._check(db, path) + 1, self.newest + 1):
                for statement in self.statements(number):
                    db.execute(statement)
                db.execute(f"PRAGMA user_version = {number}")
        except BaseException:
            db.execute("ROLLBACK")
            raise
        db.execute("COMMIT")

    def statements(self, number: int) -> Iterator[str]:
        """What leads from the layout before to this one."""
        waiting = ""
        for line in self._folder.joinpath(f"{number:04d}.sql").read_text("utf-8").splitlines(True):
            waiting += line
            if sqlite3.complete_statement(waiting):
                yield waiting
                waiting = ""


_SQL = resources.files("jollyscope.store.lake") / "sql"
MANIFEST = Layout(_SQL / "manifest", "The lake at {path.parent} was")
STATE = Layout(_SQL / "state", "The notes and views in {path} were")
