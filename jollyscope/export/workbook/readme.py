"""The first sheet: what was exported, what is where, what was cut, what each field means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from jollyscope.export.workbook.cells import shortened
from jollyscope.export.workbook.layout import LAYOUTS, Layout, unit_of
from jollyscope.export.workbook.looks import Looks

__all__ = ["Listed", "write_readme"]


_LINE = 85
"""Characters that a line of the last column shows for sure."""


class Listed(NamedTuple):
    """A sheet as the README lists it; `rows` None where they do not matter."""

    title: str
    rows: int | None
    holds: str


def write_readme(
    sheet: Any,
    looks: Looks,
    facts: Mapping[str, str],
    sheets: Sequence[Listed],
    notes: Sequence[str],
) -> None:
    """Fill the sheet."""
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    for place, width in enumerate((24, 20, 12, 16, 90)):
        sheet.set_column(place, place, width)
    sheet.set_row(0, 30)
    sheet.write_string(0, 0, "What agents did", looks["title"])
    row = 2
    for label, value in facts.items():
        sheet.write_string(row, 0, label, looks["label"])
        sheet.write_string(row, 1, shortened(value), looks["text"])
        row += 1
    row = _sheets(sheet, looks, sheets, row + 1)
    row = _heading(sheet, looks, row + 1, ("Good to know",))
    for note in notes:
        sheet.merge_range(row, 0, row, 4, note, looks["wrapped"])
        sheet.set_row(row, 15 * (1 + len(note) // 140))
        row += 1
    row = _heading(sheet, looks, row + 1, ("Sheet", "Field", "Type", "Unit", "Meaning"))
    for layout in LAYOUTS.values():
        row = _fields(sheet, looks, layout, row)


def _heading(sheet: Any, looks: Looks, row: int, titles: Sequence[str]) -> int:
    for place in range(5):
        text = titles[place] if place < len(titles) else ""
        sheet.write_string(row, place, text, looks["heading"])
    return row + 1


def _sheets(sheet: Any, looks: Looks, sheets: Sequence[Listed], row: int) -> int:
    row = _heading(sheet, looks, row, ("Sheet", "Rows", "What it holds"))
    for one in sheets:
        sheet.write_url(row, 0, f"internal:'{one.title}'!A1", looks["link"], one.title)
        if one.rows is not None:
            sheet.write_number(row, 1, one.rows, looks["integer_left"])
        sheet.write_string(row, 2, one.holds)
        row += 1
    return row


def _fields(sheet: Any, looks: Looks, layout: Layout, row: int) -> int:
    for column in layout.columns:
        unit = unit_of(column)
        for place, text in enumerate((layout.title, column.name, column.type, unit)):
            sheet.write_string(row, place, text)
        doc = column.doc.replace("`", "")
        sheet.write_string(row, 4, doc, looks["wrapped"])
        if len(doc) > _LINE:
            sheet.set_row(row, 15 * -(-len(doc) // _LINE))
        row += 1
    return row
