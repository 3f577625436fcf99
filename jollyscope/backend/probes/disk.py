"""Room on the disk that the backend's data is on."""

from __future__ import annotations

import shutil
from pathlib import Path

from jollyscope.backend.probes.probe import Health
from jollyscope.model import format as fmt

__all__ = ["FULL", "TIGHT", "probe_disk"]

TIGHT, FULL = 0.15, 0.05
"""Shares of the disk that are free: below the first it is time to act, below the second late. Kafka
stops at a full disk, and ClickHouse refuses to merge well before."""


def probe_disk(folder: Path) -> Health:
    """Measure the disk of `folder` (or of the nearest one above it that exists)."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    total, _, free = shutil.disk_usage(there)
    share = free / total if total else 0.0
    said = f"{fmt.size(free)} free of {fmt.size(total)}, where {there} is."
    state = "ok" if share >= TIGHT else "degraded" if share >= FULL else "down"
    return Health(
        name="disk",
        state=state,
        sentence=said,
        hint="" if state == "ok" else "Shorten retention (docs/backend.md, Sizing) or free some.",
        facts={"free_bytes": free, "total_bytes": total, "path": str(there)},
    )
