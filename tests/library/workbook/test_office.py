"""LibreOffice opens a workbook, works its pivot tables out anew from the sheets, and saves it again."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from tests.library.workbook.reading import made, written
from tests.library.workbook.test_parts import rows

pytestmark = pytest.mark.skipif(
    shutil.which("soffice") is None, reason="needs LibreOffice (soffice)"
)

HOSTILE = [
    "=1+1",
    "+1",
    "@SUM(A1)",
    "查一下北京 👩‍👩‍👧",
    "bell\x07",
    "_x0041_",
    " a\n\tb ",
    "<&>\"'",
]


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workbook, Workbook]:
    """A workbook, and what LibreOffice makes of it."""
    folder = tmp_path_factory.mktemp("office")
    given = rows()
    messages = [
        made("messages", trace_id="0" * 32, position=n, content=text, time=20_000 * 86_400 * 10**9)
        for n, text in enumerate(HOSTILE)
    ]
    written(folder / "a.xlsx", {**given, "messages": messages})
    subprocess.run(
        ["soffice", f"-env:UserInstallation={(folder / 'home').as_uri()}", "--headless", "--convert-to",
         "xlsx", "--outdir", str(folder / "out"), str(folder / "a.xlsx")],
        check=True, capture_output=True, timeout=300,
    )  # fmt: skip
    return load_workbook(folder / "a.xlsx"), load_workbook(folder / "out" / "a.xlsx")


def test_every_cell_of_the_data_is_kept(saved: tuple[Workbook, Workbook]) -> None:
    ours, theirs = saved
    assert ours.sheetnames == theirs.sheetnames
    for title in ("Executions", "Steps", "Tool calls", "Messages", "Statistics"):
        cells = [
            [[cell.value for cell in line] for line in book[title].iter_rows()] for book in saved
        ]
        assert len(cells[0]) == len(cells[1])
        for mine, other in zip(*cells, strict=True):
            assert [as_read(value) for value in other[: len(mine)]] == pytest.approx(
                [as_read(value) for value in mine], rel=1e-14
            )
    # What begins like a formula is text: openpyxl calls a formula `f`.
    kinds = {cell.data_type for line in theirs["Messages"].iter_rows() for cell in line}
    assert "f" not in kinds


def as_read(value: object) -> object:
    """LibreOffice writes the bell as it wrote it here or not at all; an empty text is none."""
    if isinstance(value, str):
        return value.replace("_x0007_", "\x07").replace("_x005F_", "_") or None
    return value


def test_pivot_tables_are_worked_out_to_the_same(saved: tuple[Workbook, Workbook]) -> None:
    found = []
    for book in saved:
        tables = {}
        for title in ("By step", "By day", "By tool"):
            (pivot,) = book[title]._pivots
            lines = [[cell.value for cell in line] for line in book[title].iter_rows(max_col=7)]
            numbers = [line for line in lines if isinstance(line[1], int | float)]
            # Its words for no value and for the sum of all are its own.
            tables[title] = (
                [field.name for field in pivot.dataFields],
                [field.subtotal for field in pivot.dataFields],
                pivot.cache.cacheSource.worksheetSource.ref,
                {str(line[0]).casefold() for line in numbers}
                - {"(blank)", "(empty)", "grand total", "total result"},
                sorted([round(value or 0, 6) for value in line[1:]] for line in numbers),
            )
        found.append(tables)
    assert found[0] == found[1]


def test_charts_links_and_colours_are_kept(saved: tuple[Workbook, Workbook]) -> None:
    ours, theirs = saved
    assert len(ours["Statistics"]._charts) == len(theirs["Statistics"]._charts) == 3
    for title in ("Executions", "Steps"):
        targets = [
            [cell.hyperlink.location for (cell,) in book[title]["A2:A9"] if cell.hyperlink]
            for book in saved
        ]
        assert len(targets[0]) == 8
        plain = [[t.replace("'", "").removeprefix("#") for t in some] for some in targets]
        assert plain[0] == plain[1]
    rules = [r.formula for some in theirs["Steps"].conditional_formatting for r in some.rules]
    assert rules == [r.formula for s in ours["Steps"].conditional_formatting for r in s.rules]
    assert theirs["Steps"].auto_filter.ref == ours["Steps"].auto_filter.ref
