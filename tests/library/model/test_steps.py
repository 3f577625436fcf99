"""What a row says about a step."""

from __future__ import annotations

from typing import Any

import pytest
from rich.cells import cell_len

from jollyscope.model import steps
from jollyscope.model.steps import content, error_text, first_line, glyph, label, strip
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


def test_a_run_as_a_strip():
    run = [
        span(1, step_type="user_input"),
        span(2, step_type="think"),
        span(3, step_type="act", status="error"),
        span(4),
        span(5, status="error"),
        running(6, step_type="response"),
    ]
    assert strip(reversed(run)) == "▸◆✖✖◐"
    assert strip([]) == ""
    assert strip(run, limit=5) == "▸◆✖✖◐"
    assert strip(run, limit=2) == "▸◆…"
    assert strip([span(4)]) == ""
