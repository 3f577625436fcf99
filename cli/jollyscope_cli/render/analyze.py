"""Findings as a table whose sentences are whole, however narrow the terminal is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from jollyscope.model import format as fmt
from jollyscope_cli.canvas import STYLES, draw
from jollyscope_cli.render.cells import clean

if TYPE_CHECKING:
    from jollyscope.analysis.finding import Analysis, Finding
    from jollyscope.analysis.report import Found

__all__ = ["show", "show_names"]

_SIGN = {"high": ("▲ high", "red"), "medium": ("△ medium", "yellow"), "low": ("· low", ""),
         "info": ("i info", "dim")}  # fmt: skip


def show(found: Sequence[Found], room: int) -> None:
    """Print findings, each with what it would save and the filter that lists its runs."""
    if not found:
        return
    table = _table()
    table.add_column("", no_wrap=True)
    table.add_column("saves", no_wrap=True, justify="right")
    table.add_column("finding", ratio=1)
    for one in found:
        sign, style = _SIGN[one.finding.severity]
        table.add_row(
            Text(sign, STYLES[style]),
            Text(_saves(one.finding)),
            Text.assemble(
                clean(one.finding.what), "\n", (clean(_below(one)), STYLES["dim"])
            ),
        )  # fmt: skip
    draw(table, room)


def _saves(finding: Finding) -> str:
    """Time above cost; `-` where neither can be told."""
    known = [
        form(value)
        for form, value in ((fmt.duration, finding.saves_ms), (fmt.cost, finding.saves_usd))
        if value
    ]
    return "\n".join(known) or "-"


def _below(one: Found) -> str:
    """Where it is from and what lists its runs; of one run the filter says nothing new."""
    return " · ".join(part for part in (one.analysis.name, one.finding.filter) if part)


def show_names(analyses: Sequence[Analysis], room: int) -> None:
    """Print every analysis with its method."""
    table = _table()
    table.add_column("analysis", no_wrap=True)
    table.add_column("what it shows, and how", ratio=1)
    for one in analyses:
        table.add_row(
            Text(one.name, STYLES["think"]),
            Text.assemble(one.title, "\n", (one.method, STYLES["dim"])),
        )
    draw(table, room)


def _table() -> Table:
    return Table(
        box=None, expand=True, padding=(0, 2, 0, 0), pad_edge=False, header_style=STYLES["head"]
    )
