"""Workbooks read back without any program that writes them: plain XML out of the zip."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from zipfile import ZipFile

from openpyxl.utils.escape import unescape

from jollyscope.export.forms import Book
from jollyscope.export.tables import SHEETS, Chunks
from jollyscope.export.workbook.book import write_workbook
from jollyscope.store.answer import Row

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


class _Trees(Mapping[str, ElementTree.Element]):
    """Parts as trees, each parsed when it is asked for."""

    def __init__(self, parts: dict[str, bytes]) -> None:
        self._parts = parts
        self._parsed: dict[str, ElementTree.Element] = {}

    def __getitem__(self, name: str) -> ElementTree.Element:
        if name not in self._parsed:
            self._parsed[name] = ElementTree.fromstring(self._parts[name])
        return self._parsed[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._parts)

    def __len__(self) -> int:
        return len(self._parts)


class Package:
    """A workbook's parts."""

    def __init__(self, path: Path) -> None:
        with ZipFile(path) as package:
            assert package.testzip() is None
            assert len(set(package.namelist())) == len(package.namelist())
            self.parts = {name: package.read(name) for name in package.namelist()}
        self.trees = _Trees(self.parts)

    def relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Of a part: kind and target part by id."""
        folder, _, name = part.rpartition("/")
        tree = self.trees.get(f"{folder}/_rels/{name}.rels", ElementTree.Element("none"))
        found: dict[str, tuple[str, str]] = {}
        for one in tree:
            steps = [*folder.split("/"), *one.attrib["Target"].split("/")]
            if one.attrib["Target"].startswith("/"):
                steps = one.attrib["Target"][1:].split("/")
            path: list[str] = []
            for step in steps:
                path = path[:-1] if step == ".." else [*path, step]
            found[one.attrib["Id"]] = (one.attrib["Type"].rpartition("/")[2], "/".join(path))
        return found

    def sheets(self) -> dict[str, str]:
        """Parts by the names of sheets, in order."""
        relations = self.relations("xl/workbook.xml")
        listed = self.trees["xl/workbook.xml"].iter(f"{MAIN}sheet")
        return {sheet.attrib["name"]: relations[sheet.attrib[LINK]][1] for sheet in listed}

    def rows(self, title: str) -> list[dict[str, Any]]:
        """A data sheet's rows by column: text, number or bool; empty cells are left out."""
        lines = [
            {cell.attrib["r"].rstrip("0123456789"): _value(cell) for cell in line}
            for line in self.trees[self.sheets()[title]].iter(f"{MAIN}row")
        ]
        names = lines[0]
        return [{names[at]: value for at, value in line.items()} for line in lines[1:]]

    def text(self) -> str:
        """All that stands in shared strings: README and the sums."""
        return "\n".join(t.text or "" for t in self.trees["xl/sharedStrings.xml"].iter(f"{MAIN}t"))


def _value(cell: ElementTree.Element) -> Any:
    kind = cell.attrib.get("t", "n")
    if kind == "inlineStr":
        text = cell.findtext(f"{MAIN}is/{MAIN}t") or ""
        return unescape(text) if "_x" in text else text
    value = cell.findtext(f"{MAIN}v") or ""
    if kind == "b":
        return value == "1"
    return int(value) if re.fullmatch(r"-?\d+", value) else float(value)


def made(table: str, **values: Any) -> Row:
    """A row of a table, None where nothing is said."""
    return tuple(values.get(column.name) for column in SHEETS[table])


def written(path: Path, rows: Mapping[str, Iterable[Row]], **more: Any) -> Package:
    """A workbook of rows in memory."""

    def reads(table: str) -> Callable[[], Chunks]:
        return lambda: iter([list(rows.get(table, ()))] if rows.get(table) else [])

    whole = more.pop("whole_texts", False)
    book = Book({t: reads(t) for t in SHEETS}, SHEETS, {"filter": "status:error"}, whole)
    write_workbook(book, path, lambda _rows: None, **more)
    return Package(path)
