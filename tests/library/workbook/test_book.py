"""Workbooks: every cell, what is too much for a sheet, links, and what the README says of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from jollyscope.errors import JollyScopeError, NotFoundError, UsageError
from jollyscope.export.asked import Asked
from jollyscope.export.job import export
from jollyscope.export.tables import SHEETS, Column
from jollyscope.export.workbook.cells import shortened
from jollyscope.export.workbook.sheet import Limits
from jollyscope.model.records import MetricRecord
from tests.bench.corpus import traces
from tests.cli import records
from tests.conformance.conftest import FACTORIES, SLOWNESS, Lake, Subject
from tests.library.workbook.reading import MAIN, Package, made, written
from tests.strategies import spans

NOW = records.START + 3600 * 10**9
STORES = sorted(FACTORIES)
SPANS = "(SELECT * FROM dwd_spans UNION ALL SELECT * FROM dwd_open_spans)"
DAY_NS = 86_400 * 10**9
HOSTILE = [
    "=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x")', "查一下北京明天的天气", "👩‍👩‍👧 family",
    "nul\x00 bell\x07 esc\x1b", "_x0041_ is no A", "\r\n\t ", " spaces ", "<&>\"'", "12345678901234567890",
    "\ufffe\uffff", "é" * 40_000,
]  # fmt: skip


def exported(subject: Subject, path: Path, **more: Any) -> Package:
    job = Asked(output=str(path), **more).job(NOW)
    with subject.store.reader() as reader:
        export(reader, subject.store.state, job, path)
    return Package(path)


def same(column: Column, cell: Any, stored: Any) -> bool:
    """Whether a cell says what is stored; the one tolerance is a time's, of 2 µs."""
    if stored in (None, "", []):
        return cell is None
    if column.type == "time" and not isinstance(cell, str):
        return abs((cell - 25_569) * DAY_NS - stored) < 2_000 + abs(stored) / 2**51
    if column.type == "json":
        return cell == shortened(stored) or json.loads(cell) == json.loads(stored)
    if column.type == "list":
        return cell == ", ".join(stored)
    if column.type in ("integer", "time"):
        return cell == stored or cell == str(stored)
    return cell == (shortened(stored) if isinstance(stored, str) else stored)


def check_steps(book: Package, subject: Subject) -> int:
    """Every cell of the Steps against the store; how many rows."""
    columns = SHEETS["steps"]
    with subject.store.reader() as reader:
        names = ", ".join(column.name for column in columns)
        stored = reader.query(f"SELECT {names} FROM {SPANS} AS s").dicts()
    cells = {(row["trace_id"], row["span_id"]): row for row in book.rows("Steps")}
    assert len(cells) == len(stored)
    for row in stored:
        shown = cells[row["trace_id"], row["span_id"]]
        for column in columns:
            value, cell = row[column.name], shown.get(column.name)
            assert same(column, cell, value), (column.name, value, cell)
        assert shown["failed"] == (row["status"] == "error")
    return len(stored)


