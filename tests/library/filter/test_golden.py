"""What is wrong with a filter, word for word; what a good one is compiled to.

`UPDATE_GOLDEN=1 pytest tests/library/filter` writes the files anew: look at the difference before
committing it.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from jollyscope.query.filter import CLICKHOUSE, DUCKDB, FilterError, parse
from tests.library.filter.data import NOW

FOLDER = Path(__file__).parent / "golden"

MISTAKES = [
    # parentheses, words between, quotes
    "(", "(a", "a)", "()", "(a)b", "a (b OR", "f(x)", "tool:f(x)", "OR", "a OR", "OR a", "a OR OR b",
    "AND a",
    "a AND", "NOT", "a NOT OR b", "-", "- a", "a -", '"a', 'tool:"a', 'a"b"', '"a"b', 'tool:a"b"', '"a",b',
    "a\\", 'attr."x', 'attr."x"y:5', 'x."y":5',
    # fields
    "tol:search", "Tolo:x", "modle:gpt-4o", "http://x y", "12:30", ":x", "=5", "a:\n", "状态:x 你好",
    "a\x1b[31m:b",
    "name.x:1", "attr:5", "attr.:5", "calls>3", "has:foo", "has:since", "has:calls.x", 'has:"tool"',
    "has:", "has=error",
    # values
    "tool:", "tool: search", "tool:a,", "tool:,a", "tool>a", "error>5", "input>=x", "status:eror",
    "status:er*",
    "step:thinking", "state:running", "kind:x", "trace:zz", "trace:*a", "span:00112233445566778", "trace:",
    "tool:" + "*a" * 33,
    # numbers
    "duration>2", "duration:fast", "duration>2parsecs", "duration>1s..2s", "duration:2s..1s",
    "tokens:..", "tokens>1,000", "tokens>1kk", "tokens>" + "9" * 50, 'tokens:"5"', "tokens:5*", "cost>5$",
    "cost>€5",
    "memory>500", "memory>lots", "cpu>half", "steps:act", "errors:timeout", "tools:search", "spans:00f0",
    "calls.search:often", "attr.x>b", 'attr.x>"5"', "attr.x>2s", "tool:>5",
    # time
    "since:soon", "since>2h", "until=today", "at:2h", "at:now", "at:2026-13-40",
    "at:2026-11-20..2026-11-19",
    "at:2026-11-20T15:00..14:00", "at:1h..2h", "at:..", "since:0001-01-01", "since:99999999d",
    # bounds
    "(" * 100_000, "x" * 100_000, "-" * 60 + "x", " ".join("x" * 201), "x" * 200 + " tol:y " + "z" * 200,
]  # fmt: skip

GOOD = [
    "", "  ", "error", "time out", '"time out"', "-error", "NOT error", "--a", "a AND b", "a OR b c",
    "(a OR b) c",
    "((a))", "a (b c)", "or and not", "\\OR", "\\-x", "(a)(b)", "don't", "12%", "a,b", "ΟΔΟΣ", "İstanbul",
    "time*out?",
    "status:error", "STATUS:ERROR,ok", "status!=ok", "tool:search*", "tool:a,b*", 'tool:"a,b*"',
    "tool:a\\*", "tool:*",
    'user:""', "name=chat", "input:weather", "input=weather", "output:*", "error:timeout",
    "trace:4BF92F35", "trace:" + "ab" * 16, "span:00", "parent:*",
    "duration>2s", "duration:>2s", "duration:150ms..2s", "duration<=1m30s", "duration>0", "tokens>=10k",
    "tokens:1,2",
    "tokens>1.5", "cached_tokens>2.5", "tokens:2.5", "tokens>1e30", "cost>$0.05", "cost:..0.5", "cpu>80%",
    "memory>1.5GiB",
    "steps>20", "tools:0", "calls.search>3", "calls.search<3", 'calls."odd tool":0', "calls.s*>1",
    "attr.http.status_code:500", 'attr."a b":"500"', "attr.x:5*", "attr.x>5", "attr.x:>5", "attr.x:true",
    "attr.x:NaN", "attr.x:1..5",
    "attr.x:*", "resource.host.name:web*", "has:error", "has:attr.x,tool", "-has:cost",
    "since:2h", "until:2026-11-20", "at:2026-11-20T14:00..15:00", "at:yesterday",
    "status:error since:2h calls.search>3",
    "status:error at:2026-11-19 tool:search OR foo OR error:bar",
]  # fmt: skip

COMPILED = [
    "status:error", "tool:search", "tool:se*", "duration>2s", "tokens>1.5", "trace:4bf9", "input:İΣ?x",
    "foo OR error:bar",
    "-user:ann", "errors>0", "calls.search>3 since:2h", "calls.search:0", "attr.x:500", "has:attr.x",
    "at:2026-11-20",
]  # fmt: skip


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def assert_golden(name: str, text: str) -> None:
    file = FOLDER / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


def shown(text: str) -> str:
    line = text.encode("unicode_escape").decode() if not text.isprintable() else text
    return line if len(line) <= 100 else f"{line[:60]}… ({len(text):,} characters)"


def test_every_mistake_is_told_in_the_same_words_always():
    told: list[str] = []
    for text in MISTAKES:
        with pytest.raises(FilterError) as caught:
            parse(text)
        error = caught.value
        assert 0 <= error.at <= len(text)
        assert error.message.endswith(".")
        assert "\x1b" not in str(error)
        told.append(f"> {shown(text)}\n{error}\n")
    assert_golden("errors", "\n".join(told))


def test_good_filters_are_written_again():
    lines = [f"{shown(text)}\n    {parse(text)}\n" for text in GOOD]
    assert_golden("filters", "\n".join(lines))


def test_what_filters_compile_to():
    told: list[str] = []
    for text in COMPILED:
        told.append(f"> {text}")
        for target in ("traces", "spans", "sessions"):
            for dialect in (DUCKDB, CLICKHOUSE):
                condition = parse(text).compile(target, dialect, NOW)
                told.append(f"{target} {dialect.name}: {condition.sql}\n    {condition.parameters}")
    assert_golden("sql", "\n".join(told) + "\n")
