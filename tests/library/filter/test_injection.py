"""Whatever a person writes is a value: the SQL is made of this program's own text alone."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jollyscope.model.records import SpanRecord
from jollyscope.query.filter import CLICKHOUSE, DUCKDB, FilterError, fields, parse
from tests.library.filter.data import NOW, quoted
from tests.library.filter.engines import Click, Duck, ask

HOSTILE = [
    "'; DROP TABLE dwd_spans; --",
    "' OR '1'='1",
    "') OR true --",
    "x' UNION SELECT * FROM ads_traces --",
    "\\'; DETACH DATABASE x; --",
    "'/**/OR/**/1=1#",
    "read_csv('/etc/passwd')",
    "COPY dwd_spans TO '/tmp/stolen'",
    "ATTACH '/tmp/x.db'",
    "%' --",
    "?",
    "{p0:String}",
    "$1",
    '$.a"; --',
    "\x00'; --",
    "\u2019; DROP TABLE dwd_spans; --",
    "]') OR (1=1",
    "a/../../b~0~1",
    "(?i).*",
    "\\x{27}",
    "lambda e: true",
]

PLACES = [
    "{}", "tool:{}", "tool:x,{}", "tool:x*,{}", "model!={}", "user={}", "name:{}", "input:{}", "output={}",
    "error:{}", "session:{}", "attr.{}:x", "attr.{}:5", "attr.{}>5", "attr.x:{}", "resource.{}:{}",
    "has:attr.{}", "calls.{}>3", "calls.{}:0",
]  # fmt: skip

TARGETS = ("traces", "spans", "sessions")


def shape(sql: str) -> str:
    """A statement with its probes, of which one text needs more than another, written as one."""
    return re.sub(
        r"CASE WHEN (?:[() ]|OR|AND|contains\(\w+, \?\))+ THEN", "CASE WHEN probed THEN", sql
    )


@pytest.mark.parametrize("place", PLACES)
def test_hostile_text_changes_no_statement(place: str):
    for target in TARGETS:
        for dialect in (DUCKDB, CLICKHOUSE):
            # ClickHouse's lower case needs help only for an `i`.
            plain = {
                shape(parse(place.replace("{}", quoted(text))).compile(target, dialect, NOW).sql)
                for text in ("plain", "abc")
            }
            for text in HOSTILE:
                hostile = parse(place.replace("{}", quoted(text))).compile(target, dialect, NOW)
                assert shape(hostile.sql) in plain
                assert len(hostile.parameters) == hostile.sql.count("?")


@given(st.text(min_size=1, max_size=20), st.sampled_from(PLACES))
def test_any_text_is_a_value(text: str, place: str):
    try:
        query = parse(place.replace("{}", text))
    except FilterError:
        return
    for dialect in (DUCKDB, CLICKHOUSE):
        condition = query.compile("traces", dialect, NOW)
        assert len(condition.parameters) == condition.sql.count("?")
        assert re.fullmatch(r"[\w\s().,<>=?\'*+:\[\]@/-]*", condition.sql), condition.sql


@pytest.mark.parametrize("field", [field.name for field in fields()])
def test_hostile_text_bare_in_every_field(field: str):
    for text in HOSTILE:
        for written in (text, text.replace(" ", "\\ "), quoted(text)):
            for op in (":", "=", ">", "!="):
                try:
                    query = parse(f"{field}{op}{written}")
                except FilterError:
                    continue
                assert "DROP" not in query.compile("traces", DUCKDB, NOW).sql


def test_both_engines_look_hostile_text_up_and_find_just_it(duck: Duck, click: Click):
    records = [
        SpanRecord(
            trace_id=f"{n:032x}", span_id=f"{n:016x}", start_time=NOW, end_time=NOW, duration_ms=0.0,
            step_type="act", tool_name=text, input=text, user_id=text, attributes={text: text},
        )
        for n, text in enumerate(HOSTILE, 1)
    ]  # fmt: skip
    duck.fill(records)
    click.fill(records, duck)
    for n, text in enumerate(HOSTILE, 1):
        value = quoted(text)
        query = parse(
            f"tool:{value} user:{value} input={value} attr.{value}:{value} calls.{value}:1"
        )
        for engine in (duck, click):
            assert ask(engine, query, "traces", NOW) == [f"{n:032x}"], text
            assert ask(engine, query, "spans", NOW) == [f"{n:016x}"], text
    for engine in (duck, click):
        assert engine.rows("SELECT count(*) FROM dwd_spans") == [(len(HOSTILE),)]
