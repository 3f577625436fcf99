"""What stands around the rows of a data sheet (`worksheet`, ECMA-376 Part 1, 18.3.1.99)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from jollyscope.export.workbook.cells import attribute, cell_text
from jollyscope.export.workbook.layout import Layout, letters, width_of
from jollyscope.export.workbook.pivot_cache import HEAD, MAIN

__all__ = ["LINKED", "Frame", "Styles"]

LINKED = "trace_id"
"""The column whose cells lead to another sheet."""


class Styles(NamedTuple):
    """Numbers of cell formats: of the header, of links, and by a column's name or else its type; and
    of the differential formats of error rows and of rows that did not end.
    """

    header: int
    link: int
    cells: dict[str, int]
    failed: int
    running: int


class Frame(NamedTuple):
    """Everything of a sheet but its rows."""

    layout: Layout
    styles: Styles

    def style(self, place: int, *, link: bool = False) -> int:
        """The format of a column's cells."""
        column = self.layout.columns[place]
        if link and column.name == LINKED:
            return self.styles.link
        return self.styles.cells.get(column.name, self.styles.cells[column.type])

    def head(self) -> bytes:
        """Up to the header's row, which stays in sight."""
        header = "".join(
            f'<c r="{letters(n)}1" s="{self.styles.header}" t="inlineStr"><is><t>'
            f"{cell_text(column.name)}</t></is></c>"
            for n, column in enumerate(self.layout.columns)
        )
        widths = "".join(
            f'<col min="{n}" max="{n}" width="{width_of(column)}.7109375" '
            f'style="{self.style(n - 1)}" customWidth="1"/>'
            for n, column in enumerate(self.layout.columns, 1)
        )
        return (
            f'{HEAD}<worksheet xmlns="{MAIN}"><sheetViews><sheetView workbookViewId="0">'
            '<pane xSplit="1" ySplit="1" topLeftCell="B2" activePane="bottomRight" state="frozen"/>'
            '<selection pane="topRight" activeCell="B1" sqref="B1"/>'
            '<selection pane="bottomLeft" activeCell="A2" sqref="A2"/>'
            '<selection pane="bottomRight" activeCell="B2" sqref="B2"/>'
            '</sheetView></sheetViews><sheetFormatPr defaultRowHeight="15"/>'
            f'<cols>{widths}</cols><sheetData><row r="1" ht="20" customHeight="1">{header}</row>'
        ).encode()

    def tail(self, rows: int, links: Iterable[tuple[int, str, int]]) -> bytes:
        """From the last row on. Links: row, and sheet and row they lead to."""
        last = letters(len(self.layout.columns) - 1)
        column = letters(self.layout.place(LINKED)) if self.layout.has(LINKED) else ""
        made = "".join(
            f'<hyperlink ref="{column}{row}" location="{attribute(_quoted(title))}!A{to}"/>'
            for row, title, to in links
        )
        return (
            f'</sheetData><autoFilter ref="A1:{last}{rows + 1}"/>'
            f"{self._coloured(f'A2:{last}{rows + 1}') if rows else ''}"
            f"{f'<hyperlinks>{made}</hyperlinks>' if made else ''}"
            '<pageMargins left="0.4" right="0.4" top="0.5" bottom="0.5" header="0.3" footer="0.3"/>'
            '<pageSetup orientation="landscape"/></worksheet>'
        ).encode()

    def _coloured(self, where: str) -> str:
        """Rules for error rows and for rows of what did not end."""
        rules = (
            ("status", "error", self.styles.failed),
            ("state", "interrupted", self.styles.running),
        )
        made = "".join(
            f'<cfRule type="expression" dxfId="{style}" priority="{n}"><formula>'
            f'${letters(self.layout.place(name))}2="{value}"</formula></cfRule>'
            for n, (name, value, style) in enumerate(rules, 1)
            if self.layout.has(name)
        )
        return (
            f'<conditionalFormatting sqref="{where}">{made}</conditionalFormatting>' if made else ""
        )


def _quoted(title: str) -> str:
    """A sheet's name as formulas and links say it."""
    return "'" + title.replace("'", "''") + "'"
