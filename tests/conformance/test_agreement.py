"""Every question of the query modules, asked of both stores over the same records: equal answers."""

from __future__ import annotations

import random
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from jollyscope.model.records import EventRecord, MetricRecord, Record, SpanRecord
from jollyscope.query.facets import facets
from jollyscope.query.filter import engine, parse
from jollyscope.query.finding import find, traces_of
from jollyscope.query.groups import ModelRow, ServiceRow, ToolRow, UserRow, grouped, list_groups
from jollyscope.query.histogram import histogram
from jollyscope.query.listing import list_sessions, list_spans, list_traces
from jollyscope.query.loading import load_trace
from jollyscope.query.overview import overview
from jollyscope.query.scope import Scope, scope
from jollyscope.store.api import Reader
from tests.conformance.conftest import ClickHouse, Lake
from tests.plain import trace_row

BASE = 1_760_000_000_000_000_000
NOW = BASE + 10**12
TEXTS = [
    None,
    "查一下北京明天的天气",
    "👩‍👩‍👧 family",
    "Timeout in the İstanbul query",
    "nul\x00",
    "",
    "?",
    "it's",
]
VALUES = [
    1,
    1.0,
    -0.0,
    2**63 - 1,
    -(2**63),
    "500",
    "查",
    True,
    None,
    [1, "a"],
    {"@double": "NaN"},
    1e300,
]
KEYS = ["http.status_code", "resource", "scope", "a.b", "键", "links"]


def _span(rng: random.Random, trace: int, number: int) -> SpanRecord:
    start = BASE + trace * 10**9 + rng.randrange(0, 50) * 10**6
    open_ = rng.random() < 0.05
    end = None if open_ else start + rng.randrange(0, 9) * 10**6
    tokens = rng.choice([None, 0, 7, 10**9])
    return SpanRecord(
        trace_id=f"{trace:032x}",
        span_id=f"{trace * 100 + number:016x}",
        parent_span_id=None
        if number == 1
        else f"{trace * 100 + rng.randrange(1, max(2, number)):016x}",
        session_id=rng.choice([None, "a", "b", f"s-{trace % 7}"]),
        user_id=rng.choice([None, "ann", "查"]),
        service=rng.choice([None, "shop", "help"]),
        name=rng.choice(["run", "chat", "nul\x00", "搜索"]),
        kind=rng.choice(["internal", "client"]),
        step_type=rng.choice(["user_input", "think", "think", "act", "act", "observe", "response", "other"]),
        start_time=start,
        end_time=end,
        duration_ms=None if end is None else (end - start) / 1e6,
        state="open" if open_ else "closed",
        status=rng.choice(["unset", "ok", "ok", "error"]),
        error_type=rng.choice([None, "TimeoutError"]),
        error_message=rng.choice(TEXTS),
        input=rng.choice(TEXTS),
        output=rng.choice(TEXTS),
        tool_name=rng.choice([None, "search", "read"]),
        model=rng.choice([None, "gpt-4o", "qwen"]),
        provider=rng.choice([None, "openai"]),
        input_tokens=tokens,
        output_tokens=rng.choice([None, 5, 10**12]),
        cost_usd=rng.choice([None, 0.25, 0.5]),
        attributes={key: rng.choice(VALUES) for key in rng.sample(KEYS, rng.randrange(0, 4))},
        resource={"host.name": rng.choice(["web-1", "查"])},
        scope={"name": "lib", "attributes": {"x": 1.0}},
    )  # fmt: skip


def _records() -> list[Record]:
    rng = random.Random(7)
    spans = [_span(rng, t, n) for t in range(1, 61) for n in range(1, rng.randrange(2, 16))]
    events = [
        EventRecord(record_id=f"e{n}", time=BASE + n, name="gen_ai.user.message", body={"content": "hi"},
                    trace_id=f"{n:032x}", span_id=f"{n * 100 + 1:016x}")
        for n in range(1, 9)
    ]  # fmt: skip
    metrics = [
        MetricRecord(record_id=f"m{n}", name="cpu", time=BASE + n, value=n / 3) for n in range(9)
    ]
    return [*spans, *events, *metrics]


