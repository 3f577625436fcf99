"""What filters mean, on runs made for it, in a real lake; and the same of Python."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from jollyscope.model.records import SpanRecord
from jollyscope.query.filter import DUCKDB, FilterError, parse
from jollyscope.query.filter.patterns import fold
from jollyscope.store.api import Reader
from tests.conformance.conftest import Lake
from tests.library.filter.data import NOW
from tests.library.filter.engines import SOURCE, Click, Duck, ask
from tests.library.filter.test_equal import by_trace

SECOND = 10**9


def span(trace: int, number: int, **fields: Any) -> SpanRecord:
    start = NOW - 3600 * SECOND + trace * SECOND + number * 10**6
    filled = {
        "trace_id": f"{trace:032x}", "span_id": f"{trace * 256 + number:016x}",
        "parent_span_id": f"{trace * 256:016x}" if number else None, "start_time": start,
        "end_time": start + 10**6, "duration_ms": 1.0, "name": "work", **fields,
    }  # fmt: skip
    return SpanRecord(**filled)


def call(trace: int, number: int, tool: str | None = "search", **fields: Any) -> SpanRecord:
    return span(trace, number, **{"step_type": "act", "tool_name": tool, **fields})


RECORDS = [
    # 1: four searches, failed; its duration is the root's
    span(1, 0, name="run", step_type="user_input", status="error", user_id="ann", session_id="s1",
         input="Wetter in İstanbul?", duration_ms=9000.0, end_time=NOW - 3590 * SECOND),
    *[call(1, n) for n in range(1, 5)],
    call(1, 5, "read", status="error", error_type="TimeoutError", error_message="took 100% of_it"),
    # 2: four searches recorded twice each, once through a span between; good
    span(2, 0, name="run", status="ok", user_id="Ann", session_id="s1", input="ΟΔΟΣ",
         output="οδος"),
    call(2, 1), call(2, 2, parent_span_id=f"{2 * 256 + 1:016x}"),
    call(2, 3), span(2, 4, parent_span_id=f"{2 * 256 + 3:016x}"),
    call(2, 5, parent_span_id=f"{2 * 256 + 4:016x}"),
    # 3: a model call with everything
    span(3, 0, step_type="think", model="gpt-4o", provider="openai", input_tokens=900,
         output_tokens=700, cost_usd=0.06, cached_tokens=2**53 + 1,
         output="Straße nach 北京 👩‍👩‍👧", session_id="s2",
         attributes={"http.status_code": 500, "note": "500", "x": {"@double": "Infinity"},
                     "tags": ["a", 7, True], "gone": None, "big": 2**63 - 1, "flag": False, "half": 0.5},
         resource={"host.name": "web-1"}),
    # 4: nothing is known of it, and it runs
    span(4, 0, state="open", end_time=None, duration_ms=None),
]  # fmt: skip


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    subject = Lake(tmp_path_factory.mktemp("store"))
    subject.feed(RECORDS)
    with subject.store.reader() as found:
        yield found
    subject.writer.close()
    subject.store.close()


def numbers(ids: list[str]) -> list[int]:
    return [int(trace_id, 16) for trace_id in ids]


def found(reader: Reader, text: str, target: Any) -> list[str]:
    key, source = SOURCE[target]
    condition = parse(text).compile(target, DUCKDB, NOW)
    table = reader.query(
        f"SELECT {key} FROM {source} WHERE {condition.sql} ORDER BY {key}", condition.parameters
    )
    return [row[0] for row in table.rows]


TRACES = [
    ("", [1, 2, 3, 4]),
    ("calls.search>3", [1]),
    ("calls.search>3 status:error at:2026-11-20", [1]),
    ("calls.search:2", [2]),
    ("calls.*:5", [1]),
    ("calls.search:0", [3, 4]),
    ("-calls.search:0", [1, 2]),
    ("calls.search<3", [2, 3, 4]),
    ("tools:2", [2]),
    ("tool:search", [1, 2]),
    ("tool:Search", []),
    ("tool:s*,read", [1, 2]),
    ("tool:search tool:read", [1]),
    ("-tool:search", [3, 4]),
    ("tool!=read", [2, 3, 4]),
    ("tool:*", [1, 2]),
    ("has:tool,model", [1, 2, 3]),
    ("user:ann", [1]),
    ("user:?nn", [1, 2]),
    ("-user:ann", [2, 3, 4]),
    ("name:run", [1, 2]),
    ("status:error", [1]),
    ("status:error,unset", [1, 3, 4]),
    ("error:timeout", [1]),
    ("error=timeout", []),
    ("error=TimeoutError", [1]),
    ('error:"100% OF_"', [1]),
    ('error:"1%"', []),
    ("has:error", [1]),
    ("errors:2", [1]),
    ("duration>=9s", [1]),
    ("duration>2h", []),
    ("-duration>=9s", [2, 3, 4]),
    ("tokens>=1.6k", [3]),
    ("tokens:1600", [3]),
    ("-tokens:1600", [1, 2, 4]),
    ("cost>$0.05", [3]),
    ("has:cost", [3]),
    ("cached_tokens:9007199254740993", [3]),
    ("cached_tokens>9007199254740992", [3]),
    ("cached_tokens:9007199254740992", []),
    ("state:open", [4]),
    ("step:think", [3]),
    ("provider:openai model:gpt*", [3]),
    ("istanbul", [1]),
    ("ISTANBUL", [1]),
    ("İSTANBUL", [1]),
    ("οδος", [2]),
    ("ΟΔΟΣ", [2]),
    ("οδοσ", [2]),
    ("output:ΟΔΟΣ", [2]),
    ("STRAßE", [3]),
    ("strasse", []),
    ("北京", [3]),
    ("👩‍👩‍👧", [3]),
    ('"nach ??" output:*', []),
    ("nach\\ ?? output:*", [3]),
    ("stra*北", [3]),
    ("attr.http.status_code:500", [3]),
    ("attr.note:500", [3]),
    ('attr.http.status_code:"500"', []),
    ('attr.note:"500"', [3]),
    ("attr.http.status_code:5*", [3]),
    ("attr.http.status_code:500.0", [3]),
    ("attr.http.status_code>499", [3]),
    ("attr.note>5", []),
    ("attr.http.status_code:400..499,500..599", [3]),
    ("attr.x>5", [3]),
    ("attr.x<5", []),
    ("attr.x:Infinity", [3]),
    ("attr.big:9223372036854775807", [3]),
    ("attr.big>9223372036854775806", [3]),
    ("attr.big:9223372036854775806", []),
    ("attr.big<1e30", [3]),
    ("attr.tags:a", [3]),
    ("attr.tags:7", [3]),
    ("attr.tags:true", [3]),
    ("attr.tags>8", []),
    ("attr.flag:FALSE", [3]),
    ('attr.flag:"false"', []),
    ("attr.half:.5", [3]),
    ("has:attr.gone", []),
    ("has:attr.half", [3]),
    ("-has:attr.half", [1, 2, 4]),
    ("resource.host.name:web-*", [3]),
    ("attr.host.name:*", []),
    ("trace:0", [1, 2, 3, 4]),
    (f"trace:{3:032x}", [3]),
    (f"span:{3 * 256:016X}", [3]),
    ("has:parent", [1, 2]),
    ("since:3599s", [1, 2, 3, 4]),
    ("until:3599s", []),
    ("tool:read OR model:gpt-4o", [1, 3]),
    ("-(tool:read OR model:gpt-4o)", [2, 4]),
    ("tool:search -status:error", [2]),
    ("error:timeout OR output:北京 OR state:open", [1, 3, 4]),
]


@pytest.mark.parametrize(("text", "traces"), TRACES)
def test_traces(reader: Reader, text: str, traces: list[int]):
    assert numbers(found(reader, text, "traces")) == traces
    matches = parse(text).trace_predicate(NOW)
    whole = by_trace(RECORDS)
    assert [int(t, 16) for t, spans in sorted(whole.items()) if matches(spans)] == traces


def test_no_spans_match_nothing():
    assert not parse("").trace_predicate(NOW)([])
    assert not parse("-tool:x").trace_predicate(NOW)([])


SPANS = [
    ("tool:read", [(1, 5)]),
    ("tool:search trace:" + f"{2:032x}", [(2, 1), (2, 2), (2, 3), (2, 5)]),
    ("timeout", [(1, 5)]),
    ("-timeout status:error", [(1, 0)]),
    ("calls.search>3 status:error", [(1, 0), (1, 5)]),
    ("errors>1 -tool:*", [(1, 0)]),
    ("attr.tags:a", [(3, 0)]),
    ("has:error", [(1, 0), (1, 5)]),
    ("state:open", [(4, 0)]),
    ("duration>1s", [(1, 0)]),
    ("-duration:0.. ", [(4, 0)]),
]


@pytest.mark.parametrize(("text", "spans"), SPANS)
def test_spans(reader: Reader, text: str, spans: list[tuple[int, int]]):
    wanted = [f"{trace * 256 + number:016x}" for trace, number in spans]
    assert found(reader, text, "spans") == wanted
    try:
        holds = parse(text).predicate(NOW)
    except FilterError:
        assert "calls" in text or "errors" in text
    else:
        assert sorted(r.span_id for r in RECORDS if holds(r)) == wanted


SESSIONS = [
    ("", ["s1", "s2"]),
    ("tool:search", ["s1"]),
    ("tool:read user:Ann", []),
    ("spans:12", ["s1"]),
    ("calls.search>3", ["s1"]),
    ("北京", ["s2"]),
    ("-attr.tags:a", ["s1"]),
    ("tokens>1k OR trace:" + f"{1:032x}", ["s1", "s2"]),
    ("session:s?", ["s1", "s2"]),
    ("status:ok since:2h", ["s1"]),
]


@pytest.mark.parametrize(("text", "sessions"), SESSIONS)
def test_sessions(reader: Reader, text: str, sessions: list[str]):
    assert found(reader, text, "sessions") == sessions


@pytest.mark.parametrize("text", ["errors>0", "a steps:3", "-calls.search>3", "has:tools"])
def test_a_stream_of_spans_says_what_it_cannot_tell(text: str):
    with pytest.raises(FilterError) as caught:
        parse(text).predicate(NOW)
    error = caught.value
    name = next(n for n in ("errors", "steps", "calls.search", "tools") if n in text)
    assert error.message.startswith(f"`{name}` is about a whole trace")
    assert error.text == text
    assert name in text[error.at : error.at + error.length]


def test_narrower_bounds_change_nothing_that_they_let_through(reader: Reader):
    since = NOW - 3599 * SECOND
    for text in (
        "error:timeout",
        "calls.search>3",
        "-calls.search:0",
        "timeout OR 北京",
        "-timeout",
    ):
        for target in ("traces", "sessions"):
            wide = parse(text).compile(target, DUCKDB, NOW)
            narrow = parse(text).compile(target, DUCKDB, NOW, since=since)
            key, source = SOURCE[target]
            ids = [
                reader.query(
                    f"SELECT {key} FROM {source} WHERE start_time >= ? AND ({c.sql}) ORDER BY {key}",
                    [since, *c.parameters],
                ).rows
                for c in (wide, narrow)
            ]
            assert ids[0] == ids[1]


def test_numbers_beyond_64_bits(duck: Duck, click: Click):
    most = 2**63 - 1
    duck.fill([span(1, 0, input_tokens=most, output_tokens=most), span(2, 0, input_tokens=most)])
    records = [span(1, 0, input_tokens=most, output_tokens=most), span(2, 0, input_tokens=most)]
    click.fill(records, duck)
    for text, traces in {
        f"tokens:{2 * most}": [1],
        f"tokens>{most}": [1],
        f"tokens:{most}": [2],
        "tokens>1e30": [],
        "tokens<1e39": [1, 2],
        "input_tokens>9223372036854775807": [],
        "input_tokens<9223372036854775807.5": [1, 2],
    }.items():
        matches = parse(text).trace_predicate(NOW)
        assert [int(r.trace_id, 16) for r in records if matches([r])] == traces, text
        for engine in (duck, click):
            assert numbers(ask(engine, parse(text), "traces", NOW)) == traces, (engine, text)


def test_any_case_is_the_same_to_all_three(duck: Duck, click: Click):
    """Every letter that Unicode has paired up to version 14, in the three that lower it."""
    letters = [
        chr(code)
        for code in range(1, 0x20000)
        if not 0xD800 <= code < 0xE000 and chr(code).lower() != chr(code)
    ]
    text = "".join(letters)
    wanted = fold(text)
    quoted = parse('"σi"').root
    assert quoted is not None
    pattern = quoted.pattern.folded()  # pyright: ignore[reportAttributeAccessIssue]
    from jollyscope.query.filter.sql import Sql

    for engine in (duck, click):
        lowered = engine.dialect.lower(Sql("?", (text,)), pattern)
        sql = f"SELECT {lowered.text}"
        if engine is duck:
            sql = sql.replace("?", "CAST(? AS VARCHAR)")
        assert engine.rows(sql, lowered.values) == [(wanted,)]
