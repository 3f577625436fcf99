"""What a pivot table keeps of the rows it is made from: `pivotCacheDefinition` and
`pivotCacheRecords` (ECMA-376 Part 1, 18.10.1.67 and 18.10.1.68).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isfinite
from tempfile import TemporaryFile
from typing import Any, Protocol

from jollyscope.export.workbook.cells import attribute, shortened
from jollyscope.export.workbook.layout import Layout, letters

__all__ = ["MAIN", "OFFICE", "Cache", "Shared"]

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_PIECE = 1 << 20


class Field(Protocol):
    """A column of the cache."""

    def records(self, values: Sequence[Any]) -> list[str]:
        """A part of a record for each value."""
        ...

    def shared_items(self) -> str:
        """What the definition says of all its values."""
        ...


class Shared:
    """Texts, each kept once. Case does not tell texts apart, as in Excel."""

    def __init__(self) -> None:
        self.places: dict[str, int] = {}
        self._texts: list[str] = []
        self._marks: dict[str | None, str] = {}

    def records(self, values: Sequence[str | None]) -> list[str]:
        for value in set(values) - self._marks.keys():
            key = (value or "").casefold()
            if key not in self.places:
                self.places[key] = len(self._texts)
                self._texts.append(shortened(value or ""))
            self._marks[value] = f'<x v="{self.places[key]}"/>'
        marks = self._marks
        return [marks[value] for value in values]

    def shared_items(self) -> str:
        blank = ' containsBlank="1"' if "" in self.places else ""
        if "" in self.places and len(self._texts) == 1:
            blank = ' containsNonDate="0" containsString="0" containsBlank="1"'
        long = ' longText="1"' if any(len(text) > 255 for text in self._texts) else ""
        items = "".join(f'<s v="{attribute(t)}"/>' if t else "<m/>" for t in self._texts)
        return f'<sharedItems{blank} count="{len(self._texts)}"{long}>{items}</sharedItems>'


class Number:
    """Numbers, written with each record."""

    def __init__(self) -> None:
        self._least, self._most = float("inf"), float("-inf")
        self._whole = True
        self._blank = False

    def records(self, values: Sequence[float | None]) -> list[str]:
        known = [value for value in values if value is not None and isfinite(value)]
        self._blank |= len(known) < len(values)
        if known:
            self._least, self._most = min(self._least, *known), max(self._most, *known)
            self._whole = self._whole and all(value == int(value) for value in known)
        return [
            "<m/>" if value is None or not isfinite(value) else f'<n v="{value!r}"/>'
            for value in values
        ]

    def shared_items(self) -> str:
        if self._least > self._most:
            return '<sharedItems containsNonDate="0" containsString="0" containsBlank="1"/>'
        mixed = ' containsBlank="1"' if self._blank else ""
        semi = "" if self._blank else ' containsSemiMixedTypes="0"'
        whole = ' containsInteger="1"' if self._whole else ""
        return (
            f'<sharedItems{semi} containsString="0"{mixed} containsNumber="1"{whole} '
            f'minValue="{self._least!r}" maxValue="{self._most!r}"/>'
        )


class Cache:
    """The columns `first` to `last` of a sheet. Records wait in a temporary file, since only one part
    of a package can be written at a time.
    """

    def __init__(self, layout: Layout, first: str, last: str) -> None:
        self._from, self._to = layout.place(first), layout.place(last) + 1
        self._sheet = layout.title
        self._columns = layout.columns[self._from : self._to]
        self._fields: list[Field] = [
            Shared() if column.type == "text" else Number() for column in self._columns
        ]
        self._file = TemporaryFile(prefix="jollyscope-")  # noqa: SIM115 - closed with its owner
        self.count = 0

    @property
    def names(self) -> list[str]:
        """The fields', in order."""
        return [column.name for column in self._columns]

    def places(self, name: str) -> dict[str, int]:
        """Where each text stands in the shared items of a field, by its case-folded form."""
        field = self._fields[self.names.index(name)]
        assert isinstance(field, Shared)
        return field.places

    def add(self, columns: Sequence[Sequence[Any]]) -> None:
        """Take rows of the sheet in."""
        parts = [
            field.records(values)
            for field, values in zip(self._fields, columns[self._from : self._to], strict=True)
        ]
        lines = ["".join(record) for record in zip(*parts, strict=True)]
        self._file.write(("<r>" + "</r><r>".join(lines) + "</r>").encode())
        self.count += len(lines)

    def records(self) -> Iterator[bytes]:
        """The part with the records, piece by piece."""
        yield f'{HEAD}<pivotCacheRecords xmlns="{MAIN}" count="{self.count}">'.encode()
        self._file.seek(0)
        while piece := self._file.read(_PIECE):
            yield piece
        yield b"</pivotCacheRecords>"

    def definition(self) -> bytes:
        """The part that says what the records are; its relationship `rId1` is theirs."""
        where = f"{letters(self._from)}1:{letters(self._to - 1)}{self.count + 1}"
        fields = "".join(
            f'<cacheField name="{column.name}" numFmtId="0">{field.shared_items()}</cacheField>'
            for column, field in zip(self._columns, self._fields, strict=True)
        )
        return (
            f'{HEAD}<pivotCacheDefinition xmlns="{MAIN}" xmlns:r="{OFFICE}" r:id="rId1" '
            f'refreshOnLoad="1" refreshedBy="JollyScope" createdVersion="6" refreshedVersion="6" '
            f'minRefreshableVersion="3" recordCount="{self.count}">'
            f'<cacheSource type="worksheet"><worksheetSource ref="{where}" sheet="{self._sheet}"/>'
            f'</cacheSource><cacheFields count="{len(self._fields)}">{fields}</cacheFields>'
            f"</pivotCacheDefinition>"
        ).encode()

    def close(self) -> None:
        """Let go of the temporary file."""
        self._file.close()