class Both(NamedTuple):
    """The same records in each, delivered in another order, some of them twice."""

    records: list[Record]
    readers: list[Reader]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Generator[Both]:
    records = _records()
    subjects = [Lake(tmp_path_factory.mktemp("lake")), ClickHouse(Path())]
    doubled = records + records[::3]
    for seed, subject in enumerate(subjects):
        mixed = random.Random(seed).sample(doubled, len(doubled))
        for kind in (SpanRecord, EventRecord, MetricRecord):
            some = [record for record in mixed if isinstance(record, kind)]
            subject.feed(some[: len(some) // 2])
            subject.feed(some[len(some) // 2 :])
    readers = [subject.store.reader() for subject in subjects]
    yield Both(records, readers)
    for reader in readers:
        reader.close()
    for subject in subjects:
        subject.close()


def rounded(value: Any) -> Any:
    """Sums of doubles depend on the order of adding."""
    if isinstance(value, float):
        return pytest.approx(value, rel=1e-9, nan_ok=True)
    if isinstance(value, list | tuple):
        return [rounded(item) for item in value]
    if hasattr(value, "__struct_fields__"):
        return [rounded(getattr(value, name)) for name in value.__struct_fields__]
    return value


ALL = Scope(now=NOW)
QUESTIONS: dict[str, Callable[[Reader], Any]] = {
    "traces": lambda r: list_traces(r, limit=100),
    "traces, by cost": lambda r: list_traces(r, sort="cost_usd", limit=100),
    "traces of a time": lambda r: list_traces(r, since=BASE + 9 * 10**9, until=BASE + 30 * 10**9),
    "traces of a session": lambda r: list_traces(r, session_id="a"),
    "spans": lambda r: list_spans(r, limit=1000),
    "spans, longest": lambda r: list_spans(r, sort="duration_ms", limit=20),
    "sessions": lambda r: list_sessions(r, limit=100),
    "tools": lambda r: list_groups(r, ToolRow, ALL, sort="call_count"),
    "models": lambda r: list_groups(r, ModelRow, ALL, sort="call_count"),
    "users": lambda r: list_groups(r, UserRow, ALL, sort="trace_count"),
    "services": lambda r: list_groups(r, ServiceRow, ALL, sort="span_count"),
    "facets of traces": lambda r: facets(r, ALL),
    "facets of spans": lambda r: facets(r, ALL, of="spans"),
    "histogram": lambda r: histogram(r, ALL),
    "histogram of spans": lambda r: histogram(r, scope("status:error", now=NOW), of="spans"),
    "histogram of nothing": lambda r: histogram(r, scope("tool:none", now=NOW)),
    "overview": lambda r: overview(r, ALL),
    "one trace": lambda r: load_trace(r, f"{7:032x}").row,
    "its spans": lambda r: load_trace(r, f"{7:032x}").spans,
    "what was said": lambda r: load_trace(r, f"{3:032x}").said,
    "a span by its prefix": lambda r: find(r, f"{5 * 100 + 1:016x}"),
    "a session": lambda r: find(r, "s-3"),
    "a session's traces": lambda r: traces_of(r, "s-3"),
    **{f"sums by {by}": (lambda r, by=by: grouped(r, by, ALL, limit=0)) for by in
       ("step", "tool", "model", "user", "service", "session", "error", "total")},
    **{table: (lambda r, t=table: sorted(r.query(f"SELECT * FROM {t}").rows, key=repr)) for table in
       ("dwd_metrics", "dwd_events", "ads_tools", "ads_models", "ads_users", "ads_errors", "ads_pipeline",
        "ads_sessions", "dws_minutes")},
}  # fmt: skip


@pytest.mark.parametrize("question", sorted(QUESTIONS))
def test_both_stores_answer_alike(both: Both, question: str):
    lake, clickhouse = (QUESTIONS[question](reader) for reader in both.readers)
    assert rounded(clickhouse) == rounded(lake)


FILTERS = [
    "status:error", "tool:search -user:ann", "duration>5ms", "cost>0.3", "tokens>=1000", '"timeout"',
    "attr.http.status_code:500", "attr.http.status_code>1", "attr.键:查", "has:error", "calls.search>1",
    "name:搜*", "steps>3 OR state:open", "resource.host.name:web*", "input:天气", "session:a",
]  # fmt: skip


@pytest.mark.parametrize("text", FILTERS)
def test_a_filter_finds_the_same_in_both(both: Both, text: str):
    found = []
    for reader in both.readers:
        traces = parse(text).compile("traces", engine(reader), NOW)
        spans = parse(text).compile("spans", engine(reader), NOW)
        found.append(
            (
                [row.trace_id for row in list_traces(reader, where=traces, limit=100).rows],
                [row.span_id for row in list_spans(reader, where=spans, limit=1000).rows],
            )
        )
    assert found[0] == found[1]


def test_rows_of_traces_are_those_done_plainly(both: Both):
    by_trace: dict[str, list[SpanRecord]] = {}
    for record in both.records:
        if isinstance(record, SpanRecord):
            by_trace.setdefault(record.trace_id, []).append(record)
    plain = [rounded(trace_row(spans)) for _, spans in sorted(by_trace.items())]
    for reader in both.readers:
        rows = list_traces(reader, limit=100, sort="trace_id", descending=False).rows
        assert rounded(rows) == plain
