"""`jollyscope diff`: the drawing, the forms, what a script gets."""

from __future__ import annotations

import json
from types import SimpleNamespace

import msgspec
import pytest
from rich.cells import cell_len

from tests.cli import records
from tests.cli.golden import assert_golden
from tests.cli.records import span

OTHER = "9c1d" + "0" * 27 + "2"


def other_run():
    """`records.run` again: slower, dearer, another answer, one call more and no failure."""
    runs = [msgspec.structs.replace(one, trace_id=OTHER) for one in records.run()]

    def change(number, **fields):
        runs[number - 1] = msgspec.structs.replace(runs[number - 1], **fields)

    change(1, duration_ms=9820.0, end_time=records.START + 9820 * records.MS)
    change(3, duration_ms=5420.0, end_time=records.START + 6520 * records.MS,
           input='{ "q": "北京 天气" }', output="rain")  # fmt: skip
    change(5, cost_usd=0.0145, output_tokens=90)
    change(6, status="unset", error_type=None, error_message=None, stack_trace=None)
    change(7, output="明天有雨\ntake an umbrella")
    clock = span(8, 6600, 40, parent=1, trace_id=OTHER, name="clock", step_type="act",
                 tool_name="clock", input="{}", output="14:03")  # fmt: skip
    return [*runs, clock]


@pytest.fixture
def compared(run, home, monkeypatch):
    """Store both runs and compare them in so many columns."""
    records.store(home, *records.run(), *other_run()).close()

    def draw(*args: str, columns: int = 100):
        monkeypatch.setenv("COLUMNS", str(columns))
        now = SimpleNamespace(time_ns=lambda: records.START + 10 * 10**9)
        monkeypatch.setattr("jollyscope_cli.diff.time", now)
        return run("diff", "7f3a", "9c1d", *args)

    return draw


@pytest.mark.parametrize("columns", [60, 80, 140])
def test_golden(compared, columns):
    done = compared(columns=columns)
    assert done.code == 0, done.err
    assert_golden(f"diff-{columns}", done.out)
    assert max(cell_len(line) for line in done.out.splitlines()) <= columns


def test_golden_of_texts(compared):
    assert_golden("diff-text", compared("--text", "--all", columns=80).out)


@pytest.mark.parametrize("columns", [20, 40, 100, 240])
def test_any_width(compared, columns):
    out = compared("--text", "--all", columns=columns).out
    assert max(cell_len(line) for line in out.splitlines()) <= max(columns, 45)


def test_equal_steps_are_counted_unless_all_are_asked_for(compared):
    out = compared().out
    assert "  … 1 equal step\n" in out
    assert "\n  … " not in compared("--all").out


def test_json_is_whole(compared):
    told = json.loads(compared("--json").out)
    assert (told["a"]["trace_id"], told["b"]["trace_id"]) == (records.TRACE, OTHER)
    assert told["equal"] is False
    kinds = [step["kind"] for step in told["steps"]]
    assert (kinds.count("added"), kinds.count("removed")) == (1, 0)
    slow = next(step for step in told["steps"] if step["a"] and step["a"]["name"] == "search")
    assert slow["duration_ms"] == {
        "a": 4020.0,
        "b": 5420.0,
        "delta": 1400.0,
        "ratio": 5420 / 4020,
    }
    assert slow["changes"] == ["output", "time"]
    assert told["summary"][0] == "1 step added, 4 changed, 3 the same"
    assert told["summary"][2].startswith("`search` 1.3x slower: +1.40s")


def test_exit_codes(compared, run):
    assert compared("--exit-code").code == 1
    assert run("diff", "7f3a", "7f3a", "--exit-code").code == 0
    assert compared().code == 0
    done = run("diff", "7f3a", "abcd")
    assert (done.code, done.out) == (3, "")
    assert "There is no trace `abcd`" in done.err
    assert run("diff", "7f3a").code == 2


def test_a_pipe_gets_no_colour_and_a_terminal_does(compared, monkeypatch):
    assert "\x1b" not in compared().out
    monkeypatch.setattr("jollyscope_cli.canvas.colourful", lambda: True)
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[" in compared().out
