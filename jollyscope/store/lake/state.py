"""Notes, labels and saved views of a lake: a small SQLite database (WAL) of their own.

It is made when something is first written. Each question and each change has a connection of its
own, so that any thread and any process may ask.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec

from jollyscope.errors import StoreError
from jollyscope.paths import make_private
from jollyscope.store.lake import layouts
from jollyscope.store.state import Annotation, SavedView

__all__ = ["LakeState"]

_COLUMNS = "id, trace_id, span_id, kind, text, author, time"


class LakeState:
    """See `store.state.State`."""

    def __init__(self, lake: Path) -> None:
        self.path = lake / "state.sqlite"

    def annotations(self, trace_ids: Sequence[str]) -> list[Annotation]:
        """Labels and notes on these traces and their spans, oldest first."""
        ids = msgspec.json.encode(list(trace_ids)).decode()
        return self._annotations("WHERE trace_id IN (SELECT value FROM json_each(?))", (ids,))

    def all_annotations(self) -> list[Annotation]:
        """Labels and notes on everything, oldest first."""
        return self._annotations("", ())

    def known_labels(self) -> list[str]:
        """Every label in use, the most used first."""
        rows = self._read(
            "SELECT text FROM annotations WHERE kind = 'label' GROUP BY text "
            "ORDER BY count(*) DESC, text"
        )
        return [row[0] for row in rows]

    def annotate(self, annotations: Sequence[Annotation]) -> None:
        """Add these, all or none; one whose id is there already takes its place."""
        rows = [msgspec.structs.astuple(annotation) for annotation in annotations]
        if rows:
            with self._write() as db:
                db.executemany(
                    "INSERT OR REPLACE INTO annotations VALUES (?, ?, ?, ?, ?, ?, ?)", rows
                )

    def drop(self, ids: Iterable[str]) -> int:
        """Take annotations away, all or none; how many there were."""
        rows = [(one,) for one in ids]
        if not rows or not self._exists():
            return 0
        with self._write() as db:
            return db.executemany("DELETE FROM annotations WHERE id = ?", rows).rowcount

    def views(self) -> list[SavedView]:
        """Saved views, by name."""
        rows = self._read("SELECT name, text, time FROM views ORDER BY name")
        return [SavedView(name=name, text=text, time=time) for name, text, time in rows]

    def save_view(self, view: SavedView) -> None:
        """Save a view; one of that name is replaced."""
        with self._write() as db:
            db.execute(
                "INSERT OR REPLACE INTO views VALUES (?, ?, ?)", (view.name, view.text, view.time)
            )

    def drop_view(self, name: str) -> bool:
        """Forget a view; whether there was one."""
        if not self._exists():
            return False
        with self._write() as db:
            return db.execute("DELETE FROM views WHERE name = ?", (name,)).rowcount > 0

    # -- the file ------------------------------------------------------------------------------

    def _annotations(self, where: str, values: tuple[str, ...]) -> list[Annotation]:
        rows = self._read(f"SELECT {_COLUMNS} FROM annotations {where} ORDER BY time, id", values)
        return [
            Annotation(
                id=row[0], trace_id=row[1], span_id=row[2], kind=row[3], text=row[4],
                author=row[5], time=row[6],
            )
            for row in rows
        ]  # fmt: skip

    def _exists(self) -> bool:
        try:
            return self.path.exists()
        except PermissionError as error:
            raise StoreError(f"The notes in {self.path} may not be read by this user.") from error

    def _read(self, sql: str, values: tuple[str, ...] = ()) -> list[tuple[Any, ...]]:
        if not self._exists():
            return []
        try:
            db = layouts.STATE.to_read(self.path)
            try:
                # Not while the first of all writers is still making the tables.
                return db.execute(sql, values).fetchall() if layouts.version(db) else []
            finally:
                db.close()
        except sqlite3.Error as error:
            raise self._trouble(error) from error

    @contextmanager
    def _write(self) -> Generator[sqlite3.Connection]:
        """One transaction: committed at the end, undone on any error."""
        db = None
        try:
            make_private(self.path.parent)
            db = layouts.STATE.to_write(self.path)
            db.execute("BEGIN IMMEDIATE")
            yield db
            db.execute("COMMIT")
        except (sqlite3.Error, OSError) as error:
            raise self._trouble(error) from error
        finally:
            if db is not None:
                with suppress(sqlite3.Error):
                    db.close()  # Undoes what was not committed.

    def _trouble(self, error: Exception) -> StoreError:
        text = str(error)
        unwritable = ("readonly", "unable to open", "disk is full", "disk I/O")
        if isinstance(error, OSError) or any(words in text for words in unwritable):
            reason = (error.strerror or text) if isinstance(error, OSError) else text
            return StoreError(
                f"Notes, labels and views cannot be written to {self.path}: {reason}.",
                hint="The store is read-only for this user, or its disk is full.",
            )
        return StoreError(
            f"The notes, labels and views in {self.path} cannot be used: {text}.",
            hint="Move the file away to begin anew; records are not in it.",
        )
