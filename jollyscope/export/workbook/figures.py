"""The sheets of sums: Statistics with its charts, and the cells of pivot tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from jollyscope.export.workbook.cells import shortened
from jollyscope.export.workbook.looks import Looks
from jollyscope.export.workbook.pivot import FIRST_ROW, Pivot
from jollyscope.export.workbook.tally import Groups, Tally

__all__ = ["Block", "write_pivot", "write_statistics"]

_SHOWN = 15
"""Rows that a chart has at most; more cannot be told apart."""
_CHART = {"width": 620, "height": 300}
_CHART_ROWS = 16
_COLUMNS = (
    ("calls", "integer", 10), ("errors", "integer", 10), ("error share", "share", 14),
    ("mean ms", "mean", 12), ("p50 ms", "mean", 12), ("p95 ms", "mean", 12), ("max ms", "mean", 12),
    ("tokens in", "integer", 13), ("tokens out", "integer", 13), ("cost US$", "dollars", 12),
)  # fmt: skip
_BLUE, _RED, _GREEN = "#2F6DB5", "#C8483F", "#4E9A6B"


class Block(NamedTuple):
    """Sums by one column. Its chart shows `column` of the rows with the most calls, or with `in_order`
    of the last ones.
    """

    title: str
    groups: Groups
    column: str
    in_order: bool = False
    named: bool = False
    """Whether rows of no value are left out: steps that called no model."""

    def rows(self) -> list[tuple[str, Tally]]:
        """The most called first, unless `in_order`."""
        found = [(name or "(none)", tally) for name, tally in self.groups.items()]
        found = found[:-1] if self.named and "" in self.groups.names else found
        return found if self.in_order else sorted(found, key=lambda row: -row[1].count)


def write_statistics(book: Any, sheet: Any, looks: Looks, blocks: Sequence[Block]) -> None:
    """Fill the sheet: block below block, charts to the right."""
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.set_column(0, 0, 30)
    for place, (_, _, width) in enumerate(_COLUMNS, 1):
        sheet.set_column(place, place, width)
    row = 0
    for number, block in enumerate(block for block in blocks if any(block.groups.names)):
        row = _block(sheet, looks, block, row)
        chart = _block_chart(book, sheet.get_name(), block, row - 1)
        sheet.insert_chart(number * _CHART_ROWS, len(_COLUMNS) + 2, chart)
        row += 1


def _block(sheet: Any, looks: Looks, block: Block, row: int) -> int:
    sheet.set_row(row, 20)
    sheet.write_string(row, 0, block.title, looks["heading"])
    for place, (title, _, _) in enumerate(_COLUMNS, 1):
        sheet.write_string(row, place, title, looks["heading_right"])
    for name, tally in block.rows():
        row += 1
        sheet.write_string(row, 0, shortened(name), looks["text"])
        for place, (value, (_, look, _)) in enumerate(
            zip(_values(tally), _COLUMNS, strict=True), 1
        ):
            if value is not None:
                sheet.write_number(row, place, value, looks[look])
    return row + 1


def _values(tally: Tally) -> list[float | None]:
    share = tally.failed / tally.count
    return [
        tally.count, tally.failed, share, tally.mean(), *tally.quantiles(0.5, 0.95, 1.0),
        tally.input_tokens or None, tally.output_tokens or None, tally.cost or None,
    ]  # fmt: skip


def _block_chart(book: Any, sheet: str, block: Block, last: int) -> Any:
    """`last` is the block's last row, from 0."""
    count = len(block.rows())
    first = last - count + 1
    if block.in_order:
        first = max(first, last - 2 * _SHOWN + 1)
    else:
        last = min(last, first + _SHOWN - 1)
    place = 1 + [title for title, _, _ in _COLUMNS].index(block.column)
    title = f"{block.title}: {block.column}"
    if last - first + 1 < count:
        title += f" (the {'last' if block.in_order else 'most called'} {last - first + 1})"
    series = [(block.column, place, _GREEN if "$" in block.column else _BLUE)]
    if block.column == "calls":
        series.append(("errors", 2, _RED))
    return _chart(book, sheet, title, (first, last), series, across=not block.in_order)


def _chart(
    book: Any, sheet: str, title: str, rows: tuple[int, int],
    series: Sequence[tuple[str, int, str]], *, across: bool,
) -> Any:  # fmt: skip
    """Of columns of rows `rows`; the first column has their names. Bars lie `across`."""
    chart = book.add_chart({"type": "bar" if across else "column"})
    first, last = rows
    for name, place, colour in series:
        chart.add_series(
            {
                "name": name,
                "categories": [sheet, first, 0, last, 0],
                "values": [sheet, first, place, last, place],
                "fill": {"color": colour},
                "gap": 60,
                "overlap": 0,
            }
        )
    chart.set_title({"name": title, "name_font": {"size": 12}, "overlay": False})
    chart.set_legend({"position": "bottom"} if len(series) > 1 else {"none": True})
    lines = {"visible": True, "line": {"color": "#E3E8EE"}}
    if across:
        chart.set_y_axis({"reverse": True, "major_gridlines": {"visible": False}})
        chart.set_x_axis({"major_gridlines": lines, "num_format": "General", "min": 0})
    else:
        chart.set_y_axis({"major_gridlines": lines, "num_format": "General", "min": 0})
    chart.set_size(_CHART)
    return chart


def write_pivot(sheet: Any, looks: Looks, pivot: Pivot) -> None:
    """The cells that a pivot table has."""
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    measures, rows = pivot.measures(), pivot.rows()
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, len(measures), 14)
    sheet.write_string(0, 0, pivot.title, looks["title"])
    sheet.set_row(0, 30)
    top = FIRST_ROW - 1
    for place, title in enumerate((pivot.field, *(measure.title for measure in measures))):
        sheet.write_string(top, place, title, looks["label"])
    for number, (name, tally) in enumerate(rows, top + 1):
        grand = "grand" if number == top + len(rows) else ""
        sheet.write_string(number, 0, shortened(name), looks[grand or "text"])
        for place, measure in enumerate(measures, 1):
            value = measure.of(tally)
            if value is not None:
                sheet.write_number(number, place, value, looks[measure.look(grand)])
