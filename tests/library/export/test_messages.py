"""The table of messages, where only log records carry what was said: from every store, asked for once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from jollyscope.export.choice import Choice
from jollyscope.export.reading import read_rows
from jollyscope.export.tables import SHEETS
from jollyscope.model.records import EventRecord, SpanRecord
from jollyscope.store.api import Table
from tests.cli import records
from tests.conformance.conftest import FACTORIES

S = 1000.0
COUNT = 12


def silent(number: int) -> SpanRecord:
    """A model call that carries no messages itself."""
    return records.span(
        number, number * S, 100, name="chat", step_type="think", trace_id=f"{number:032x}",
        attributes={"gen_ai.operation.name": "chat"},
    )  # fmt: skip


def logs(span: SpanRecord) -> list[EventRecord]:
    on = {"trace_id": span.trace_id, "span_id": span.span_id}
    asked = EventRecord(
        record_id=f"{span.span_id}a", time=span.start_time, name="gen_ai.user.message",
        body={"content": f"天气 {span.span_id}?"}, **on,
    )  # fmt: skip
    told = EventRecord(
        record_id=f"{span.span_id}b", time=span.start_time + 1, name="gen_ai.choice",
        body={"index": 0, "message": {"content": "带伞"}}, **on,
    )  # fmt: skip
    return [asked, told]


@pytest.mark.parametrize("store", sorted(FACTORIES))
def test_logged_messages_of_many_traces_are_asked_for_at_once(store: str, tmp_path: Any) -> None:
    subject = FACTORIES[store](tmp_path)
    spans = [silent(number) for number in range(1, COUNT + 1)]
    unheard = silent(99)
    subject.feed([*spans, unheard, *(log for span in spans for log in logs(span))])
    names = [column.name for column in SHEETS["messages"]]
    asked: list[str] = []
    with subject.store.reader() as reader:
        query = reader.query

        def counted(sql: str, parameters: Sequence[Any] = (), **more: Any) -> Table:
            asked.append(sql)
            return query(sql, parameters, **more)

        reader.query = counted
        chunks = read_rows(reader, subject.store.state, "messages", Choice())
        rows = [dict(zip(names, row, strict=True)) for chunk in chunks for row in chunk]
    subject.close()
    assert sum("dwd_events" in sql for sql in asked) == 1
    found = {
        row["trace_id"]: [(r["position"], r["role"], r["content"]) for r in rows
                          if r["trace_id"] == row["trace_id"]]
        for row in rows
    }  # fmt: skip
    assert {k: sorted(v) for k, v in found.items()} == {
        span.trace_id: [(0, "user", f"天气 {span.span_id}?"), (1, "assistant", "带伞")]
        for span in spans
    }
