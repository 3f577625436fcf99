"""What a row says about a step."""

from __future__ import annotations

from typing import Any

import pytest
from rich.cells import cell_len

from jollyscope.model import steps
from jollyscope.model.records import SpanRecord
from jollyscope.model.steps import (
    content,
    error_text,
    first_line,
    glyph,
    label,
    seen_twice,
    steps_of,
)
from tests.library.model.make import running, span

STEPS = ["user_input", "think", "act", "observe", "response", "other"]


@pytest.mark.parametrize(("step", "sign"), zip(STEPS, "▸◆●○✔·", strict=True))
def test_every_step_has_its_own_sign(step: Any, sign: str):
    assert glyph(span(1, step_type=step)) == sign
    assert glyph(span(1, step_type=step, status="ok")) == sign
    assert glyph(span(1, step_type=step, status="error")) == "✖"
    assert glyph(running(1, step_type=step)) == "◐"
    assert glyph(running(1, step_type=step, status="error")) == "◐"
    assert glyph(span(1, step_type=step, state="interrupted")) == "↯"


def test_signs_are_one_cell_wide_and_all_different():
    every = [*steps.GLYPH.values(), steps.FAILED, steps.RUNNING, steps.INTERRUPTED]
    assert {cell_len(sign) for sign in every} == {1}
    assert len(set(every)) == len(every)


@pytest.mark.parametrize("step", STEPS)
def test_content_is_what_the_step_is_about(step: Any):
    both = span(1, step_type=step, input="in", output="out")
    assert content(both) == ("in" if step in ("user_input", "act") else "out")
    assert content(span(1, step_type=step, input="in")) == "in"
    assert content(span(1, step_type=step, output="out")) == "out"
    assert content(span(1, step_type=step, input="", output="")) == ""
    assert content(span(1, step_type=step)) is None


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"status": "ok", "error_type": "E", "error_message": "m"}, None),
        ({"status": "unset"}, None),
        ({"status": "error"}, "error"),
        ({"status": "error", "error_type": "TimeoutError"}, "TimeoutError"),
        ({"status": "error", "error_message": "took too long"}, "took too long"),
        ({"status": "error", "error_type": "E", "error_message": "m"}, "E: m"),
        ({"status": "error", "error_type": "", "error_message": ""}, "error"),
    ],
)
def test_error_text(fields: dict[str, Any], text: str | None):
    assert error_text(span(1, **fields)) == text


@pytest.mark.parametrize(
    ("step", "fields", "text"),
    [
        ("user_input", {"name": "run", "input": "查一下北京明天的天气"}, "查一下北京明天的天气"),
        ("user_input", {"name": "run", "input": "hi", "output": "bye"}, "hi"),
        ("user_input", {"name": "run", "output": "bye"}, "user_input run  bye"),
        ("user_input", {"name": "run"}, "user_input run"),
        (
            "user_input",
            {"name": "run", "input": "hi", "status": "error", "error_message": "no"},
            "hi  no",
        ),
        (
            "think",
            {"name": "chat gpt-4o", "output": "first\n\n  second"},
            "think chat gpt-4o  first second",
        ),
        ("think", {"name": "think"}, "think"),
        ("think", {"name": "thinking", "output": "hm"}, "thinking  hm"),
        (
            "act",
            {"name": "running tool", "tool_name": "search", "input": '{"q": 1}'},
            'act search  {"q": 1}',
        ),
        ("act", {"name": "搜索", "input": "天气"}, "act 搜索  天气"),
        ("act", {"name": ""}, "act"),
        (
            "act",
            {"tool_name": "search", "status": "error", "error_type": "E", "input": "i"},
            "act search  E",
        ),
        (
            "observe",
            {"name": "", "tool_name": "search", "output": "👩‍👩‍👧 family"},
            "observe search  👩‍👩‍👧 family",
        ),
        ("response", {"name": "answer", "output": "晴"}, "response answer  晴"),
        ("other", {"name": "GET /", "output": "200"}, "GET /  200"),
        ("other", {"name": "GET /"}, "GET /"),
        ("other", {"name": ""}, "other"),
        ("other", {"name": "two\nlines"}, "two lines"),
    ],
)
def test_label(step: Any, fields: dict[str, Any], text: str):
    assert label(span(1, step_type=step, **fields)) == text


def test_the_state_does_not_change_the_label():
    fields: dict[str, Any] = {"step_type": "act", "tool_name": "search", "input": "q"}
    stopped = span(1, state="interrupted", **fields)
    assert {label(span(1, **fields)), label(running(1, **fields)), label(stopped)} == {
        "act search  q"
    }


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", ""),
        (" \n\t ", ""),
        ("a\r\nb\u2028c\u3000d", "a b c d"),
        ("x" * 1_000, "x" * 400),
        ("\n" * 5_000 + "late", "late"),
        ("字" * 401, "字" * 400),
        ("a" + " " * 700 + "b" + "c" * 500, "a b" + "c" * 98),
    ],
)
def test_first_line(text: str, line: str):
    assert first_line(text) == line


