"""Looking through less changes no answer: windows of time, promised ranges, pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from jollyscope.model.records import SpanRecord
from jollyscope.query.filter import Condition
from jollyscope.query.listing import Page, list_spans, list_traces
from jollyscope.store.api import Reader
from tests.conformance.conftest import Maker, Subject

BASE = 1_760_000_000_000_000_000
moments = st.integers(0, 12).map(lambda n: BASE + n)
bounds = st.none() | moments


@st.composite
def stores(draw: st.DrawFn) -> list[list[SpanRecord]]:
    """Loads of spans: few moments, so that many start alike; few traces, spread over the loads;
    some never end.
    """
    count = draw(st.integers(0, 18))
    found = []
    for number in range(count):
        start = draw(moments)
        open_ = draw(st.integers(0, 5)) == 0
        found.append(
            SpanRecord(
                trace_id=f"{draw(st.integers(1, 5)):032x}",
                span_id=f"{number + 1:016x}",
                name=f"span {number}",
                start_time=start,
                end_time=None if open_ else start + draw(st.integers(0, 20)),
                duration_ms=None if open_ else float(number % 3),
                state="open" if open_ else "closed",
                status=draw(st.sampled_from(["ok", "error"])),
                input="x" * 300,
            )
        )
    cuts = sorted(draw(st.lists(st.integers(0, count), max_size=3)))
    return [found[low:high] for low, high in zip([0, *cuts], [*cuts, count], strict=True)]


def fill(subject: Subject, loads: list[list[SpanRecord]], load_last: bool) -> None:
    for number, records in enumerate(loads, 1):
        subject.feed(records, load=load_last or number < len(loads))


def walk(ask: Callable[..., Page[Any]], **options: Any) -> list[Any]:
    """All pages of a list."""
    rows: list[Any] = []
    page = ask(**options)
    while True:
        assert len(page.rows) <= options["limit"]
        rows += page.rows
        if page.next is None:
            return rows
        page = ask(**options, after=page.next)


CONDITIONS = [
    None,
    Condition("status = ?", ["error"]),
    Condition(
        "trace_id IN (SELECT trace_id FROM (SELECT * FROM dwd_spans UNION ALL SELECT * FROM "
        "dwd_open_spans) AS s WHERE s.name = ?)",
        ["span 3"],
    ),
    Condition("trace_id IN (SELECT trace_id FROM ads_traces WHERE status = ?)", ["error"]),
]


def test_a_list_by_windows_is_the_list(make: Maker):
    @make.examples(25)
    @given(
        loads=stores(),
        load_last=st.booleans(),
        cuts=st.lists(moments, max_size=4, unique=True).map(
            lambda found: sorted(found, reverse=True)
        ),
        since=bounds,
        until=bounds,
        limit=st.integers(1, 7),
        where=st.sampled_from(CONDITIONS),
    )
    def holds(loads, load_last, cuts, since, until, limit, where):
        subject = make()
        fill(subject, loads, load_last)
        spans = [span for load in loads for span in load]
        failed = {s.trace_id for s in spans if s.status == "error"}
        with subject.store.reader(load=False) as reader:
            windowed = Windowed(reader, cuts)
            options: dict[str, Any] = {"since": since, "until": until, "where": where}
            for ask, key in ((list_spans, "span_id"), (list_traces, "trace_id")):
                # Sorted otherwise, the whole is asked for at once.
                every = ask(reader, **options, limit=100, sort=key).rows
                wanted = sorted(
                    every, key=lambda r, key=key: (r.start_time, getattr(r, key)), reverse=True
                )
                assert (
                    walk(lambda ask=ask, **o: ask(windowed, **o), limit=limit, **options) == wanted
                )
            assert [s.span_id for s in list_spans(windowed, limit=100).rows] == [
                s.span_id
                for s in sorted(spans, key=lambda s: (s.start_time, s.span_id), reverse=True)
            ]
            found = list_spans(windowed, limit=100, where=CONDITIONS[1]).rows
            assert {s.trace_id for s in found} == failed

    holds()


class Windowed:
    """A reader that cuts time at given moments."""

    def __init__(self, reader: Reader, cuts: list[int]) -> None:
        self.reader = reader
        self.windows = lambda: cuts

    def __getattr__(self, name: str) -> Any:
        return getattr(self.reader, name)


STATEMENTS = [
    "SELECT * FROM ads_traces WHERE {range} ORDER BY trace_id",
    "SELECT trace_id, span_id, start_time FROM dwd_spans WHERE {range} ORDER BY span_id",
    "SELECT count(*), sum(duration_ms) FROM dwd_spans WHERE {range}",
    "SELECT t.trace_id, count(*) FROM (SELECT * FROM ads_traces WHERE {range}) AS t "
    "INNER JOIN (SELECT * FROM dwd_spans WHERE {range}) AS s ON s.trace_id = t.trace_id "
    "GROUP BY t.trace_id ORDER BY t.trace_id",
]


def test_a_promised_range_changes_no_answer(make: Maker):
    @make.examples(25)
    @given(
        loads=stores(),
        load_last=st.booleans(),
        ranges=st.lists(st.tuples(moments, moments), min_size=1, max_size=3),
        compacted=st.booleans(),
    )
    def holds(loads, load_last, ranges, compacted):
        subject = make()
        fill(subject, loads, load_last)
        if compacted and subject.store.capabilities.maintain:
            subject.store.compact()
        with subject.store.reader(load=False) as reader:
            sessions = reader.query("SELECT * FROM ads_tools")
            for since, until in ranges:
                text = f"start_time >= {since} AND start_time < {until}"
                for sql in (statement.format(range=text) for statement in STATEMENTS):
                    assert reader.query(sql, since=since, until=until) == reader.query(sql)
                    assert reader.query(sql, since=since) == reader.query(sql)
            # What is not of a time is whole, whatever was promised.
            assert reader.query("SELECT * FROM ads_tools", since=BASE + 99) == sessions

    holds()


def test_a_range_of_a_time_when_nothing_was(subject: Subject):
    subject.feed([SpanRecord(trace_id="1" * 32, span_id="a" * 16, start_time=BASE, end_time=BASE)])
    for load in (True, False):
        subject.feed([], load=load)
        with subject.store.reader(load=False) as reader:
            for table in ("ads_traces", "dwd_spans"):
                sql = f"SELECT count(*) FROM {table} WHERE start_time < 5"
                assert reader.query(sql, until=5).rows == [(0,)]
                assert reader.query(f"SELECT count(*) FROM {table}").rows == [(1,)]


def test_a_trace_that_a_later_part_continues_is_whole_in_its_window(subject: Subject):
    first = SpanRecord(trace_id="1" * 32, span_id="a" * 16, start_time=BASE, end_time=BASE + 1)
    later = SpanRecord(
        trace_id="1" * 32, span_id="b" * 16, start_time=BASE + 100, end_time=BASE + 200
    )
    other = SpanRecord(
        trace_id="2" * 32, span_id="c" * 16, start_time=BASE + 50, end_time=BASE + 60
    )
    for record in (first, later, other):
        subject.feed([record])
    sql = "SELECT trace_id, span_count FROM ads_traces WHERE start_time < ? ORDER BY trace_id"
    with subject.store.reader() as reader:
        assert reader.query(sql, [BASE + 1], until=BASE + 1).rows == [("1" * 32, 2)]
        assert list_traces(Windowed(reader, [BASE + 50]), limit=1).rows[0].trace_id == "2" * 32
