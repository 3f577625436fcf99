"""Tables to files from every store: each cell is the store's, in every format."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from jollyscope.export.asked import Asked
from jollyscope.export.choice import Choice, Order
from jollyscope.export.job import Job, export
from jollyscope.export.piping import export_out
from jollyscope.export.reading import read_rows, row_count, tables
from jollyscope.export.tables import SHEETS, TABLES
from jollyscope.model.records import EventRecord, MetricRecord, SpanRecord
from jollyscope.query.scope import scope
from jollyscope.store.api import Table
from tests.cli import records
from tests.conformance.conftest import FACTORIES, SLOWNESS, Subject
from tests.library.export.reading import (
    NOW,
    SPANS,
    from_csv,
    from_lines,
    from_parquet,
    iso,
    ordered,
    stored,
    written,
)  # fmt: skip
from tests.strategies import spans

STORES = sorted(FACTORIES)
S = 1000.0
COUNT = 12


@pytest.fixture(scope="module", params=STORES)
def subject(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    """Two executions, one of them with an attribute, and a metric."""
    made = FACTORIES[request.param](tmp_path_factory.mktemp("store"))
    first, *others = records.run("00ff" + "0" * 28)
    first.attributes["http.status"] = 500
    first.attributes["a/b~c"] = "=1+1"
    sample = MetricRecord(record_id="m1", name="cpu", time=NOW, type="gauge", value=0.5)
    made.feed([*records.run(), first, *others, sample])
    yield made
    made.close()


@pytest.mark.parametrize("store", STORES)
def test_every_cell_is_the_stores(store: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    drawn = st.lists(
        spans(closed=True), min_size=4, max_size=6, unique_by=lambda s: (s.trace_id, s.span_id)
    )

    @settings(
        max_examples=max(1, 3 // SLOWNESS[store]), deadline=None, database=None,
        suppress_health_check=list(HealthCheck), phases=[Phase.generate],
    )  # fmt: skip
    @given(drawn)
    def holds(some: Any) -> None:
        folder = tmp_path_factory.mktemp("cells")
        made = FACTORIES[store](folder / "home")
        made.feed(some)
        columns = list(SHEETS["steps"])
        expected = stored(made, SPANS, "steps")
        assert len(expected) == len(some)
        assert ordered(from_parquet(written(made, folder, "a.parquet"), columns)) == expected
        times = [c.name for c in columns if c.type == "time"]
        as_text = [row | {name: iso(row[name]) for name in times} for row in expected]
        lines = written(made, folder, "a.jsonl", table="steps").read_bytes()
        assert ordered(from_lines(lines, columns)) == as_text
        told = ordered(from_csv(written(made, folder, "a.csv").read_bytes(), columns))
        # CSV has "" and nothing for an empty text and none; Python's reader takes them as one.
        assert told == [{k: None if v == "" else v for k, v in row.items()} for row in as_text]
        made.close()

    holds()


def test_all_tables_and_their_counts(subject: Subject, tmp_path: Path) -> None:
    folder = written(subject, tmp_path, "out", format="parquet", table="all")
    assert sorted(file.stem for file in folder.iterdir()) == sorted(SHEETS)
    found = {t: from_parquet(folder / f"{t}.parquet", list(SHEETS[t])) for t in SHEETS}
    assert ordered(found["executions"]) == stored(subject, "ads_traces", "executions")
    assert ordered(found["tool_calls"]) == stored(
        subject, "dwd_spans", "tool_calls", "step_type = 'act'"
    )
    assert ordered(found["errors"]) == stored(subject, "dwd_spans", "errors", "status = 'error'")
    assert [(m["record_id"], m["value"], m["time"]) for m in found["metrics"]] == [("m1", 0.5, NOW)]
    said = sorted(found["messages"], key=lambda m: (m["trace_id"], m["position"]))[:7]
    assert [(m["role"], m["kind"]) for m in said][:3] == [
        ("user", "text"), ("assistant", "text"), ("assistant", "tool_call"),
    ]  # fmt: skip
    assert said[2]["content"] == '{"q":"北京 天气"}'
    with subject.store.reader() as reader:
        for table in SHEETS:
            count = row_count(reader, table, Choice())
            assert count in (None, len(found[table])), table


def test_rows_as_python_values_in_chunks(subject: Subject) -> None:
    with subject.store.reader() as reader:
        every = tables(reader, subject.store.state, Choice())
        assert list(every) == list(SHEETS)
        rows = {table: [row for chunk in read() for row in chunk] for table, read in every.items()}
    assert {len(row) for row in rows["steps"]} == {len(SHEETS["steps"])}
    assert sorted(row[0] for row in rows["executions"]) == ["00ff" + "0" * 28, records.TRACE]
    at = [c.name for c in SHEETS["executions"]].index("tools")
    assert rows["executions"][0][at] == ["calendar.add", "search"]


def test_a_filter_picks_rows_of_one_table_and_executions_of_all(
    subject: Subject, tmp_path: Path
) -> None:
    one = written(subject, tmp_path, "one.csv", filter="tool:search", fields="trace,tool")
    assert one.read_bytes().count(b"search\r\n") == 2
    assert len(one.read_bytes().splitlines()) == 3
    both = written(subject, tmp_path, "all", table="all", format="csv", filter="trace:00ff*")
    columns = list(SHEETS["steps"])
    assert len(from_csv((both / "steps.csv").read_bytes(), columns)) == 7
    assert b"7f3a" not in b"".join(file.read_bytes() for file in both.iterdir())


def test_fields_attributes_order_and_limit(subject: Subject, tmp_path: Path) -> None:
    file = written(
        subject, tmp_path, "a.csv", fields="span,attr.http.status,attr.a/b~c,when", sort="-start_time",
        filter="trace:00ff*",
    )  # fmt: skip
    lines = file.read_text("utf-8").splitlines()
    assert lines[0] == "span_id,attr.http.status,attr.a/b~c,start_time"
    starts = [line.rsplit(",", 1)[1] for line in lines[1:]]
    assert starts == sorted(starts, reverse=True)
    assert lines[-1].startswith(("0000000000000001,500,=1+1,", "0000000000000002,"))
    safe = written(
        subject, tmp_path, "b.csv", fields="attr.a/b~c,span", filter="attr.http.status:500",
        look=Asked(output="").look._replace(excel_safe=True, bom=True),
    )  # fmt: skip
    assert safe.read_bytes() == (b"\xef\xbb\xbfattr.a/b~c,span_id\r\n'=1+1,0000000000000001\r\n")
    newest = written(subject, tmp_path, "c.csv", fields="span,when", limit=3)
    assert [line[15] for line in newest.read_text().splitlines()[1:]] == ["7", "7", "6"]


def test_nothing_and_empty_are_told_apart(subject: Subject, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    records_ = [records.span(90, 0, 1, trace_id="ee" * 16, name="n", input="", output=None)]
    subject.feed(records_)
    job = Asked(output=str(file), fields="input,output", filter="trace:ee*").job(NOW)
    with subject.store.reader() as reader:
        export(reader, subject.store.state, job, file)
    assert file.read_bytes() == b'input,output\r\n"",\r\n'


def test_a_pipe_gets_what_a_file_gets(subject: Subject, tmp_path: Path) -> None:
    for name in ("csv", "parquet", "jsonl"):
        wanted = {"format": name, "table": "steps", "sort": "span_id", "fields": "trace,span,input"}
        file = written(subject, tmp_path, f"a.{name}", **wanted)
        out = io.BytesIO()
        with subject.store.reader() as reader:
            done = export_out(
                reader, subject.store.state, Asked(output="-", **wanted).job(NOW), out
            )
        assert out.getvalue() == file.read_bytes()
        assert done.size == len(out.getvalue())


def test_features_look_back_only_and_sessions_stay_together(
    subject: Subject, tmp_path: Path
) -> None:
    file = written(subject, tmp_path, "f.parquet", table="features", filter="trace:00ff*")
    rows = sorted(from_parquet(file, list(TABLES["features"])), key=lambda r: r["position"])
    assert [r["step_type"] for r in rows] == [
        "user_input", "think", "act", "observe", "think", "act", "response",
    ]  # fmt: skip
    assert [r["tokens_before"] for r in rows] == [0, 0, 1077, 1077, 1077, 2154, 2154]
    assert [r["tool_calls_before"] for r in rows] == [0, 0, 0, 1, 1, 1, 2]
    assert [r["errors_before"] for r in rows] == [0, 0, 0, 0, 0, 0, 1]
    assert [r["failed"] for r in rows] == [False] * 5 + [True, False]
    assert [r["gap_ms"] for r in rows][:4] == [None, 0.0, 1100.0, 4020.0]
    assert {(r["split"], r["execution_failed"], r["execution_steps"]) for r in rows} == {
        (rows[0]["split"], True, 7)
    }


def test_a_choice_by_ids(subject: Subject) -> None:
    choice = Choice(traces=(records.TRACE,), order=Order("span_id", descending=False))
    with subject.store.reader() as reader:
        rows = [
            r for chunk in read_rows(reader, subject.store.state, "steps", choice) for r in chunk
        ]
        assert row_count(reader, "steps", choice) == 7
    assert [row[1][-1] for row in rows] == list("1234567")
    assert Job(choice=choice, form=Asked(output="a.csv").job(NOW).form).whole is False
    assert not scope("", now=NOW).narrowed


def silent(number: int) -> SpanRecord:
    """A model call that carries no messages itself."""
    return records.span(
        number, number * S, 100, name="silent", step_type="think", trace_id=f"ff{number:030x}",
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


def test_logged_messages_of_many_traces_are_asked_for_at_once(subject: Subject) -> None:
    spans = [silent(number) for number in range(1, COUNT + 1)]
    subject.feed([*spans, silent(99), *(log for span in spans for log in logs(span))])
    names = [column.name for column in SHEETS["messages"]]
    asked: list[str] = []
    with subject.store.reader() as reader:
        query = reader.query

        def counted(sql: str, parameters: Sequence[Any] = (), **more: Any) -> Table:
            asked.append(sql)
            return query(sql, parameters, **more)

        reader.query = counted
        choice = Choice(scope=scope("name:silent", now=NOW))
        chunks = read_rows(reader, subject.store.state, "messages", choice)
        rows = [dict(zip(names, row, strict=True)) for chunk in chunks for row in chunk]
    assert sum("dwd_events" in sql for sql in asked) == 1
    found = sorted((r["trace_id"], r["position"], r["role"], r["content"]) for r in rows)
    assert found == [
        line
        for span in spans
        for line in (
            (span.trace_id, 0, "user", f"天气 {span.span_id}?"),
            (span.trace_id, 1, "assistant", "带伞"),
        )
    ]