def test_first_line_with_a_limit():
    assert first_line("abcdef", 3) == "abc"


def test_a_call_that_nobody_observes_shows_its_result():
    call = span(1, step_type="act", tool_name="search", input="q", output="3 results\nof 9")
    assert label(call, observed=True) == "act search  q → 3 results of 9"
    silent = span(1, step_type="act", tool_name="search", output="3")
    assert label(silent, observed=True) == "act search  3"
    failed = span(1, step_type="act", tool_name="search", input="q", output="x", status="error")
    assert label(failed, observed=True) == "act search  error"


def at(number: int, start: int, end: int, **fields: Any) -> SpanRecord:
    """A span at these Unix ns."""
    return span(number, fields.pop("parent", None), start_time=start, end_time=end, **fields)


def seen(spans: list[SpanRecord]) -> list[tuple[str, int, int, bool]]:
    """Step, when, from which span, whether derived."""
    return [(s.type, s.time, int(s.span.span_id, 16), s.derived) for s in steps_of(spans)]


def test_steps_in_time_order():
    run = [
        at(1, 0, 9, step_type="user_input"),
        at(2, 1, 2, step_type="think"),
        at(3, 2, 3, step_type="act", status="error"),
        at(4, 2, 3),
        running(6, start_time=5, step_type="response"),
    ]
    assert seen(list(reversed(run))) == [
        ("user_input", 0, 1, False),
        ("think", 1, 2, False),
        ("act", 2, 3, False),
        ("response", 5, 6, False),
    ]
    assert steps_of([]) == []
    assert steps_of([span(4)]) == []


def test_what_a_call_returned_is_observed_where_the_call_ends():
    run = [
        at(1, 0, 20, step_type="user_input", output="it rains"),
        at(2, 1, 3, parent=1, step_type="think", input="hi", output="search()"),
        at(3, 3, 9, parent=1, step_type="act", output="rain"),
        at(4, 4, 6, parent=1, step_type="act", output="sun"),
        at(5, 6, 7, parent=1, step_type="act", status="error", output="half"),
        at(6, 9, 12, parent=1, step_type="think", output="it rains"),
    ]
    assert seen(run) == [
        ("user_input", 0, 1, False),
        ("think", 1, 2, False),
        ("act", 3, 3, False),
        ("act", 4, 4, False),
        ("observe", 6, 4, True),
        ("act", 6, 5, False),
        ("observe", 9, 3, True),
        ("think", 9, 6, False),
        ("response", 20, 1, True),
    ]
    watched = [*run, at(7, 10, 10, step_type="observe"), at(8, 13, 14, step_type="response")]
    assert [step.derived for step in steps_of(watched)] == [False] * 8


@pytest.mark.parametrize(
    ("last", "answers"),
    [
        ({"step_type": "think", "output": "yes"}, True),
        ({"step_type": "think"}, False),
        ({"step_type": "think", "output": "yes", "status": "error"}, False),
        ({"step_type": "act", "output": "yes"}, False),
        ({"step_type": "other", "status": "error"}, False),
        ({"step_type": "other", "output": "yes"}, True),
    ],
)
def test_a_run_without_a_run_span(last: dict[str, Any], answers: bool):
    """The user's input and the response are seen in the model's first and last call."""
    run = [
        at(1, 0, 30),
        at(2, 5, 6, parent=1, step_type="think", input="hi", output="hello"),
        at(3, 7, 9, parent=1, **last),
    ]
    found = seen(run)
    assert found[0] == ("user_input", 5, 2, True)
    assert (found[-1][0] == "response") is answers
    run[0].status = "error"
    assert seen(run)[-1][0] != "response"
    open_run = [*run[1:], running(9)]
    assert seen(open_run)[-1][0] != "response"


def test_a_call_that_two_libraries_recorded_is_one_step():
    run = [
        at(1, 0, 99, step_type="user_input"),
        at(2, 1, 20, parent=1, step_type="think"),
        at(3, 2, 19, parent=2),
        at(4, 3, 18, parent=3, step_type="think"),
        at(5, 5, 9, parent=2, step_type="act", tool_name="search"),
        at(6, 6, 8, parent=5, step_type="act"),
        at(7, 6, 8, parent=5, step_type="act", tool_name="read"),
        at(8, 7, 8, parent=7, step_type="think"),
    ]
    assert [(s.type, int(s.span.span_id, 16)) for s in steps_of(run)] == [
        ("user_input", 1), ("think", 2), ("act", 5), ("act", 7), ("think", 8),
    ]  # fmt: skip
    assert {inner: outer.span_id for inner, outer in seen_twice(run).items()} == {
        f"{4:016x}": f"{2:016x}",
        f"{6:016x}": f"{5:016x}",
    }


def test_a_cycle_keeps_one_of_its_calls():
    run = [
        at(1, 1, 5, parent=2, step_type="think"),
        at(2, 1, 5, parent=1, step_type="think"),
        at(3, 1, 5, parent=3, step_type="think"),
    ]
    assert [int(s.span.span_id, 16) for s in steps_of(run)] == [1, 3]
