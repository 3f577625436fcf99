"""The lake: is what its manifest names there and whole, and when was it last written to?"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from jollyscope.backend.probes.probe import Health
from jollyscope.model import format as fmt
from jollyscope.store.lake.manifest import Part, parts
from jollyscope.store.lake.store import LakeStore

__all__ = ["probe_lake", "probe_parts"]

_TABLES = ("dwd_spans", "dwd_metrics", "dwd_events")


def probe_lake(home: Path, *, now: Callable[[], float] = time.time) -> Health:
    """Try every part's footer in the data directory `home`. Raises `StoreError` for a manifest that
    cannot be read.
    """
    import duckdb

    facts: dict[str, Any] = {"version": f"DuckDB {duckdb.__version__}"}
    store = LakeStore(home)
    try:
        held = _parts(store)
        facts |= _sizes(held, now())
        notes = _notes(store) if held else []
    finally:
        store.close()
    facts["problems"] = notes
    if notes:
        return _spoilt(facts, notes, "lake")
    if not held:
        said = "Nothing has been moved into it yet; what waits in the spool is read all the same."
        return Health(name="lake", state="ok", facts=facts, sentence=said)
    refused = f", {fmt.count(facts['refused'])} lines refused" if facts["refused"] else ""
    return Health(
        name="lake", state="ok", facts=facts,
        sentence=f"{len(held)} {'part' if len(held) == 1 else 'parts'}, {fmt.size(facts['bytes'])}, "
        f"last written {fmt.duration(facts['written_age_ms'])} ago{refused}.",
    )  # fmt: skip


def probe_parts(home: Path) -> Health:
    """Read every value of every part: what a footer does not tell. Takes as long as that takes."""
    store = LakeStore(home)
    try:
        held = _parts(store)
        notes = _notes(store, whole=True) if held else []
    finally:
        store.close()
    facts: dict[str, Any] = {"parts": len(held), "problems": notes}
    if notes:
        return _spoilt(facts, notes, "parts")
    said = f"Every value of {len(held)} {'part' if len(held) == 1 else 'parts'} was read."
    return Health(name="parts", state="ok", facts=facts, sentence=said)


def _parts(store: LakeStore) -> list[Part]:
    if not store.manifest.exists():
        return []
    with store.manifest.read() as db:
        return parts(db)


def _sizes(held: Sequence[Part], now: float) -> dict[str, Any]:
    written = max((part.created for part in held), default=None)
    return {
        "parts": len(held),
        "bytes": sum(part.bytes for part in held),
        "refused": sum(part.row_count for part in held if part.kind == "dead_letter"),
        "written_age_ms": None if written is None else max(0.0, now * 1e3 - written / 1e6),
    }


def _notes(store: LakeStore, *, whole: bool = False) -> list[str]:
    with store.reader(load=False) as reader:
        reader.check()
        if whole:
            for table in _TABLES:
                reader.query(f"SELECT sum(hash(COLUMNS(*))) FROM {table}")
        return list(reader.notes)


def _spoilt(facts: dict[str, Any], notes: list[str], name: str) -> Health:
    more = f" And {len(notes) - 1} more." if len(notes) > 1 else ""
    return Health(
        name=name, state="degraded", facts=facts, sentence=notes[0] + more,
        hint="Restore the file from a backup, or let its records go: the rest is read.",
    )  # fmt: skip
