"""The parts against the rules that Excel is strict about: order of elements, counts, references."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.library.workbook.reading import MAIN, Package, made, written

# ECMA-376 Part 1: CT_Worksheet, CT_Workbook, CT_pivotTableDefinition, CT_PivotCacheDefinition.
ORDERS = {
    "worksheet": "sheetPr dimension sheetViews sheetFormatPr cols sheetData sheetCalcPr sheetProtection "
    "protectedRanges scenarios autoFilter sortState dataConsolidate customSheetViews mergeCells "
    "phoneticPr conditionalFormatting dataValidations hyperlinks printOptions pageMargins pageSetup "
    "headerFooter rowBreaks colBreaks customProperties cellWatches ignoredErrors smartTags drawing",
    "workbook": "fileVersion fileSharing workbookPr workbookProtection bookViews sheets functionGroups "
    "externalReferences definedNames calcPr oleSize customWorkbookViews pivotCaches",
    "pivotTableDefinition": "location pivotFields rowFields rowItems colFields colItems pageFields "
    "dataFields formats conditionalFormats chartFormats pivotHierarchies pivotTableStyleInfo filters",
    "pivotCacheDefinition": "cacheSource cacheFields cacheHierarchies",
}


def rows() -> dict[str, list[tuple[object, ...]]]:
    tools = ["search", "Search", None, "mail & <more>", "=1+1", "x" * 300]
    steps = [
        made(
            "steps", trace_id=f"{n // 4:032x}", span_id=f"{n:016x}", name=f"step {n}",
            start_time=(20_000 + n % 3) * 86_400 * 10**9, tool_name=tools[n % 6], service="shop",
            step_type=("act", "think", "observe")[n % 3], status="error" if n % 5 == 0 else "ok",
            duration_ms=None if n == 7 else n * 1.5, input_tokens=n if n % 2 else None,
        )
        for n in range(40)
    ]  # fmt: skip
    calls = [
        made("tool_calls", trace_id=f"{n // 4:032x}", tool_name=tools[n % 6], duration_ms=n * 0.5,
             status="ok" if n % 3 else "error", start_time=20_000 * 86_400 * 10**9)
        for n in range(20)
    ]  # fmt: skip
    runs = [made("executions", trace_id=f"{n:032x}", status="ok") for n in range(10)]
    return {"steps": steps, "tool_calls": calls, "executions": runs}


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("book") / "a.xlsx"


@pytest.fixture(scope="module")
def book(path: Path) -> Package:
    return written(path, rows())


def test_elements_are_in_the_schemas_order(book: Package) -> None:
    seen: set[str] = set()
    for name, tree in book.trees.items():
        kind = tree.tag.removeprefix(MAIN)
        if kind not in ORDERS:
            continue
        seen.add(kind)
        order = ORDERS[kind].split()
        places = [order.index(child.tag.removeprefix(MAIN)) for child in tree]
        assert places == sorted(places), name
        for element in tree.iter():
            count = element.attrib.get("count")
            assert count is None or int(count) == len(element), (name, element.tag)
    assert seen == set(ORDERS)


def test_every_part_is_declared_and_every_target_is_there(book: Package) -> None:
    content = book.trees["[Content_Types].xml"]
    declared = {one.attrib["PartName"][1:] for one in content if "PartName" in one.attrib}
    parts = {n for n in book.parts if n.endswith(".xml") and n != "[Content_Types].xml"}
    assert declared == parts
    for name in book.parts:
        for _, target in book.relations(name).values():
            assert target in book.parts, (name, target)


def test_cells_are_in_order_and_their_styles_are_there(book: Package) -> None:
    styles = book.trees["xl/styles.xml"]
    formats = len(styles.find(f"{MAIN}cellXfs") or ())
    coloured = len(styles.find(f"{MAIN}dxfs") or ())
    assert coloured == 2
    for part in book.sheets().values():
        last = 0
        for row in book.trees[part].iter(f"{MAIN}row"):
            number = int(row.attrib["r"])
            assert number > last
            last = number
            places = [cell.attrib["r"].removesuffix(str(number)) for cell in row]
            assert places == sorted(places, key=lambda name: (len(name), name))
            assert all(int(cell.attrib.get("s", 0)) < formats for cell in row)
        for rule in book.trees[part].iter(f"{MAIN}cfRule"):
            assert int(rule.attrib["dxfId"]) < coloured


def test_dates_and_numbers_have_the_formats_they_are_meant_to(path: Path, book: Package) -> None:
    sheet = load_workbook(path)["Steps"]
    names = {cell.value: cell.column for cell in sheet[1]}
    shown = {name: sheet.cell(3, at).number_format for name, at in names.items()}
    assert shown["start_time"] == "yyyy-mm-dd hh:mm:ss.000"
    assert shown["duration_ms"] == "#,##0.0##"
    assert sheet.cell(3, names["start_time"]).is_date
    assert sheet.cell(3, names["name"]).quotePrefix
    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref == sheet.dimensions
    assert sheet["A1"].font.b
    rules = [rule for some in sheet.conditional_formatting for rule in some.rules]
    assert [rule.dxf.fill.bgColor.rgb for rule in rules] == ["FFFBE3E1", "FFFFF4CE"]


def test_pivot_tables_say_what_their_records_add_up_to(path: Path, book: Package) -> None:
    opened = load_workbook(path)
    assert {s.title: len(s._pivots) for s in opened if s._pivots} == {
        "By step": 1,
        "By day": 1,
        "By tool": 1,
    }
    for title, source in (("By step", "Steps"), ("By day", "Steps"), ("By tool", "Tool calls")):
        sheet = opened[title]
        (pivot,) = sheet._pivots
        assert pivot.cache.cacheSource.worksheetSource.sheet == source
        names = [field.name for field in pivot.cache.cacheFields]
        place = pivot.rowFields[0].x
        assert (
            names[place] == {"By step": "step_type", "By day": "day", "By tool": "tool_name"}[title]
        )
        shared = [
            item.v if hasattr(item, "v") else None
            for item in pivot.cache.cacheFields[place].sharedItems._fields
        ]
        order = [item.x for item in pivot.pivotFields[place].items if item.x is not None]
        assert sorted(order) == list(range(len(shared)))
        header, *lines, total = [[c.value for c in line] for line in sheet[pivot.location.ref]]
        assert [field.name for field in pivot.dataFields] == header[1:]
        records = [
            [getattr(item, "v", None) for item in record._fields]
            for record in pivot.cache.records.r
        ]
        assert len(records) == pivot.cache.recordCount == len(book.rows(source))
        for index, line in zip(order, lines, strict=True):
            assert line[0] == (shared[index] or "(blank)")
            mine = [record for record in records if record[place] == index]
            assert line[1:] == pytest.approx(sums(pivot, mine), abs=1e-9)
        assert total[0] == "Grand Total"
        assert total[1:] == pytest.approx(sums(pivot, records), abs=1e-9)


def sums(pivot: object, records: list[list[object]]) -> list[float]:
    found: list[float] = []
    for field in pivot.dataFields:  # type: ignore[attr-defined]
        values = [record[field.fld] for record in records if record[field.fld] is not None]
        if field.subtotal == "count":
            found.append(len(values))
        else:
            whole = sum(map(float, values))  # type: ignore[arg-type]
            found.append(whole / len(values) if field.subtotal == "average" else whole)
    return found


def test_a_pivot_tables_source_is_the_sheet(path: Path) -> None:
    """Its fields are the header's cells, its records the rows: so refreshing changes nothing."""
    opened = load_workbook(path)
    for title in ("By step", "By tool"):
        (pivot,) = opened[title]._pivots
        where = pivot.cache.cacheSource.worksheetSource
        header, *lines = [[c.value for c in line] for line in opened[where.sheet][where.ref]]
        assert [field.name for field in pivot.cache.cacheFields] == header
        items = [
            [getattr(item, "v", None) for item in field.sharedItems._fields]
            for field in pivot.cache.cacheFields
        ]
        for record, line in zip(pivot.cache.records.r, lines, strict=True):
            for place, (item, cell) in enumerate(zip(record._fields, line, strict=True)):
                told = getattr(item, "v", None)
                if type(item).__name__ == "Index":
                    told = items[place][told]
                if isinstance(cell, str):
                    assert told.casefold() == cell.casefold()
                else:
                    assert told == cell


def test_charts_are_of_the_statistics(path: Path) -> None:
    sheet = load_workbook(path)["Statistics"]
    titles = [line[0].value for line in sheet.iter_rows() if line[1].value == "calls"]
    assert titles == ["Steps", "Tools", "Days"]
    for title, chart in zip(titles, sheet._charts, strict=True):
        for series in chart.series:
            reference = series.val.numRef.f.partition("!")[2].replace("$", "")
            column = [cell.value for (cell,) in sheet[reference]]
            assert all(isinstance(value, int | float) for value in column), title
            names = series.cat.strRef or series.cat.numRef
            assert names.f.partition("!")[2].startswith("$A$")
