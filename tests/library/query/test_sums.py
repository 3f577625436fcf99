"""Groups, facets and histograms against the views, and against plain Python under any filter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from statistics import quantiles

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jollyscope.model.records import SpanRecord
from jollyscope.model.wire import encode_lines
from jollyscope.query.facets import FACETS, facets
from jollyscope.query.groups import (
    GROUPINGS,
    ModelRow,
    ServiceRow,
    ToolRow,
    UserRow,
    grouped,
    list_groups,
)
from jollyscope.query.histogram import WIDTHS, histogram
from jollyscope.query.overview import overview, stats, timed
from jollyscope.query.scope import Scope, bounded, scope
from jollyscope.store.api import Reader
from jollyscope.store.lake.store import LakeStore
from jollyscope.transport.spool import SpoolWriter, spool_dir
from tests.plain import trace_row

NOW = 1_800_000_000 * 10**9
S = 10**9


def made() -> list[SpanRecord]:
    """Forty traces over forty minutes, of all that is grouped by; each number has its reason."""
    found: list[SpanRecord] = []
    for n in range(40):
        common = {
            "trace_id": f"{n + 1:032x}",
            "session_id": f"s{n % 5}" if n % 7 else None,
            "user_id": ("ann", "bob", None)[n % 3],
            "service": ("shop", "desk", None)[n % 4 % 3],
        }
        start = NOW - (40 - n) * 60 * S
        failed = {"status": "error", "error_type": ("Timeout", None)[n % 2], "error_message": "no"}
        steps = [
            ("user_input", None, None, 0, 900),
            ("think", None, ("gpt-4o", "claude")[n % 2], 10, 100 + n),
            ("act", ("search", "mail", "calc")[n % 3], None, 120, 50 * (n % 4 + 1)),
            ("act", "search", None, 400, n),
            ("other", None, "gpt-4o" if n % 10 == 0 else None, 500, 5),
        ]
        for number, (step, tool, model, at, ms) in enumerate(steps):
            bad = failed if number == n % 6 else {}
            tokens = {"input_tokens": 10 + n, "output_tokens": 3, "cost_usd": 0.5}
            found.append(
                SpanRecord(
                    span_id=f"{number + 1:016x}",
                    parent_span_id=f"{1:016x}" if number else None,
                    name=step,
                    step_type=step,
                    tool_name=tool,
                    model=model,
                    provider="x" if model == "gpt-4o" else None,
                    start_time=start + at * 1_000_000,
                    end_time=start + (at + ms) * 1_000_000,
                    duration_ms=float(ms),
                    state="closed",
                    input=f"question {n}" if step == "user_input" else None,
                    attributes={"n": n},
                    **common,
                    **(tokens if step == "think" and n % 3 else {}),
                    **bad,
                )
            )
    return found


SPANS = made()
TRACES = [[s for s in SPANS if s.trace_id == f"{n + 1:032x}"] for n in range(40)]
ROWS = [trace_row(spans) for spans in TRACES]


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    home: Path = tmp_path_factory.mktemp("home")
    writer = SpoolWriter(spool_dir(home))
    writer.write("span", encode_lines(SPANS[:150]))
    LakeStore(home).load()
    writer.write("span", encode_lines(SPANS[150:]))
    writer.close()
    with LakeStore(home).reader() as opened:
        yield opened


ALL = Scope(now=NOW)
FILTERS = [
    "",
    "status:error",
    "tool:search",
    "user:ann OR service:desk",
    "-model:gpt-4o",
    "calls.search>1",
    "since:20m until:5m",
    "duration>120ms",
    "attr.n>20 step:act",
    "question",
    "has:session errors>0",
]


@pytest.mark.parametrize(
    ("row", "view", "sort"),
    [(ToolRow, "ads_tools", "call_count"), (ModelRow, "ads_models", "call_count"),
     (UserRow, "ads_users", "trace_count")],
)  # fmt: skip
def test_without_a_filter_they_are_the_views(reader, row, view, sort):
    held = {tuple(d.values()) for d in reader.query(f"SELECT * FROM {view}").dicts()}
    found = list_groups(reader, row, ALL, sort=sort, limit=0).rows
    assert {tuple(getattr(r, f) for f in row.__struct_fields__) for r in found} == held
    assert [getattr(r, sort) for r in found] == sorted(getattr(r, sort) for r in found)[::-1]


@pytest.mark.parametrize("text", FILTERS)
@pytest.mark.parametrize("by", GROUPINGS)
def test_groups_under_a_filter(reader, by, text):
    what, within = GROUPINGS[by], scope(text, now=NOW)
    test = within.filter.trace_predicate(NOW)
    keep: dict[str | None, list] = {}
    if what.target == "traces":
        column = {"user": "user_id", "session": "session_id"}.get(by)
        for row, spans in zip(ROWS, TRACES, strict=True):
            if test(spans):
                keep.setdefault(getattr(row, column) if column else "total", []).append(row)
    else:
        for span in fitting(text):
            counted = {
                "tool": span.step_type == "act" and span.tool_name is not None,
                "model": span.model is not None
                and (span.step_type == "think" or span.input_tokens is not None),
                "error": span.status == "error",
            }
            if counted.get(by, True):
                key = {"step": span.step_type, "tool": span.tool_name, "model": span.model,
                       "service": span.service, "error": span.error_type or "error"}[by]  # fmt: skip
                keep.setdefault(key, []).append(span)
    found = {row.key: row for row in grouped(reader, by, within, limit=0).rows}
    assert set(found) == set(keep)
    for key, rows in keep.items():
        one = found[key]
        assert one.count == len(rows)
        assert one.error_count == sum(r.status == "error" for r in rows)
        assert one.error_share == pytest.approx(one.error_count / one.count)
        times = [r.duration_ms for r in rows]
        assert one.total_ms == pytest.approx(sum(times))
        cuts = quantiles(times, n=100, method="inclusive") if len(times) > 1 else times * 99
        held = (one.p50_ms, one.p95_ms, one.p99_ms)
        assert held == pytest.approx((cuts[49], cuts[94], cuts[98]))
        known = [r.input_tokens for r in rows if r.input_tokens is not None]
        assert one.input_tokens == (sum(known) if known else None)


def fitting(text: str) -> list[SpanRecord]:
    """Spans that a filter keeps; a term about the trace keeps all spans of those that fit."""
    query = scope(text, now=NOW).filter
    if "calls" in text or "errors" in text:
        return [s for spans in TRACES if query.trace_predicate(NOW)(spans) for s in spans]
    return [s for s in SPANS if query.predicate(NOW)(s)]


@pytest.mark.parametrize("text", FILTERS)
def test_facets_of_traces(reader, text):
    test = scope(text, now=NOW).filter.trace_predicate(NOW)
    rows = [row for row, spans in zip(ROWS, TRACES, strict=True) if test(spans)]
    steps = {"u": "user_input", "t": "think", "a": "act", "o": "observe", "r": "response"}
    expected = {
        "status": Counter(r.status for r in rows),
        "user": Counter(r.user_id for r in rows if r.user_id),
        "service": Counter(r.service for r in rows if r.service),
        "tool": Counter(t for r in rows for t in r.tools),
        "model": Counter(m for r in rows for m in r.models),
        "step": Counter(steps[c] for r in rows for c in set(r.step_strip.lower()) & set(steps)),
    }
    found = facets(reader, scope(text, now=NOW), limit=50)
    assert [facet.field for facet in found] == list(FACETS)
    for facet in found:
        assert {v.value: v.count for v in facet.values} == dict(expected[facet.field])
        assert not facet.more


@pytest.mark.parametrize("text", [t for t in FILTERS if "errors" not in t])
def test_facets_of_spans(reader, text):
    spans = fitting(text)
    columns = {"status": "status", "step": "step_type", "tool": "tool_name", "model": "model",
               "user": "user_id", "service": "service"}  # fmt: skip
    for facet in facets(reader, scope(text, now=NOW), of="spans", limit=50):
        held = [getattr(span, columns[facet.field]) for span in spans]
        assert {v.value: v.count for v in facet.values} == dict(Counter(h for h in held if h))


def test_facets_say_that_there_are_more(reader):
    tools = next(f for f in facets(reader, ALL, limit=2) if f.field == "tool")
    assert ([v.value for v in tools.values], tools.more) == (["search", "calc"], True)


stretches = st.tuples(st.integers(0, 45), st.integers(0, 45)).map(sorted)


@given(
    st.sampled_from(FILTERS), stretches, st.integers(2, 90), st.sampled_from(["traces", "spans"])
)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_histograms(reader, text, stretch, cells, of):
    late, early = stretch
    within = Scope(
        filter=scope(text, now=NOW).filter,
        since=NOW - early * 60 * S,
        until=NOW - late * 60 * S if late else None,
        now=NOW,
    )
    until = within.until if within.until is not None else NOW * 2
    if of == "traces":
        test = within.filter.trace_predicate(NOW)
        rows = [r for r, spans in zip(ROWS, TRACES, strict=True) if test(spans)]
    else:
        rows = fitting(text)
    rows = [r for r in rows if within.since <= r.start_time < until]
    found = histogram(reader, within, of=of, cells=cells)
    assert sum(bucket.count for bucket in found.buckets) == len(rows)
    if not rows:
        assert not found.buckets
        return
    assert len(found.buckets) <= cells
    assert found.width in WIDTHS
    first = found.buckets[0].start_time
    for place, bucket in enumerate(found.buckets):
        assert bucket.start_time == first + place * found.width
        assert bucket.end_time - bucket.start_time == found.width
        held = [r for r in rows if bucket.start_time <= r.start_time < bucket.end_time]
        assert bucket.count == len(held)
        assert bucket.error_count == sum(r.status == "error" for r in held)
        assert (bucket.total_ms is None) == (not held)
        costs = [r.cost_usd for r in held if r.cost_usd is not None]
        assert (bucket.cost_usd or 0) == pytest.approx(sum(costs))


def test_a_histogram_of_one_moment(reader):
    found = histogram(reader, scope(f"trace:{1:032x}", now=NOW))
    assert [bucket.count for bucket in found.buckets] == [1]
    assert histogram(reader, scope("tool:nosuch", now=NOW)).buckets == []


def test_widths_are_those_of_a_clock():
    assert list(WIDTHS) == sorted(WIDTHS)
    day = 86400 * S
    assert all(day % width == 0 for width in WIDTHS if S <= width <= day)


def test_an_overview_is_made_of_the_others(reader):
    within = scope("status:error", now=NOW)
    found = overview(reader, within, cells=20, limit=2)
    assert found.total is not None
    assert found.total.count == sum(bucket.count for bucket in found.time.buckets)
    assert found.tools == grouped(reader, "tool", within, limit=2)
    assert overview(reader, scope("tool:nosuch", now=NOW)).total is None


def test_stats_by_time_can_be_sorted(reader):
    rows = stats(reader, "time", ALL, sort="key", descending=False, limit=10).rows
    assert len(rows) <= 10
    assert rows == timed(histogram(reader, ALL, cells=10))
    most = stats(reader, "time", ALL, sort="count", descending=True, limit=10).rows
    assert [r.count for r in most] == sorted((r.count for r in rows), reverse=True)


DEEP = ["question", "attr.n:3", "input:question", "calls.search>1", "has:attr.n", "-question"]


@pytest.mark.parametrize("text", DEEP)
def test_what_reads_all_texts_is_bound_in_time(reader, monkeypatch, text):
    assert not bounded(reader, scope(text, now=NOW)).bound  # a small store
    monkeypatch.setattr("jollyscope.query.scope.BOUND_SPANS", 100)
    monkeypatch.setattr("jollyscope.query.scope.BOUND_NS", 10 * 60 * S)
    found = bounded(reader, scope(text, now=NOW))
    newest = max(span.start_time for span in SPANS)
    assert (found.bound, found.since) == (True, newest - 10 * 60 * S)
    assert "--all looks at all times" in found.told()


@pytest.mark.parametrize(
    ("text", "more"),
    [("", {}), ("status:error", {}), ("tool:search duration>1s", {}), ("question since:1h", {}),
     ("question at:2026-11-20", {}), ("question trace:00", {}), ("session:s1 question", {}),
     ("question", {"since": "3d"}), ("question", {"until": "1m"}), ("question", {"session": "s1"})],
)  # fmt: skip
def test_what_does_not_is_not(reader, monkeypatch, text, more):
    monkeypatch.setattr("jollyscope.query.scope.BOUND_SPANS", 0)
    wanted = scope(text, now=NOW, **more)
    assert bounded(reader, wanted) == wanted


def test_services(reader):
    rows = {r.service: r for r in list_groups(reader, ServiceRow, ALL, sort="service").rows}
    for service in ("shop", "desk"):
        spans = [s for s in SPANS if s.service == service]
        assert rows[service].span_count == len(spans)
        assert rows[service].trace_count == len({s.trace_id for s in spans})
        assert rows[service].error_count == sum(s.status == "error" for s in spans)
    assert set(rows) == {"shop", "desk"}
