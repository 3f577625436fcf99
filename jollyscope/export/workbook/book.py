"""A workbook of a store's tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from jollyscope._version import __version__
from jollyscope.export.forms import Book
from jollyscope.export.workbook.figures import Block, write_pivot, write_statistics
from jollyscope.export.workbook.layout import LAYOUTS
from jollyscope.export.workbook.looks import Looks
from jollyscope.export.workbook.making import CUT_SUFFIX, Sheets
from jollyscope.export.workbook.package import assemble
from jollyscope.export.workbook.pivot import Pivot
from jollyscope.export.workbook.readme import Listed, write_readme
from jollyscope.export.workbook.sheet import Limits

__all__ = ["write_workbook"]

_COMPRESSION = 1
"""Of zlib: 2.5 times as fast as its usual 6, and a file a tenth larger."""
_HOLDS = {
    "executions": "a row an execution: one user input to one response",
    "steps": "a row a step, running ones too",
    "tool_calls": "the steps that called a tool",
    "messages": "a row a part of a message, in the order of the conversation",
    "errors": "the steps that failed, with their stack traces",
    "metrics": "a row a sample of CPU, memory and the like",
}
_FACTS = {"store": "Store", "filter": "Filter", "time": "Time"}


def write_workbook(
    book: Book,
    path: Path,
    watch: Callable[[int], None],
    *,
    limits: Limits | None = None,
    now: datetime | None = None,
) -> int:
    """Write all tables to `path`, in constant memory; rows written, which `watch` is told now and then.

    With `book.whole_texts` what a cell cannot hold stands in `<path>.texts.jsonl`, if there is any: an
    object a line with `sheet`, `row`, `column` and `text`. `limits` are those of a sheet. Raises
    `OSError` and whatever reading the tables raises.
    """
    from xlsxwriter import Workbook

    made = BytesIO()
    rest: Any = Workbook(made, {"in_memory": True})
    looks = Looks(rest)
    now = now or datetime.now(UTC)
    whole = path.with_name(path.name + CUT_SUFFIX) if book.whole_texts else None
    with (
        ZipFile(path, "w", ZIP_DEFLATED, compresslevel=_COMPRESSION) as package,
        Sheets(package, book.tables, looks.styles, limits or Limits(), watch, whole) as sheets,
    ):
        sheets.write()
        data, pivots = _add_sheets(rest, looks, sheets, _facts(book, now))
        rest.set_properties({"title": "What agents did", "author": "JollyScope", "created": now})
        rest.close()
        assemble(package, made, data, pivots)
        return sheets.rows


def _facts(book: Book, now: datetime) -> dict[str, str]:
    about = {
        _FACTS.get(name, name.capitalize()): text or "all" for name, text in book.about.items()
    }
    return {"Written": f"{now:%Y-%m-%d %H:%M:%S} UTC", "JollyScope": __version__, **about}


def _add_sheets(
    rest: Any, looks: Looks, sheets: Sheets, facts: dict[str, str]
) -> tuple[dict[int, str], list[tuple[int, Pivot]]]:
    """All sheets in order; those of data are empty, by number, with the parts to put in their place.
    Also the pivot tables with the numbers of theirs.
    """
    readme = rest.add_worksheet("README")
    data: dict[int, str] = {}
    for table, layout in LAYOUTS.items():
        for part in sheets.parts[table]:
            empty = rest.add_worksheet(part.title)
            # For the name that Excel gives a filter's range.
            empty.autofilter(0, 0, part.rows, len(layout.columns) - 1)
            # For the formats of coloured rows, which are kept as they are used.
            for look in (looks.failed, looks.running):
                empty.conditional_format(0, 0, 0, 0, {"type": "no_errors", "format": look})
            data[len(rest.worksheets())] = part.path
    write_statistics(rest, rest.add_worksheet("Statistics"), looks, _blocks(sheets))
    pivots: list[tuple[int, Pivot]] = []
    for pivot in sheets.pivots:
        write_pivot(rest.add_worksheet(pivot.title), looks, pivot)
        pivots.append((len(rest.worksheets()), pivot))
    write_readme(readme, looks, facts, _listed(sheets), list(_notes(sheets)))
    return data, pivots


def _blocks(sheets: Sheets) -> list[Block]:
    groups = sheets.groups
    return [
        Block("Steps", groups["step_type"], "calls"),
        Block("Tools", groups["tool_name"], "p95 ms"),
        Block("Models", groups["model"], "cost US$", named=True),
        Block("Days", groups["day"], "calls", in_order=True),
    ]


def _listed(sheets: Sheets) -> list[Listed]:
    found = [
        Listed(part.title, part.rows, _HOLDS[table])
        for table in LAYOUTS
        for part in sheets.parts[table]
    ]
    found.append(Listed("Statistics", None, "sums and quantiles by step, tool, model and day"))
    found += [
        Listed(p.title, None, f"a pivot table by {p.field}, to refresh") for p in sheets.pivots
    ]
    return found


def _notes(sheets: Sheets) -> Iterator[str]:
    yield "Times are UTC, as dates of Excel, which hold the microsecond; those before March 1900 are text."
    yield (
        "Ids and texts are text, whatever they begin with. A number of more than 15 digits is text too, "
        "since Excel would round it. An empty text is an empty cell."
    )
    if sheets.cut:
        where = ", ".join(f"{number:,} on {title}" for title, number in sheets.cut.items())
        yield f"A cell holds 32,767 characters. Longer texts are cut, and say so: {where}."
    unlinked = [
        part.title
        for parts in sheets.parts.values()
        for part in parts
        if part.links and part.links < part.rows
    ]
    if unlinked:
        yield (
            "Excel bears 65,530 links on a sheet: not every trace's id is one on "
            f"{', '.join(unlinked)}."
        )
    full = [parts for parts in sheets.parts.values() if len(parts) > 1]
    for parts in full:
        last, count = parts[-1].title, sum(part.rows for part in parts)
        yield f"{parts[0].title} has more rows than a sheet holds: its {count:,} go on to {last}."
    if not sheets.pivots:
        yield "There are no steps, and so no pivot tables."
    elif full:
        yield "A pivot table is made from one sheet, the first; Statistics has all rows."
