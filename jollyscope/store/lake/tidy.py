"""Merging middling parts beside everything else, for a process that lives as long as spans arrive.

A load leaves a part of some thousand rows, and merges those under 20,000 rows itself. What grows from
that, hundreds of parts in a week, is left to `compact`, or to this: a group at a time, without the
load lock but for the moment in which the manifest changes, so that loads and readers go on.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from jollyscope.store.lake import manifest as m
from jollyscope.store.lake.engine import DAY_NS
from jollyscope.store.lake.locks import only_one
from jollyscope.store.lake.manifest import Manifest, Part, PartDraft, words_of
from jollyscope.store.lake.parts import Engine
from jollyscope.store.lake.upkeep import PART_ROWS, groups, tier
from jollyscope.store.lake.words import lacks_words

__all__ = ["LOCK", "due", "tidy"]

LOCK = "tidy.lock"
"""Held by whoever merges outside the load lock, and by `compact`."""
TOGETHER = 8
"""Parts of a similar size that are worth merging: so a row is rewritten three times on its way to a
part of a million."""


def due(parts: Iterable[Part]) -> list[Part]:
    """The cheapest group of parts that is worth merging, in time order; empty where there is none."""
    found: list[list[Part]] = []
    for group in groups(parts):
        tiers: dict[int, list[Part]] = {}
        for part in group:
            if part.row_count < PART_ROWS // 2:
                tiers.setdefault(tier(part.row_count), []).append(part)
        found += [first for alike in tiers.values() if len(first := _first(alike)) >= TOGETHER]
    return min(found, key=_rows, default=list[Part]())


def tidy(manifest: Manifest, memory_mb: int, now: int) -> int:
    """Merge one group; parts replaced, 0 where none is due or another process is at it.

    Raises `OSError`, `duckdb.Error` or `StoreError`; the lake is then as before.
    """
    lake = manifest.lake
    with only_one(lake / LOCK) as held:
        if not held or not manifest.exists():
            return 0
        with manifest.read() as db:
            known = m.parts(db)
        parts = due(known)
        if not parts:
            _write_words(manifest, memory_mb, known)
            return 0
        engine = Engine(lake, memory_mb, temp="tmp-tidy")
        try:
            draft = _merged(engine, parts)
        finally:
            engine.close()
        if draft is None:
            return 0
        if _replace(manifest, parts, draft, now):
            return len(parts)
        for path in _files(lake, draft):
            path.unlink(missing_ok=True)
        return 0


def _write_words(manifest: Manifest, memory_mb: int, parts: Iterable[Part]) -> None:
    """The words of one large part that was written whole, and so has none yet."""
    import duckdb

    lake = manifest.lake
    part = next((part for part in parts if lacks_words(lake, part)), None)
    if part is None:
        return
    engine = Engine(lake, memory_mb, temp="tmp-tidy")
    try:
        size = engine.write_words(part.path)
    except (duckdb.IOException, duckdb.InvalidInputException):
        return  # broken: `store info` names it
    finally:
        engine.close()
    with only_one(lake / "load.lock", wait=True), manifest.write() as db:
        if part in m.parts(db):
            m.grown(db, part, size)
            return
    (lake / words_of(part.path)).unlink(missing_ok=True)  # replaced meanwhile


def _merged(engine: Engine, parts: list[Part]) -> PartDraft | None:
    """The parts as one, in their order; None where one of them is broken, or gone meanwhile."""
    import duckdb

    for stale in engine.temp.iterdir():
        stale.unlink()  # left by one that was killed: nobody else writes here
    day = max(part.max_time for part in parts) // DAY_NS
    with suppress(duckdb.IOException, duckdb.InvalidInputException):
        return engine.merge(parts[0].kind, [part.path for part in parts], day, sort=False)
    return None


def _replace(manifest: Manifest, parts: list[Part], draft: PartDraft, now: int) -> bool:
    """Have the merged part take the place of the others, if all are still what they were."""
    lake = manifest.lake
    with only_one(lake / "load.lock", wait=True), manifest.write() as db:
        known = {part.id: part for part in m.parts(db, draft.kind)}
        if any(known.get(part.id) != part for part in parts):
            return False
        if not all((lake / path).exists() for path in (draft.path, draft.summary) if path):
            return False
        for part in parts:
            m.drop_part(db, part, now)
        m.add_part(db, draft, now)
        return True


def _files(lake: Path, draft: PartDraft) -> list[Path]:
    paths = (draft.path, draft.summary, words_of(draft.path) if draft.kind == "span" else None)
    return [lake / path for path in paths if path]


def _first(parts: list[Part]) -> list[Part]:
    """As many of the oldest as make one part."""
    rows, taken = 0, list[Part]()
    for part in parts:
        rows += part.row_count
        if rows > PART_ROWS:
            break
        taken.append(part)
    return taken


def _rows(parts: list[Part]) -> int:
    return sum(part.row_count for part in parts)
