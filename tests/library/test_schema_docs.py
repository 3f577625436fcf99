"""docs/schema.md says what every column means, and is up to date."""

from __future__ import annotations

import re

import pytest

from jollyscope.store.api import Reader
from jollyscope.store.lake.store import LakeStore
from tests.library import make_schema_docs as docs


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory):
    with LakeStore(tmp_path_factory.mktemp("home")).reader() as opened:
        yield opened


@pytest.fixture(scope="module")
def page() -> str:
    return docs.PAGE.read_text("utf-8")


def test_the_page_is_up_to_date(reader: Reader, page: str):
    assert docs.render(page, reader) == page, "run python -m tests.library.make_schema_docs"


def test_every_table_and_view_is_on_the_page_once(reader: Reader, page: str):
    assert sorted(docs.named(page)) == docs.tables(reader)
    assert re.findall(r"(?m)^### (\w+)$", page) == docs.named(page)


def test_every_column_has_a_meaning(reader: Reader):
    nameless = [
        f"{table}.{column}"
        for table in docs.tables(reader)
        for column, _ in docs.columns(reader, table)
        if not (docs.meaning(table, column) or ("", ""))[1]
    ]
    assert nameless == []


def test_no_meaning_is_left_without_its_column(reader: Reader):
    held = {table: {c for c, _ in docs.columns(reader, table)} for table in docs.tables(reader)}
    assert set(docs.MEANINGS) <= set(held)
    for table, meanings in docs.MEANINGS.items():
        assert set(meanings) <= held[table], table
    assert set(docs.COMMON) <= set().union(*held.values())


def test_times_and_durations_have_their_units(reader: Reader):
    for table in docs.tables(reader):
        for column, type_ in docs.columns(reader, table):
            unit = (docs.meaning(table, column) or ("", ""))[0]
            assert (unit == "Unix ns") == (
                column == "time" or column.endswith("_time") or column == "minute"
            )
            assert (unit == "ms") == column.endswith("_ms")
            assert not unit or type_ in ("BIGINT", "DOUBLE")


def test_the_example_runs_as_written(reader: Reader, page: str):
    examples = re.findall(r"(?s)```sql\n(.*?)```", page)
    assert examples
    for sql in examples:
        reader.query(sql)
    reader.query("SELECT attributes->>'$.\"http.status_code\"' FROM dwd_spans")
    assert str(reader.query("SELECT make_timestamp_ns(0)").rows[0][0]).startswith("1970-01-01")
