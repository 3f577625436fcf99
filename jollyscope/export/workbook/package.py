"""Puts a package together (Open Packaging Conventions, ECMA-376 Part 2): what XlsxWriter made, the data
sheets in place of its empty ones, and pivot tables, which it has none of.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import BinaryIO
from zipfile import ZipFile

from jollyscope.export.workbook.pivot import Pivot
from jollyscope.export.workbook.pivot_cache import HEAD, OFFICE, Cache
from jollyscope.export.workbook.sheet import entry

__all__ = ["assemble"]

_BUILT_IN = {"#,##0": 3, "#,##0.00": 4}
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml."
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_EMPTY = f'{HEAD}<Relationships xmlns="{_RELATIONS}"></Relationships>'
_BOOK, _BOOK_RELATIONS, _CONTENT = (
    "xl/workbook.xml",
    "xl/_rels/workbook.xml.rels",
    "[Content_Types].xml",
)


def assemble(
    package: ZipFile, made: BinaryIO, data: Mapping[int, str], pivots: Sequence[tuple[int, Pivot]]
) -> None:
    """Add to a package, which has the parts `data` (by the number of their sheet, from 1), the rest: of
    the workbook `made`, and the pivot tables, each with the number of its sheet.
    """
    with ZipFile(made) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    for number, path in data.items():
        own = f"xl/worksheets/sheet{number}.xml"
        del parts[own]
        _replace(parts, _CONTENT, f'"/{own}"', f'"/{path}"')
        _replace(
            parts, _BOOK_RELATIONS, f'"{own.removeprefix("xl/")}"', f'"{path.removeprefix("xl/")}"'
        )
    caches = list(dict.fromkeys(pivot.cache for _, pivot in pivots))
    for number, cache in enumerate(caches, 1):
        _add_cache(parts, number, cache)
        _write(package, f"xl/pivotCache/pivotCacheRecords{number}.xml", cache.records())
    formats = _formats(parts["xl/styles.xml"].decode())
    for number, (sheet, pivot) in enumerate(pivots, 1):
        cache_number = caches.index(pivot.cache) + 1
        _add_pivot(parts, number, sheet, cache_number)
        parts[f"xl/pivotTables/pivotTable{number}.xml"] = pivot.definition(
            number, cache_number, formats
        )
    if caches:
        _name_caches(parts, len(caches))
    for path, content in parts.items():
        _write(package, path, (content,))


def _write(package: ZipFile, path: str, pieces: Iterable[bytes]) -> None:
    with package.open(entry(package, path), "w") as file:
        for piece in pieces:
            file.write(piece)


def _replace(parts: dict[str, bytes], path: str, old: str, new: str) -> None:
    text = parts[path].decode()
    assert text.count(old) == 1, f"{path} has {old} {text.count(old)} times"
    parts[path] = text.replace(old, new).encode()


def _add_cache(parts: dict[str, bytes], number: int, cache: Cache) -> None:
    definition = f"xl/pivotCache/pivotCacheDefinition{number}.xml"
    parts[definition] = cache.definition()
    _relate(parts, definition, "pivotCacheRecords", f"pivotCacheRecords{number}.xml")
    _declare(parts, f"/{definition}", "pivotCacheDefinition")
    _declare(parts, f"/xl/pivotCache/pivotCacheRecords{number}.xml", "pivotCacheRecords")


def _add_pivot(parts: dict[str, bytes], number: int, sheet: int, cache: int) -> None:
    table = f"xl/pivotTables/pivotTable{number}.xml"
    target = f"../pivotCache/pivotCacheDefinition{cache}.xml"
    _relate(parts, table, "pivotCacheDefinition", target)
    _relate(
        parts,
        f"xl/worksheets/sheet{sheet}.xml",
        "pivotTable",
        f"../pivotTables/pivotTable{number}.xml",
    )
    _declare(parts, f"/{table}", "pivotTable")


def _name_caches(parts: dict[str, bytes], count: int) -> None:
    """The workbook's list of caches, which stands behind `calcPr` (18.2.27)."""
    named = ""
    for number in range(1, count + 1):
        target = f"pivotCache/pivotCacheDefinition{number}.xml"
        identity = _relate(parts, _BOOK, "pivotCacheDefinition", target)
        named += f'<pivotCache cacheId="{number}" r:id="{identity}"/>'
    text = parts[_BOOK].decode()
    at = re.search(r"<calcPr[^>]*/>", text)
    assert at is not None
    whole = f"{text[: at.end()]}<pivotCaches>{named}</pivotCaches>{text[at.end() :]}"
    parts[_BOOK] = whole.encode()


def _relate(parts: dict[str, bytes], path: str, kind: str, target: str) -> str:
    """Add a relationship of a part's; its id."""
    folder, _, name = path.rpartition("/")
    relations = f"{folder}/_rels/{name}.rels"
    text = parts.get(relations, _EMPTY.encode()).decode()
    identity = f"rId{text.count('<Relationship ') + 1}"
    line = f'<Relationship Id="{identity}" Type="{OFFICE}/{kind}" Target="{target}"/>'
    parts[relations] = text.replace("</Relationships>", f"{line}</Relationships>").encode()
    return identity


def _declare(parts: dict[str, bytes], name: str, kind: str) -> None:
    line = f'<Override PartName="{name}" ContentType="{_TYPES}{kind}+xml"/>'
    _replace(parts, _CONTENT, "</Types>", f"{line}</Types>")


def _formats(styles: str) -> dict[str, int]:
    """Ids of number formats by their codes."""
    found = re.findall(r'<numFmt numFmtId="(\d+)" formatCode="([^"]*)"', styles)
    return _BUILT_IN | {code: int(number) for number, code in found}
