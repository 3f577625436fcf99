"""Which files of a view can be read; asked once a query could not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jollyscope.errors import StoreError
from jollyscope.store.lake import manifest as m
from jollyscope.store.lake.engine import path_list
from jollyscope.store.lake.manifest import Manifest
from jollyscope.store.lake.snapshot import Snapshot

if TYPE_CHECKING:
    import duckdb

__all__ = ["leave_out_broken"]


def leave_out_broken(
    con: duckdb.DuckDBPyConnection, manifest: Manifest, snapshot: Snapshot, broken: set[str]
) -> bool:
    """Add parts that cannot be read to `broken`, and have trace rows that cannot be read made anew from
    their part's spans. Whether there were any. Raises `StoreError` where the view is outdated.
    """
    _refuse_outdated(manifest, snapshot)
    found = False
    for part in [part for part in snapshot.parts if part.path not in broken]:
        if not _readable(con, manifest, part.path):
            broken.add(part.path)
            found = True
        elif part.summary is not None and not _readable(con, manifest, part.summary):
            file = path_list([manifest.lake / part.path])
            rows = con.execute(f"SELECT DISTINCT trace_id FROM read_parquet({file})").fetchall()
            snapshot.without_summary(part, {row[0] for row in rows})
            found = True
    return found


def _refuse_outdated(manifest: Manifest, snapshot: Snapshot) -> None:
    """Where parts of the view were merged and, their grace period being over, deleted, what is left
    would pass for all there is.
    """
    gone = {part.path for part in snapshot.parts if not (manifest.lake / part.path).exists()}
    if not gone:
        return
    with manifest.read() as db:
        known = {part.path for part in m.parts(db)}
    if not gone <= known:
        raise StoreError(
            "The store was tidied up since it was opened here, longer ago than `lake.grace_s`.",
            hint="Ask again.",
        )


def _readable(con: duckdb.DuckDBPyConnection, manifest: Manifest, path: str) -> bool:
    import duckdb

    file = path_list([manifest.lake / path])
    try:
        con.execute(f"SELECT sum(hash(COLUMNS(*))) FROM read_parquet({file})").fetchall()
    except duckdb.Error:
        return False
    return True
