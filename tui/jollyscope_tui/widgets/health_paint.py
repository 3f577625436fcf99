"""The parts of a store and how they are, as painted lines. No Textual."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import tzinfo
from typing import Any

from jollyscope.backend.probes.probe import State
from jollyscope.backend.watching import Watched, lag_of, version_of
from jollyscope.model.format import count, duration
from jollyscope_tui.when import date_and_clock
from jollyscope_tui.widgets.cells import Paint, clean, fit, fit_right

__all__ = ["COLUMNS", "SIGNS", "health_text", "paint_detail", "paint_health", "paint_titles"]

SIGNS: dict[State, tuple[str, str]] = {
    "ok": ("✔", "ok"),
    "degraded": ("!", "warning"),
    "down": ("✖", "error"),
    "unknown": ("?", "warning"),
}
"""Each state's sign and its style."""

_PART, _STATE, _LEAST = 11, 10, 50
COLUMNS = (("behind", 14), ("version", 16), ("for", 8), ("asked in", 8))
"""What stands behind the sentence where there is room, the most wanted first."""


def _room(width: int) -> tuple[int, int]:
    """Cells of the sentence, and how many of the columns fit."""
    left = width - 1 - _PART - 1 - _STATE - 1
    kept = 0
    for _name, cells in COLUMNS:
        if left - cells - 1 < _LEAST + 10 * kept:
            break
        left -= cells + 1
        kept += 1
    return max(0, left), kept


def paint_titles(width: int) -> Paint:
    """The heading of the table."""
    said, kept = _room(width)
    paint: Paint = [(" " + fit("part", _PART) + " " + fit("state", _STATE) + " ", "title")]
    paint.append((fit("what it says", said), "title"))
    return paint + [(" " + fit_right(name, cells), "title") for name, cells in COLUMNS[:kept]]


def paint_health(one: Watched, width: int, now: int, *, cursor: bool) -> Paint:
    """One part. `now` in Unix ns."""
    health = one.health
    sign, style = SIGNS[health.state]
    said, kept = _room(width)
    values = (
        lag_of(health) or "-",
        version_of(health) or "-",
        duration(max(0, now - one.since) / 1e6) if now > one.since else "-",
        duration(health.took_ms),
    )
    paint: Paint = [
        ("▌" if cursor else " ", "strong"),
        (fit(health.name, _PART) + " ", "text"),
        (fit(f"{sign} {health.state}", _STATE) + " ", style),
        (fit(health.sentence, said), "text" if health.state == "ok" else style),
    ]
    for (_name, cells), value in zip(COLUMNS[:kept], values, strict=False):
        paint.append((" " + fit_right(value, cells), "muted"))
    return paint


def health_text(one: Watched) -> str:
    """What a part says and what to do about it, for copying."""
    health = one.health
    return f"{health.name} is {health.state}: {health.sentence} {health.hint}".rstrip()


def paint_detail(one: Watched, tz: tzinfo | None) -> list[Paint]:
    """All that is known of a part."""
    health = one.health
    sign, style = SIGNS[health.state]
    lines: list[Paint] = [
        [(f" {sign} {health.name}", style), ("  ", ""), (clean(health.sentence), "text")]
    ]
    if health.hint:
        lines.append([(f"   → {clean(health.hint)}", "strong")])
    if one.trouble and health.state == "ok":
        at = date_and_clock(one.trouble_at, tz)
        lines.append([(f"   last trouble, {at}: {clean(one.trouble)}", "warning")])
    lines.append([("", "")])
    for name, value in _flat("", health.facts):
        lines.append([(f"   {name:<28} ", "key"), (clean(value), "text")])
    return lines


def _flat(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """Facts as names and texts; inner ones by path."""
    if isinstance(value, dict):
        for key, inner in value.items():  # pyright: ignore[reportUnknownVariableType]
            yield from _flat(f"{name}.{key}" if name else str(key), inner)  # pyright: ignore[reportUnknownArgumentType]
    elif isinstance(value, list):
        yield name, ", ".join(map(str, value)) or "none"  # pyright: ignore[reportUnknownArgumentType]
    elif isinstance(value, bool) or value is None:
        yield name, json.dumps(value) if value is not None else "-"
    elif isinstance(value, int | float) and name.endswith("_ms"):
        yield name.removesuffix("_ms"), duration(value)
    else:
        yield name, count(value) if isinstance(value, int) else str(value)
