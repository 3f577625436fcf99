from __future__ import annotations

import datetime
import decimal
import enum
import uuid
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import jollyscope
from jollyscope.sdk.capture import Items, attribute, text
from tests.library.sdk.conftest import Spool


@dataclass
class Point:
    x: int
    y: float


class Color(enum.Enum):
    RED = "red"


class Model:
    def model_dump(self, mode: str) -> dict[str, str]:
        return {"mode": mode}


class Hostile:
    def __repr__(self) -> str:
        raise RuntimeError

    def __str__(self) -> str:
        raise RuntimeError


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("as it is", "as it is"),
        ("你好 🎉", "你好 🎉"),
        (None, "null"),
        (1, "1"),
        ([1, {"a": (2, 3)}], '[1,{"a":[2,3]}]'),
        (Point(1, 2.5), '{"x":1,"y":2.5}'),
        (Color.RED, '"red"'),
        (Model(), '{"mode":"json"}'),
        (b"\x00\xff", '"AP8="'),
        (datetime.date(2024, 1, 2), '"2024-01-02"'),
        (decimal.Decimal("1.50"), '"1.50"'),
        (uuid.UUID(int=1), '"00000000-0000-0000-0000-000000000001"'),
        ({("a", 1): 2}, """{"('a', 1)":2}"""),
        (2**70, str(2**70)),
        ([Point], f'["{Point!r}"]'),
        (Hostile(), '"<Hostile, its repr failed: RuntimeError>"'),
    ],
)
def test_any_value_is_text(value: object, expected: str) -> None:
    assert text(value) == expected


def test_cycles_and_depth() -> None:
    cycle: list[Any] = []
    cycle.append(cycle)
    assert text(cycle) == "[[...]]"
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    assert text(deep)
    assert attribute(cycle)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
                    lambda c: st.lists(c) | st.dictionaries(st.text() | st.integers(), c)))  # fmt: skip
def test_nothing_raises(value: Any) -> None:
    assert isinstance(text(value), str)
    attribute(value)


def test_streams_are_bounded() -> None:
    items = Items()
    for _ in range(5000):
        items.add("x" * 1000)
    assert len(items.text()) < 1 << 21
    assert "more items]" in items.text()


def test_taken_at_the_time_of_the_call(spool: Spool) -> None:
    messages = [{"role": "user"}]
    with jollyscope.think("plan", input=messages) as t:
        messages.append({"role": "tool"})
        t.output(messages)
        messages.clear()
    assert spool.one("plan").input == '[{"role":"user"}]'
    assert spool.one("plan").output == '[{"role":"user"},{"role":"tool"}]'


def test_long_texts_are_cut_with_a_mark(idle: Spool) -> None:
    idle.init(max_text=1000)
    with jollyscope.think("plan", input="你" * 1000) as t:
        t.output("x" * 2_000_000)
        t.attribute("a", ["y" * 1001])
    record = idle.one("plan")
    assert record.input == "你" * 1000
    mark = "… [cut: kept 1,000 of 2,000,000 characters]"
    assert record.output == "x" * 1000 + mark
    assert record.attributes["a"] == ["y" * 1000 + "… [cut: kept 1,000 of 1,001 characters]"]


def test_redaction(idle: Spool) -> None:
    idle.init(redact=lambda text: text.replace("sk-123", "***"), max_text=1000)
    with jollyscope.act("t", input="key sk-123") as a:
        a.output({"k": "sk-123"})
        a.attribute("nested", {"deep": ["sk-123"]})
        a.event("e", key="sk-123")
        a.attribute("across", "x" * 997 + "sk-123" + "y" * 9000)
        a.error(ValueError("bad sk-123"))
    record = idle.one("t")
    assert (record.input, record.output) == ("key ***", '{"k":"***"}')
    assert record.attributes["nested"] == {"deep": ["***"]}
    assert record.error_message == "bad ***"
    assert record.attributes["across"].startswith("x" * 997 + "***…")
    raw = b"".join(f.read_bytes() for f in idle.home.glob("spool/*/*.jsonl"))
    assert b"sk-1" not in raw


def test_a_redaction_hook_that_fails(idle: Spool, caplog: pytest.LogCaptureFixture) -> None:
    idle.init(redact=lambda text: 1 / 0)  # type: ignore[arg-type,return-value]
    for _ in range(3):
        with jollyscope.act("t", input="secret") as a:
            a.output("secret")
    records = idle.closed()
    assert {(r.input, r.output) for r in records} == {("[redaction failed]",) * 2}
    assert {r.step_type for r in records} == {"act"}
    assert caplog.text.count("redaction hook failed") == 1
