"""Texts that break files: in every format they come back as they are, with anybody's reader."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import msgspec
import openpyxl
import pytest
from google.protobuf.json_format import Parse
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape
from opentelemetry.proto.trace.v1.trace_pb2 import TracesData

from jollyscope.export.forms import Look
from jollyscope.export.tables import SHEETS
from jollyscope.model.records import SpanRecord
from jollyscope.model.wire import decode
from tests.cli import records
from tests.conformance.conftest import Lake
from tests.library.export.reading import (
    SPANS,
    from_csv,
    from_lines,
    from_parquet,
    iso,
    ordered,
    stored,
    written,
)  # fmt: skip

ODD = [
    "=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", "＝1", "'", '"', '""', ",", ";", "\r\n", "\n",
    "\r", "\\", "\\N", "NULL", "null", "nan", "\x00", "\x1b[31m", "\x85", "\ufeff", "\u2028",
    "\u202eabc", "\ufffe", "\U0010ffff", "_x0041_", "]]>", "</t>&amp;", "{", '{"a":1}', "[1", " ", "",
    "北京", "👩‍👩‍👧", "e\u0301", "=HYPERLINK(\"http://x\")", "a" * 300,
]  # fmt: skip
texts = st.lists(
    st.sampled_from(ODD) | st.text(st.characters(exclude_categories=["Cs"]), max_size=4), max_size=4
).map("".join)
FORMULA = tuple("=+-@\t\r\n＝＋－＠")
COLUMNS = list(SHEETS["steps"])
TEXTS = [column.name for column in COLUMNS if column.type == "text"]


def spans(some: list[str]) -> list[SpanRecord]:
    """Each text in every place where a program may write one."""
    return [
        records.span(
            number, number, 1, trace_id=f"{number:032x}", name=text, input=text, output=text,
            session_id=text, user_id=text, service=text, step_type="act", tool_name=text,
            tool_call_id=text, model=text, status="error", error_type=text, error_message=text,
            stack_trace=text, attributes={text: text, "list": [text]}, resource={text: text},
        )
        for number, text in enumerate(some, 1)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hostile")


@settings(
    max_examples=2, deadline=None, database=None, suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)  # fmt: skip
@example(ODD)
@given(st.lists(texts, min_size=15, max_size=30))
def test_every_text_comes_back_from_every_format(folder: Path, some: list[str]) -> None:
    place = folder / f"{len(list(folder.iterdir()))}"
    lake = Lake(place / "home")
    made = spans(some)
    lake.feed(made)
    check_tables(lake, place)
    check_safe_csv(lake, place)
    check_whole(lake, place, made)
    check_workbook(lake, place)
    lake.close()


def check_tables(lake: Lake, place: Path) -> None:
    expected = stored(lake, SPANS, "steps")
    assert ordered(from_parquet(written(lake, place, "a.parquet"), COLUMNS)) == expected
    times = [column.name for column in COLUMNS if column.type == "time"]
    as_text = [row | {name: iso(row[name]) for name in times} for row in expected]
    lines = written(lake, place, "a.jsonl", table="steps").read_bytes()
    assert ordered(from_lines(lines, COLUMNS)) == as_text
    told = ordered(from_csv(written(lake, place, "a.csv").read_bytes(), COLUMNS))
    assert told == [{k: None if v == "" else v for k, v in row.items()} for row in as_text]


def check_safe_csv(lake: Lake, place: Path) -> None:
    """No cell is a formula, and the texts are as they were but for the mark."""
    file = written(lake, place, "safe.csv", look=Look(bom=True, excel_safe=True))
    data = file.read_bytes()
    assert data.startswith(b"\xef\xbb\xbftrace_id,")
    lines = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))
    expected = {row["span_id"]: row for row in stored(lake, SPANS, "steps")}
    assert len(lines) == len(expected)
    for line in lines:
        for name in TEXTS:
            text = expected[line["span_id"]][name] or ""
            assert line[name] == (f"'{text}" if text.startswith(FORMULA) else text)


def check_whole(lake: Lake, place: Path, made: list[SpanRecord]) -> None:
    lines = written(lake, place, "whole.jsonl").read_bytes().split(b"\n")
    assert {one.span_id: one for one in map(decode, filter(None, lines))} == {
        one.span_id: one for one in made
    }
    document: Any = json.loads(written(lake, place, "a.json").read_text("utf-8"))
    names = [span["name"] for one in document for span in one["spans"]]
    assert sorted(names) == sorted(one.name or "" for one in made)
    told = Parse(written(lake, place, "a.otlp.json").read_bytes(), TracesData())
    found = [s for r in told.resource_spans for scope in r.scope_spans for s in scope.spans]
    assert sorted(one.name for one in found) == sorted(one.name or "" for one in made)
    for line in written(lake, place, "a.chat.jsonl").read_text("utf-8").split("\n")[:-1]:
        assert msgspec.json.decode(line) == json.loads(line)


def check_workbook(lake: Lake, place: Path) -> None:
    book = openpyxl.load_workbook(written(lake, place, "a.xlsx"), read_only=True)
    head, *lines = book["Steps"].iter_rows()
    names = [cell.value for cell in head]
    expected = {row["span_id"]: row for row in stored(lake, SPANS, "steps")}
    assert len(lines) == len(expected)
    for line in lines:
        cells = dict(zip(names, line, strict=False))
        assert all(cell.data_type != "f" for cell in line)
        row = expected[cells["span_id"].value]
        for name in ("name", "input", "tool_name", "error_message"):
            assert unescape(cells[name].value or "") == (row[name] or "")
    book.close()


def test_the_last_moment_that_a_record_can_say(folder: Path) -> None:
    """It is a nanosecond past what a timestamp holds."""
    place = folder / "late"
    lake = Lake(place / "home")
    late = msgspec.structs.replace(records.span(1, 0, 1, name="late"), start_time=2**63 - 1)
    lake.feed([late, records.span(2, 0, 1, name="now")])
    rows = from_parquet(written(lake, place, "a.parquet", sort="start_time"), COLUMNS)
    assert [row["start_time"] for row in rows] == [records.START, 2**63 - 2]
    lines = from_lines(written(lake, place, "a.jsonl", table="steps").read_bytes(), COLUMNS)
    assert {line["start_time"] for line in lines} == {iso(2**63 - 1), iso(records.START)}
    lake.close()
