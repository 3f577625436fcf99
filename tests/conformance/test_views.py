"""The ADS views, held against the same sums done plainly in Python."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jollyscope.model.records import SpanRecord
from jollyscope.query.listing import (
    SessionRow,
    TraceRow,
    count_rows,
    list_sessions,
    list_spans,
    list_traces,
)
from tests import strategies as s
from tests.conformance.conftest import Maker, Subject
from tests.plain import trace_row

TRACES = [f"{n:032x}" for n in (1, 2, 3)]


def rounded(row: TraceRow) -> TraceRow:
    """Sums of floats depend on the order of adding."""
    cost = row.cost_usd
    return msgspec.structs.replace(
        row,
        duration_ms=pytest.approx(row.duration_ms),
        cost_usd=None if cost is None else pytest.approx(cost),
    )


def nest(data: st.DataObject, records: list[SpanRecord]) -> None:
    """Hang spans below others of their trace, close in time, as doubled calls and cycles are."""
    for record in records:
        below = [r.span_id for r in records if r.trace_id == record.trace_id]
        record.parent_span_id = data.draw(st.sampled_from([record.parent_span_id, *below]))
        if data.draw(st.booleans()):
            record.step_type = data.draw(st.sampled_from(["think", "act", "other"]))
            record.tool_name = data.draw(st.sampled_from([None, "search", "read"]))
            record.status = data.draw(st.sampled_from(["unset", "unset", "error"]))
            record.start_time = data.draw(st.integers(0, 4))
            if record.end_time is not None:
                record.end_time = record.start_time + data.draw(st.integers(0, 4))
                record.duration_ms = (record.end_time - record.start_time) / 1e6


def test_ads_traces(make: Maker):
    @make.examples(60)
    @given(data=st.data())
    def holds(data: st.DataObject):
        subject = make()
        records = data.draw(
            st.lists(
                st.sampled_from(TRACES).flatmap(lambda t: s.spans(trace_id=t)),
                min_size=1,
                max_size=12,
                unique_by=lambda r: r.span_id,
            )
        )
        nest(data, records)
        # In several loads, the last one perhaps still in the spool: ready rows and rows made on the
        # way must be the same.
        cuts = sorted(data.draw(st.lists(st.integers(0, len(records)), max_size=2)))
        load_last = data.draw(st.booleans())
        for low, high in zip([0, *cuts], [*cuts, len(records)], strict=True):
            subject.feed(records[low:high], load=load_last or high < len(records))
        with subject.store.reader(load=False) as reader:
            found = list_traces(reader, limit=10, sort="trace_id", descending=False).rows
        by_trace: dict[str, list[SpanRecord]] = {}
        for record in records:
            by_trace.setdefault(record.trace_id, []).append(record)
        assert found == [rounded(trace_row(by_trace[trace_id])) for trace_id in sorted(by_trace)]

    holds()


def run(trace: int, session: str | None, **fields: Any) -> SpanRecord:
    start = 10**18 + trace * 10**9
    filled = {
        "trace_id": f"{trace:032x}", "span_id": f"{trace:016x}", "session_id": session,
        "step_type": "user_input", "name": f"run {trace}", "input": f"question {trace}",
        "start_time": start, "end_time": start + trace * 10**6, "duration_ms": float(trace),
        "user_id": "ann", "status": "ok", **fields,
    }  # fmt: skip
    return SpanRecord(**filled)


def call(trace: int, number: int, **fields: Any) -> SpanRecord:
    start = 10**18 + trace * 10**9 + number
    filled = {
        "trace_id": f"{trace:032x}", "span_id": f"{trace * 1000 + number:016x}",
        "parent_span_id": f"{trace:016x}", "step_type": "act", "tool_name": "search",
        "start_time": start, "end_time": start + 10**6, "duration_ms": float(number), **fields,
    }  # fmt: skip
    return SpanRecord(**filled)


def test_sessions_add_up_their_traces(subject: Subject):
    subject.feed(
        [run(1, "a", input_tokens=5), run(2, "a", status="error"), run(3, "b"), run(4, None)]
    )
    with subject.store.reader() as reader:
        rows = list_sessions(reader).rows
    assert [(r.session_id, r.trace_count, r.status, r.input) for r in rows] == [
        ("b", 1, "ok", "question 3"),
        ("a", 2, "error", "question 1"),
    ]
    assert rows[1].input_tokens == 5
    assert rows[1].duration_ms == pytest.approx(1000 + 2)
    assert isinstance(rows[0], SessionRow)


def test_tools_models_users_errors_and_pipeline(subject: Subject):
    failed = {"status": "error", "error_type": "TimeoutError", "error_message": "slow"}
    subject.feed(
        [
            run(1, "a"),
            *[call(1, n) for n in range(1, 101)],
            call(1, 200, **failed),
            call(1, 201, step_type="think", model="m", provider="p", input_tokens=7, cost_usd=0.5),
        ]
    )
    with subject.store.reader() as reader:
        tool = reader.query("SELECT * FROM ads_tools").dicts()
        assert len(tool) == 1
        assert (tool[0]["tool_name"], tool[0]["call_count"], tool[0]["error_count"]) == (
            "search",
            101,
            1,
        )
        assert tool[0]["p50_ms"] == pytest.approx(51)
        assert tool[0]["total_ms"] == pytest.approx(5050 + 200)
        model = reader.query(
            "SELECT model, provider, call_count, input_tokens, cost_usd FROM ads_models"
        )
        assert model.rows == [("m", "p", 1, 7, 0.5)]
        user = reader.query(
            "SELECT user_id, session_count, trace_count, failed_count FROM ads_users"
        )
        assert user.rows == [("ann", 1, 1, 0)]
        error = reader.query(
            "SELECT error_type, error_message, error_count, last_trace_id FROM ads_errors"
        )
        assert error.rows == [("TimeoutError", "slow", 1, f"{1:032x}")]
        flow = reader.query("SELECT stage, kind, records FROM ads_pipeline").rows
        assert ("stored", "span", 103) in flow
        minutes = reader.query("SELECT sum(span_count) FROM dws_minutes")
        assert int(minutes.rows[0][0]) == 103


@pytest.mark.parametrize("sort", ["start_time", "duration_ms", "cost_usd", "name", "session_id"])
@pytest.mark.parametrize("descending", [True, False])
def test_paging_shows_every_row_once_in_order(subject: Subject, sort: str, descending: bool):
    subject.feed(
        [
            run(
                n,
                f"s{n % 3}" if n % 4 else None,
                cost_usd=n / 10 if n % 5 else None,
                duration_ms=float(n % 2),
            )
            for n in range(1, 14)
        ]
    )  # fmt: skip
    with subject.store.reader() as reader:
        whole = list_traces(reader, sort=sort, descending=descending, limit=100)
        assert whole.next is None
        assert len(whole.rows) == 13
        paged, after = [], None
        while True:
            page = list_traces(reader, sort=sort, descending=descending, limit=5, after=after)
            paged += page.rows
            after = page.next
            if after is None:
                break
        spans = list_spans(reader, trace_id=f"{5:032x}").rows
    assert paged == whole.rows
    assert [r.name for r in spans] == ["run 5"]


@pytest.mark.parametrize("sort", ["start_time", "duration_ms", "cost_usd"])
@pytest.mark.parametrize("descending", [True, False])
def test_any_place_of_a_list_and_how_much_lies_behind(
    subject: Subject, sort: str, descending: bool
):
    subject.feed(
        run(n, f"s{n}", cost_usd=n / 10 if n % 5 else None, duration_ms=float(n % 2))
        for n in range(1, 14)
    )
    order: dict[str, Any] = {"sort": sort, "descending": descending}
    with subject.store.reader() as reader:
        whole = list_traces(reader, limit=100, gist=True, **order).rows
        assert count_rows(reader, "traces", **order) == len(whole) == 13
        assert count_rows(reader, "sessions") == 13
        for at in (0, 6, 12):
            page = list_traces(reader, limit=3, offset=at, gist=True, **order)
            assert page.rows == whole[at : at + 3]
            assert (page.next is None) == (at + 3 >= 13)
            after = (getattr(whole[at], sort), whole[at].trace_id)
            assert count_rows(reader, "traces", after=after, **order) == 12 - at
            backwards = list_traces(
                reader, limit=2, offset=at, sort=sort, descending=not descending
            )
            assert backwards.rows == whole[::-1][at : at + 2]


def test_a_gist_is_cut_but_not_what_is_sorted_by(subject: Subject):
    subject.feed([run(1, "a", input="明" * 500, output="x" * 500)])
    with subject.store.reader() as reader:
        row = list_traces(reader, gist=True).rows[0]
        assert (row.input, row.output) == ("明" * 200, "x" * 200)
        row = list_traces(reader, gist=True, sort="input").rows[0]
        assert (row.input, row.output) == ("明" * 500, "x" * 200)


def test_time_range_takes_the_start_in_and_leaves_the_end_out(subject: Subject):
    subject.feed([run(n, "a") for n in range(1, 6)])
    with subject.store.reader() as reader:
        page = list_traces(reader, since=10**18 + 2 * 10**9, until=10**18 + 4 * 10**9)
    assert [r.name for r in page.rows] == ["run 3", "run 2"]


@pytest.mark.parametrize(
    "sql",
    [
        "DROP VIEW ads_traces",
        "CREATE TABLE x (y INTEGER)",
        "COPY (SELECT 1) TO 'x.csv'",
        "SELECT 1; SELECT 2",
        "ATTACH 'x.db'",
        "SELECT nonsense FROM ads_traces",
        "not sql at all",
    ],
)
def test_anything_but_one_select_is_refused_in_words(subject: Subject, sql: str):
    from jollyscope.errors import StoreError

    with subject.store.reader() as reader:
        with pytest.raises(StoreError) as caught:
            reader.query(sql)
        assert caught.value.message.endswith(".")
        assert "\n" not in caught.value.message
        assert reader.query("SELECT 1").rows == [(1,)]


def test_row_structs_have_the_views_columns(subject: Subject):
    with subject.store.reader() as reader:
        for view, struct in (("ads_traces", TraceRow), ("ads_sessions", SessionRow)):
            columns = reader.query(f"SELECT * FROM {view}").columns
            assert set(columns) == set(struct.__struct_fields__)