@pytest.mark.parametrize("store", STORES)
def test_every_cell_is_the_stores(store: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    drawn = st.lists(spans(), min_size=8, max_size=12, unique_by=lambda s: (s.trace_id, s.span_id))

    @settings(
        max_examples=max(1, 3 // SLOWNESS[store]), deadline=None, database=None,
        suppress_health_check=list(HealthCheck), phases=[Phase.generate],
    )  # fmt: skip
    @given(drawn)
    def holds(some: Any) -> None:
        folder = tmp_path_factory.mktemp("cells")
        subject = FACTORIES[store](folder / "home")
        subject.feed(some)
        assert check_steps(exported(subject, folder / "a.xlsx"), subject) == len(some)
        subject.close()

    holds()


@pytest.mark.parametrize("store", STORES)
def test_hostile_texts_are_texts(store: str, tmp_path: Path) -> None:
    subject = FACTORIES[store](tmp_path / "home")
    subject.feed(
        records.span(
            n + 1,
            n,
            1,
            name=text[:50],
            tool_name=text[:300],
            step_type="act",
            input=text,
            output=text,
        )
        for n, text in enumerate(HOSTILE)
    )
    book = exported(subject, tmp_path / "a.xlsx")
    assert check_steps(book, subject) == len(HOSTILE)
    assert not any(
        b"<f>" in data or b"<f " in data for n, data in book.parts.items() if "worksheets" in n
    )
    assert {row["input"] for row in book.rows("Tool calls")} == set(map(shortened, HOSTILE))
    subject.close()


def test_ten_thousand_rows(tmp_path: Path) -> None:
    subject = Lake(tmp_path / "home")
    subject.feed(span for trace in traces(500, seed=3) for span in trace)
    book = exported(subject, tmp_path / "a.xlsx")
    assert check_steps(book, subject) == 500 * 20
    assert len(book.rows("Executions")) == 500
    subject.close()


def step(number: int, **more: Any) -> Any:
    given = {"status": "ok", "step_type": "act", "tool_name": "search", "duration_ms": 1.5}
    values = {"trace_id": f"{number // 3:032x}", "span_id": f"{number:016x}", "start_time": NOW}
    return made("steps", **(values | given | more))


def test_what_a_sheet_has_no_room_for_goes_on_in_the_next(tmp_path: Path) -> None:
    steps = [step(n) for n in range(25)]
    runs = [made("executions", trace_id=f"{n:032x}", start_time=NOW) for n in range(9)]
    book = written(
        tmp_path / "a.xlsx", {"steps": steps, "executions": runs}, limits=Limits(rows=11, links=100)
    )
    sheets = [title for title in book.sheets() if title.startswith("Steps")]
    assert sheets == ["Steps", "Steps (2)", "Steps (3)"]
    rows = [book.rows(title) for title in sheets]
    assert [len(some) for some in rows] == [10, 10, 5]
    assert [row["span_id"] for some in rows for row in some] == [f"{n:016x}" for n in range(25)]
    assert "Steps has more rows than a sheet holds: its 25 go on to Steps (3)." in book.text()
    assert "the first; Statistics has all rows" in book.text()
    links = dict(links_of(book, "Executions"))
    assert links["A2"] == "'Steps'!A2"
    assert links["A6"] == "'Steps (2)'!A4"  # Trace 4 begins with step 12.
    by_bytes = written(tmp_path / "b.xlsx", {"steps": steps * 2}, limits=Limits(octets=100))
    assert "Steps (2)" not in by_bytes.sheets()  # One chunk is never torn apart by its bytes.


def links_of(book: Package, title: str) -> list[tuple[str, str]]:
    tree = book.trees[book.sheets()[title]]
    return [(x.attrib["ref"], x.attrib["location"]) for x in tree.iter(f"{MAIN}hyperlink")]


def test_trace_ids_lead_to_the_other_sheet(tmp_path: Path) -> None:
    steps = [step(n) for n in range(9)]
    runs = [made("executions", trace_id=f"{n:032x}", start_time=NOW) for n in (2, 0, 1)]
    errors = [made("errors", trace_id=f"{1:032x}"), made("errors", trace_id="f" * 32)]
    book = written(tmp_path / "a.xlsx", {"steps": steps, "executions": runs, "errors": errors})
    rows = {title: book.rows(title) for title in ("Executions", "Steps")}
    for title, other in (("Executions", "Steps"), ("Steps", "Executions")):
        links = links_of(book, title)
        assert len(links) == len(rows[title])
        for ref, location in links:
            sheet, _, cell = location.partition("!")
            assert sheet == f"'{other}'"
            here, there = rows[title][int(ref[1:]) - 2], rows[other][int(cell[1:]) - 2]
            assert here["trace_id"] == there["trace_id"]
    assert [location for _, location in links_of(book, "Errors")] == ["'Executions'!A4"]


def test_links_end_where_excel_bears_no_more(tmp_path: Path) -> None:
    runs = [made("executions", trace_id=f"{n:032x}", start_time=NOW) for n in range(8)]
    chunk = [step(n) for n in range(24)]
    book = written(
        tmp_path / "a.xlsx", {"steps": chunk, "executions": runs}, limits=Limits(links=10)
    )
    assert links_of(book, "Steps") == []
    assert len(links_of(book, "Executions")) == 8


def test_cut_texts_stand_whole_beside_on_request(tmp_path: Path) -> None:
    long = "文" * 1_000_000
    steps = [step(1), step(2, input=long, output="short")]
    book = written(tmp_path / "a.xlsx", {"steps": steps}, whole_texts=True)
    assert book.rows("Steps")[1]["input"] == shortened(long)
    assert "Longer texts are cut, and say so: 1 on Steps." in book.text()
    (line,) = (tmp_path / "a.xlsx.texts.jsonl").read_text().splitlines()
    assert json.loads(line) == {"sheet": "Steps", "row": 3, "column": "input", "text": long}
    written(tmp_path / "b.xlsx", {"steps": steps})
    assert not (tmp_path / "b.xlsx.texts.jsonl").exists()


def test_the_readme_says_what_it_is(tmp_path: Path) -> None:
    book = written(tmp_path / "a.xlsx", {"steps": [step(1)]})
    assert list(book.sheets()) == [
        "README", "Executions", "Steps", "Tool calls", "Messages", "Errors", "Metrics", "Statistics",
        "By step", "By day",
    ]  # fmt: skip
    text = book.text()
    assert "status:error" in text
    for table, columns in SHEETS.items():
        assert table.replace("_", " ").capitalize() in text
        assert all(column.name in text for column in columns)


def test_nothing_stored_is_a_workbook_too(tmp_path: Path) -> None:
    book = written(tmp_path / "a.xlsx", {})
    assert "There are no steps, and so no pivot tables." in book.text()
    assert not any("pivot" in name for name in book.parts)
    assert [book.rows(title) for title in ("Executions", "Steps", "Metrics")] == [[], [], []]


def test_metrics_alone_are_no_match(tmp_path: Path) -> None:
    subject = Lake(tmp_path / "home")
    sample = MetricRecord(record_id="m1", name="cpu", time=NOW, type="gauge", value=0.5)
    subject.feed([*records.run(), sample])
    with pytest.raises(NotFoundError):
        exported(subject, tmp_path / "a.xlsx", filter="nowhere", empty=False)
    assert not (tmp_path / "a.xlsx").exists()
    book = exported(subject, tmp_path / "a.xlsx", filter="calendar", empty=False)
    assert [row["value"] for row in book.rows("Metrics")] == [0.5]
    assert len(book.rows("Steps")) == 7
    subject.close()


def test_an_export_that_fails_leaves_nothing(tmp_path: Path) -> None:
    subject = Lake(tmp_path / "home")
    subject.feed(records.run())
    before = tmp_path / "a.xlsx"
    before.write_text("what was there")
    job = Asked(output=str(before)).job(NOW)

    def stop(*_: int) -> None:
        raise KeyboardInterrupt

    with subject.store.reader() as reader, pytest.raises(KeyboardInterrupt):
        export(reader, subject.store.state, job, before, stop)
    assert before.read_text() == "what was there"
    assert [p.name for p in tmp_path.iterdir() if p.name != "home"] == ["a.xlsx"]
    with pytest.raises(UsageError):
        Asked(output="a.xlsx", fields="name").job(NOW)
    with (
        subject.store.reader() as reader,
        pytest.raises(JollyScopeError, match="cannot be written"),
    ):
        export(reader, subject.store.state, job, tmp_path / "no" / "folder" / "a.xlsx")
    subject.close()
