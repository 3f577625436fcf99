"""Pivot tables: rows by one column, a few sums beside (`pivotTableDefinition`, ECMA-376 Part 1,
18.10.1.73).

The numbers also stand in the cells, as Excel leaves them there, so that who does not refresh sees them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import NamedTuple

from jollyscope.export.workbook.cells import attribute
from jollyscope.export.workbook.layout import letters
from jollyscope.export.workbook.pivot_cache import HEAD, MAIN, Cache
from jollyscope.export.workbook.tally import Groups, Tally

__all__ = ["BLANK", "FIRST_ROW", "GRAND", "MEASURES", "Measure", "Pivot"]

FIRST_ROW = 3
"""Where a table begins on its sheet, from 1; column A."""
BLANK, GRAND = "(blank)", "Grand Total"


class Measure(NamedTuple):
    """A column of sums: its `title`, which column of the rows it is of, how that is summed, in which
    number format, and what it is of a tally.
    """

    title: str
    column: str
    subtotal: str
    format: str
    of: Callable[[Tally], float | None]

    def look(self, grand: str) -> str:
        """The name of its cells' format; with `grand` of those in the last row."""
        plain = {"#,##0": "", "#,##0.0": "mean"}.get(self.format, "dollars")
        return (f"{grand}_{plain}" if plain else grand) if grand else plain or "integer"


MEASURES = (
    Measure("Calls", "status", "count", "#,##0", attrgetter("count")),
    Measure("Errors", "failed", "sum", "#,##0", attrgetter("failed")),
    Measure("Mean ms", "duration_ms", "average", "#,##0.0", Tally.mean),
    Measure("Tokens in", "input_tokens", "sum", "#,##0", attrgetter("input_tokens")),
    Measure("Tokens out", "output_tokens", "sum", "#,##0", attrgetter("output_tokens")),
    Measure("Cost in US$", "cost_usd", "sum", "#,##0.0000", attrgetter("cost")),
)
"""A table has those whose column its cache has."""


class Pivot(NamedTuple):
    """The rows of `cache` by its text column `field`."""

    title: str
    field: str
    cache: Cache
    groups: Groups

    def measures(self) -> list[Measure]:
        """Its columns behind the first."""
        return [measure for measure in MEASURES if measure.column in self.cache.names]

    def rows(self) -> list[tuple[str, Tally]]:
        """What stands in it, the sum of all last."""
        return [(name or BLANK, tally) for name, tally in self.groups.items()] + [
            (GRAND, self.groups.total())
        ]

    def definition(self, number: int, cache_id: int, formats: Mapping[str, int]) -> bytes:
        """The part. `formats` has the ids of number formats by their codes."""
        rows, columns = self.groups.items(), self.measures()
        last = f"{letters(len(columns))}{FIRST_ROW + len(rows) + 1}"
        width = len(columns)
        return (
            f'{HEAD}<pivotTableDefinition xmlns="{MAIN}" name="Pivot {number}" cacheId="{cache_id}" '
            'applyNumberFormats="0" applyBorderFormats="0" applyFontFormats="0" '
            'applyPatternFormats="0" applyAlignmentFormats="0" applyWidthHeightFormats="1" '
            'dataCaption="Values" updatedVersion="6" minRefreshableVersion="3" '
            'useAutoFormatting="1" itemPrintTitles="1" createdVersion="6" indent="0" outline="1" '
            f'outlineData="1" multipleFieldFilters="0" rowHeaderCaption="{self.field}">'
            f'<location ref="A{FIRST_ROW}:{last}" firstHeaderRow="0" firstDataRow="1" '
            'firstDataCol="1"/>'
            f"{self._pivot_fields(columns)}"
            f'<rowFields count="1"><field x="{self._place(self.field)}"/></rowFields>'
            f'<rowItems count="{len(rows) + 1}">{_items(len(rows))}'
            '<i t="grand"><x/></i></rowItems>'
            '<colFields count="1"><field x="-2"/></colFields>'
            f'<colItems count="{width}">{_column_items(width)}</colItems>'
            f'<dataFields count="{width}">'
            f"{''.join(self._data_field(column, formats) for column in columns)}</dataFields>"
            '<pivotTableStyleInfo name="PivotStyleMedium2" showRowHeaders="1" showColHeaders="1" '
            'showRowStripes="0" showColStripes="0" showLastColumn="1"/>'
            "</pivotTableDefinition>"
        ).encode()

    def _place(self, name: str) -> int:
        return self.cache.names.index(name)

    def _pivot_fields(self, measures: Sequence[Measure]) -> str:
        data = {measure.column for measure in measures}
        made = "".join(
            self._axis() if name == self.field
            else f'<pivotField{" dataField=" + chr(34) + "1" + chr(34) if name in data else ""} '
            'showAll="0"/>'
            for name in self.cache.names
        )  # fmt: skip
        return f'<pivotFields count="{len(self.cache.names)}">{made}</pivotFields>'

    def _axis(self) -> str:
        """Items in the order of the rows, each by its place among the shared ones."""
        places = self.cache.places(self.field)
        items = "".join(f'<item x="{places[n.casefold()]}"/>' for n, _ in self.groups.items())
        return (
            f'<pivotField axis="axisRow" showAll="0"><items count="{len(places) + 1}">{items}'
            '<item t="default"/></items></pivotField>'
        )

    def _data_field(self, measure: Measure, formats: Mapping[str, int]) -> str:
        kind = "" if measure.subtotal == "sum" else f' subtotal="{measure.subtotal}"'
        return (
            f'<dataField name="{attribute(measure.title)}" fld="{self._place(measure.column)}"{kind} '
            f'baseField="0" baseItem="0" numFmtId="{formats[measure.format]}"/>'
        )


def _items(count: int) -> str:
    """References to items; 0 is left unsaid, as Excel does."""
    return "".join(f'<i><x v="{n}"/></i>' if n else "<i><x/></i>" for n in range(count))


def _column_items(count: int) -> str:
    return "".join(f'<i i="{n}"><x v="{n}"/></i>' if n else "<i><x/></i>" for n in range(count))
