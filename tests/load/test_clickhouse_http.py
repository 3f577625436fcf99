"""What `make load` puts before ClickHouse's engine answers as the engine does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jollyscope.errors import StoreError
from jollyscope.model.wire import encode
from jollyscope.query.groups import grouped
from jollyscope.query.listing import list_spans, list_traces
from jollyscope.query.scope import Scope
from jollyscope.store.api import Store, open_store
from jollyscope.store.clickhouse.store import ClickHouseStore
from tests.bench.corpus import traces
from tests.clickhouse import address, emptied
from tests.e2e.flink.feeding import COLUMNS
from tests.load.clickhouse_http import HttpDoor

NAME = "library"
"""The database of other tests too: making one takes a second or two."""


@pytest.fixture
def over_http() -> Iterator[Store]:
    client = emptied(NAME)
    lines = [encode(span).decode() for trace in traces(3) for span in trace]
    rows = [[line, "t", 0, at] for at, line in enumerate(lines)]
    client.insert("ods_spans_queue", rows, column_names=COLUMNS)
    door = HttpDoor(Path(address(NAME).folder))
    yield open_store(f"clickhouse://127.0.0.1:{door.port}/{NAME}")
    door.close()


def test_it_answers_as_the_engine(over_http: Store):
    with ClickHouseStore(address(NAME)).reader() as ours, over_http.reader() as theirs:
        assert list_traces(theirs).rows == list_traces(ours).rows
        assert len(list_traces(ours).rows) == 3
        spans = list_spans(ours, limit=100).rows
        assert list_spans(theirs, limit=100).rows == spans
        assert theirs.spans(spans[0].trace_id) == ours.spans(spans[0].trace_id)
        asked = "SELECT ?, count(*) FROM dwd_spans WHERE name <> ?", ["it's \\ 北京", "'; --"]
        assert (
            theirs.query(*asked).rows == ours.query(*asked).rows == [("it's \\ 北京", len(spans))]
        )
        with theirs.answer("SELECT span_id FROM dwd_spans ORDER BY span_id") as answer:
            assert sum(map(len, answer.rows())) == len(spans)


@pytest.mark.parametrize("column", ["cost_usd", "input_tokens", "count", "p95_ms"])
def test_sums_are_sorted_by_any_column(over_http: Store, column: str):
    with over_http.reader() as reader:
        page = grouped(reader, "model", Scope(), sort=column, descending=False)
    values = [getattr(row, column) for row in page.rows]
    assert values == sorted(values)
    assert len(values) == 3


def test_its_errors_are_the_engines(over_http: Store):
    with over_http.reader() as reader, pytest.raises(StoreError, match="no_such"):
        reader.query("SELECT no_such FROM dwd_spans")
