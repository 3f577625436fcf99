"""What goes in comes out: every field, once, in any order of delivery."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from jollyscope.model.records import EventRecord, MetricRecord, SpanRecord
from tests import strategies as s
from tests.conformance.conftest import Maker, Subject

TRACE = "5b8aa5a2d2c872e8321cf37308d69df2"


def span(span_id: int, **fields: object) -> SpanRecord:
    given_fields = {
        "trace_id": TRACE, "start_time": 1_000, "end_time": 3_000, "duration_ms": 0.002, **fields,
    }  # fmt: skip
    return SpanRecord(span_id=f"{span_id:016x}", **given_fields)  # type: ignore[arg-type]


def opened(record: SpanRecord) -> SpanRecord:
    return msgspec.structs.replace(
        record, state="open", end_time=None, duration_ms=None, status="unset", output=None
    )


def test_a_span_comes_back_equal_in_every_field(make: Maker):
    @make.examples(25)
    @given(
        records=st.lists(
            s.spans(trace_id=TRACE, closed=True), max_size=5, unique_by=lambda r: r.span_id
        )
    )
    def holds(records):
        subject = make()
        subject.feed(records)
        with subject.store.reader() as reader:
            found = reader.spans(TRACE)
        assert found == sorted(records, key=lambda r: (r.start_time, r.span_id))
        # 1 and 1.0 are equal in Python and two types in OTLP.
        assert [repr(r.attributes) for r in found] == [
            repr(r.attributes) for r in sorted(records, key=lambda r: (r.start_time, r.span_id))
        ]

    holds()


def test_any_order_and_any_doubling_gives_one_row_a_span(make: Maker):
    @make.examples(25)
    @given(data=st.data(), loads=st.booleans())
    def holds(data, loads):
        subject = make()
        closed = [span(i, start_time=1_000 + i, end_time=2_000 + i) for i in range(1, 6)]
        deliveries = data.draw(
            st.permutations(closed + closed[:3] + [opened(r) for r in closed] + [opened(closed[0])])
        )
        cut = data.draw(st.integers(0, len(deliveries)))
        subject.feed(deliveries[:cut])
        subject.feed(deliveries[cut:], load=loads)
        with subject.store.reader(load=loads) as reader:
            assert reader.spans(TRACE) == closed
            assert reader.query("SELECT count(*) FROM dwd_spans").rows == [(5,)]
            assert reader.query("SELECT count(*) FROM dwd_open_spans").rows == [(0,)]
            assert reader.query("SELECT span_count FROM ads_traces").rows == [(5,)]

    holds()


def test_a_step_that_runs_is_open_until_its_writer_is_gone(subject: Subject):
    subject.feed([opened(span(1)), span(2)])
    with subject.store.reader() as reader:
        assert [r.state for r in reader.spans(TRACE)] == ["open", "closed"]
        assert reader.query("SELECT state, span_count FROM ads_traces").rows == [("open", 2)]
    subject.writer_dies()
    with subject.store.reader(load=False) as reader:
        unsettled = reader.spans(TRACE)
        assert reader.query("SELECT state, span_count FROM ads_traces").rows == [("interrupted", 2)]
    subject.store.load()
    with subject.store.reader() as reader:
        assert reader.spans(TRACE) == unsettled
        first = unsettled[0]
        assert first.state == "interrupted"
        assert first.end_time is not None
        assert first.end_time >= first.start_time
        assert reader.query("SELECT count(*) FROM dwd_open_spans").rows == [(0,)]
        assert reader.query("SELECT state, span_count FROM ads_traces").rows == [("interrupted", 2)]


def test_a_late_close_takes_an_interrupted_spans_place(subject: Subject):
    subject.feed([opened(span(1)), span(2)])
    subject.writer_dies()
    subject.store.load()
    subject.feed([span(1, output="late")])
    subject.feed([opened(span(1))])
    with subject.store.reader() as reader:
        assert [(r.state, r.output) for r in reader.spans(TRACE)] == [
            ("closed", "late"),
            ("closed", None),
        ]
        assert reader.query("SELECT state, span_count, output FROM ads_traces").rows == [
            ("closed", 2, "late")
        ]


def test_metrics_and_events_come_back_once(make: Maker):
    @make.examples(25)
    @given(
        metrics=st.lists(s.metrics, max_size=4, unique_by=lambda r: r.record_id),
        events=st.lists(s.events, max_size=4, unique_by=lambda r: r.record_id),
        load=st.booleans(),
    )
    def holds(metrics, events, load):
        subject = make()
        subject.feed([*metrics, *events])
        subject.feed([*metrics, *events], load=load)
        with subject.store.reader(load=load) as reader:
            for table, records, kind in (
                ("dwd_metrics", metrics, MetricRecord),
                ("dwd_events", events, EventRecord),
            ):
                rows = reader.query(f"SELECT * FROM {table} ORDER BY record_id").dicts()
                assert [_struct(row, kind) for row in rows] == sorted(
                    records, key=lambda r: r.record_id
                )

    holds()


def _struct(row: dict[str, object], kind: type):
    nested = {"distribution", "attributes", "resource", "scope", "body"}
    filled = {
        name: msgspec.json.decode(value) if name in nested else value  # type: ignore[arg-type]
        for name, value in row.items()
        if value is not None
    }
    return kind(**filled)


def test_find_traces_by_prefix_whether_loaded_running_or_waiting(subject: Subject):
    other = "5b8a" + "0" * 27 + "1"
    subject.feed([span(1)])
    subject.feed([opened(span(2, trace_id=other))], load=False)
    with subject.store.reader(load=False) as reader:
        assert reader.find_traces("5b8a") == [other, TRACE]
        assert reader.find_traces("5b8aa") == [TRACE]
        assert reader.find_traces(other) == [other]
        assert reader.find_traces("ffff") == []
        assert reader.find_traces("5b8a", limit=1) == [other]


def test_an_empty_store_answers(subject: Subject):
    with subject.store.reader() as reader:
        assert reader.spans(TRACE) == []
        assert reader.find_traces("a") == []
        for view in ("ads_traces", "ads_sessions", "ads_tools", "ads_models", "ads_users"):
            assert reader.query(f"SELECT * FROM {view}").rows == []
        assert reader.notes == []
    assert subject.store.info().spans == 0


def test_compaction_changes_no_answer(subject: Subject):
    if not subject.store.capabilities.maintain:
        return
    records = [span(i, start_time=i * 10**15, end_time=i * 10**15 + 5) for i in range(1, 30)]
    for some in range(0, 29, 4):
        subject.feed(records[some : some + 4])
    with subject.store.reader() as before:
        table = before.query("SELECT * FROM ads_traces")
        subject.store.compact()
        # A view taken before goes on with the parts it knows.
        assert before.query("SELECT * FROM ads_traces") == table
        assert before.query("SELECT count(*) FROM dwd_spans").rows == [(29,)]
    with subject.store.reader() as after:
        assert after.query("SELECT * FROM ads_traces") == table
        assert after.spans(TRACE) == records


def test_prune_by_age_drops_what_started_before(subject: Subject):
    if not subject.store.capabilities.maintain:
        return
    day = 86_400 * 10**9
    subject.feed([span(i, start_time=i * day // 2, end_time=i * day // 2 + 7) for i in range(1, 9)])
    assert subject.store.prune(older_than=2 * day) == 3
    with subject.store.reader() as reader:
        assert [r.start_time for r in reader.spans(TRACE)] == [i * day // 2 for i in range(4, 9)]
        assert reader.query("SELECT span_count FROM ads_traces").rows == [(5,)]
    subject.store.prune(max_bytes=0)
    assert subject.store.info().spans == 0
