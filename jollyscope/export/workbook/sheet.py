"""A data sheet's XML, written while rows come, and on to `Steps (2)` where one sheet is full."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import compress
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import IO, Any, NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from jollyscope.export.workbook.cells import ENCODERS
from jollyscope.export.workbook.frame import LINKED, Frame, Styles
from jollyscope.export.workbook.layout import Layout, letters

__all__ = ["MAX_LINKS", "MAX_ROWS", "Cell", "Limits", "Part", "SheetWriter", "entry"]

MAX_ROWS = 1_048_576
"""Rows of a sheet, the header's included."""
MAX_LINKS = 65_530
"""Links that Excel bears on a sheet."""
_MAX_BYTES = 1_900_000_000
"""A sheet's XML: below the 2 GiB from which on a package needs ZIP64, which Excel has to repair."""


class Limits(NamedTuple):
    """Of one sheet."""

    rows: int = MAX_ROWS
    octets: int = _MAX_BYTES
    links: int = MAX_LINKS


class Cell(NamedTuple):
    """The first cell of a row."""

    title: str
    row: int


class Part(NamedTuple):
    """A sheet that was written: its name, the part's name, its rows below the header, and how many of
    them have a link.
    """

    title: str
    path: str
    rows: int
    links: int


class _Staged(NamedTuple):
    title: str
    body: IO[bytes]
    linked: list[tuple[int, str]]
    rows: int


class SheetWriter:
    """Writes one table's rows to as many sheets as it takes.

    `cut` is told of a text that does not fit: sheet, row, column and the text. `target` says where
    the link on a trace's id leads. With `staged` rows wait in a temporary file, and links are asked
    for when the writer is closed; else when a sheet is full.
    """

    def __init__(
        self, package: ZipFile, layout: Layout, styles: Styles, limits: Limits, *,
        cut: Callable[[Cell, str, str], None], target: Callable[[str], Cell | None],
        staged: bool = False,
    ) -> None:  # fmt: skip
        self.parts: list[Part] = []
        self._package, self._layout, self._limits = package, layout, limits
        self._frame = Frame(layout, styles)
        self._cut, self._target = cut, target
        self._staged = staged
        self._waiting: list[_Staged] = []
        self._begin()

    def __enter__(self) -> SheetWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._end()
            for one in self._waiting:
                one.body.seek(0)
                path = self._path_of(one.title)
                with self._package.open(entry(self._package, path), "w") as file:
                    file.write(self._frame.head())
                    copyfileobj(one.body, file, 1 << 20)
                    self._finish(file, one.title, one.linked, one.rows)
        self._file.close()
        for one in self._waiting:
            one.body.close()

    def room(self) -> tuple[int, Cell]:
        """How many rows may be added at once, and where the first will stand."""
        if self._rows + 1 >= self._limits.rows or self._octets > self._limits.octets:
            self._end()
            self._begin()
        return self._limits.rows - 1 - self._rows, Cell(self._title, self._rows + 2)

    def add(self, columns: Sequence[Sequence[Any]]) -> None:
        """Write as many rows as there is `room` for, given by columns."""
        first = self._rows + 2
        link = self._note_links(columns, first)
        cells = [
            [""] * len(values)
            if values.count(None) == len(values)  # Much is empty: links, scopes, stack traces.
            else ENCODERS[column.type](
                letters(n), self._frame.style(n, link=link), values, first, self._cutting(n, first)
            )
            for n, (column, values) in enumerate(zip(self._layout.columns, columns, strict=True))
        ]
        lines = [
            f'<row r="{row}">{"".join(line)}</row>'
            for row, line in enumerate(zip(*cells, strict=True), first)
        ]
        data = "".join(lines).encode()
        self._file.write(data)
        self._rows += len(lines)
        self._octets += len(data)

    def _note_links(self, columns: Sequence[Sequence[Any]], first: int) -> bool:
        """Whether these rows still get links."""
        if not self._layout.has(LINKED):
            return False
        traces = columns[self._layout.place(LINKED)]
        if len(self._linked) + len(traces) > self._limits.links:
            return False
        self._linked += compress(enumerate(traces, first), traces)
        return True

    def _cutting(self, place: int, first: int) -> Callable[[int, str], None]:
        name, title = self._layout.columns[place].name, self._title
        return lambda number, text: self._cut(Cell(title, first + number), name, text)

    def _begin(self) -> None:
        number = len(self.parts) + len(self._waiting) + 1
        self._title = self._layout.title + (f" ({number})" if number > 1 else "")
        self._rows = self._octets = 0
        self._linked: list[tuple[int, str]] = []
        self._file: IO[bytes]
        if self._staged:
            self._file = TemporaryFile(prefix="jollyscope-")  # noqa: SIM115 - closed with its owner
        else:
            self._file = self._package.open(entry(self._package, self._path_of(self._title)), "w")
            self._file.write(self._frame.head())

    def _end(self) -> None:
        if self._staged:
            self._waiting.append(_Staged(self._title, self._file, self._linked, self._rows))
            return
        self._finish(self._file, self._title, self._linked, self._rows)
        self._file.close()

    def _finish(
        self, file: IO[bytes], title: str, linked: Sequence[tuple[int, str]], rows: int
    ) -> None:
        found = ((row, self._target(trace)) for row, trace in linked)
        links = [(row, cell.title, cell.row) for row, cell in found if cell is not None]
        file.write(self._frame.tail(rows, links))
        self.parts.append(Part(title, self._path_of(title), rows, len(links)))

    def _path_of(self, title: str) -> str:
        number = title.removeprefix(self._layout.title).strip(" ()") or "1"
        return f"xl/worksheets/{self._layout.table}-{number}.xml"


def entry(package: ZipFile, path: str) -> ZipInfo:
    """A part to be written, compressed as the package is, with no time of its own."""
    made = ZipInfo(path, (1980, 1, 1, 0, 0, 0))
    made.compress_type = ZIP_DEFLATED
    made._compresslevel = package.compresslevel  # pyright: ignore
    return made
