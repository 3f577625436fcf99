"""`jollyscope show`: the drawing, at every width and for every shape of trace."""

from __future__ import annotations

import json
import time
from types import SimpleNamespace

import pytest
from rich.cells import cell_len

from jollyscope.model.document import execution_document
from tests.cli import records
from tests.cli.golden import assert_golden
from tests.cli.records import span


@pytest.fixture
def shown(run, home, monkeypatch):
    """Store spans and draw them in so many columns, ten seconds after they began."""

    def draw(*spans, columns: int = 100, args: tuple[str, ...] = ()):
        if spans:
            records.store(home, *spans).close()
        monkeypatch.setenv("COLUMNS", str(columns))
        now = SimpleNamespace(time_ns=lambda: records.START + 10 * 10**9)
        monkeypatch.setattr("jollyscope_cli.show.time", now)
        done = run("show", records.TRACE, *args)
        assert done.code == 0, done.err
        return done

    return draw


def drawing(text: str) -> tuple[int, list[str]]:
    """Where the bars begin (cells), and the lines of the tree without the axis."""
    lines = text.split("\n")
    at = next(n for n, line in enumerate(lines) if line.startswith("steps "))
    axis = lines[at]
    start = cell_len(axis) - cell_len(axis[5:].lstrip(" "))
    end = next(n for n, line in enumerate([*lines[at:], ""], at) if not line)
    return start, lines[at + 1 : end]


def parted(line: str, at: int) -> tuple[str, str]:
    """The line cut at cell `at`, which no character may straddle."""
    for n in range(len(line) + 1):
        if cell_len(line[:n]) == at:
            return line[:n], line[n:]
    raise AssertionError(f"a character lies across cell {at}: {line!r}")


@pytest.mark.parametrize("columns", [80, 140, 200])
def test_golden(shown, columns):
    assert_golden(f"show-{columns}", shown(*records.run(), columns=columns).out)


@pytest.mark.parametrize("columns", [20, 40, 80, 100, 200, 300])
def test_bars_begin_in_the_same_cell_on_every_line(shown, columns):
    texts = [
        "plain",
        "查一下北京",
        "👩‍👩‍👧 family 🗺️",
        "e\u0301 ⚡ ✔︎",
        "日本語🦊" * 30,
        "\x1b[2Jx\u202e",
    ]
    spans = [span(1, 0, 1000, step_type="user_input", input="查一下🦊" * 9)]
    for n, text in enumerate(texts, 2):
        spans.append(span(n, 0, 1000, parent=1, step_type="think", output=text, model="模型" * 5))
    start, lines = drawing(shown(*spans, columns=columns).out)
    assert len(lines) == len(spans)
    for line in lines:
        left, right = parted(line, start)
        assert left.endswith(" ")
        assert right.startswith("█")
        if columns >= 40:
            assert cell_len(line) <= columns


def test_every_state_is_marked(run, home, monkeypatch):
    now = time.time_ns()
    monkeypatch.setattr("jollyscope_cli.show.time", SimpleNamespace(time_ns=lambda: now))
    ago = (now - records.START) / 1e6 - 10_000
    alive = records.store(
        home,
        span(1, ago, None, name="agent"),
        span(2, ago + 100, None, parent=1, name="still at it", step_type="think"),
    )
    records.store(
        home,
        span(3, ago + 200, None, parent=1, name="killed", step_type="act"),
        span(4, ago + 300, 10, parent=0x99, name="orphan"),
        span(5, ago - 50, 100, parent=1, name="early", step_type="act"),
        span(6, ago + 1, 10, parent=7, name="ring one"),
        span(7, ago + 2, 10, parent=6, name="ring two"),
    ).close()
    out = run("show", records.TRACE).out
    alive.close()
    drawn = out.split("\n\n")[1].splitlines()[:8]
    lines = {name: line for line in drawn for name in NAMES if f" {name}" in line}
    assert "◐ running" in out.split("\n\n")[0]
    assert "◐" in lines["still at it"]
    assert "▸" in lines["still at it"]
    assert "▸ 9.9" in lines["still at it"]  # grown to the edge, with the time so far
    assert "╳" in lines["killed"]
    assert lines["missing parent"].startswith("? missing parent 00000000…")
    assert "⇤" in lines["early"]
    assert "∞" in lines["ring one"]
    assert "? missing parent: named as a parent, but never arrived" in out
    assert "⇤ clock skew: begins before its parent" in out
    assert "∞ cycle: its ancestors lead back to it; cut here" in out


NAMES = ("agent", "still at it", "killed", "orphan", "early", "ring one", "missing parent")


def test_sound_traces_have_no_legend(shown):
    out = shown(*records.run()).out
    assert "⇤" not in out
    assert "? missing parent" not in out


def test_limit_and_depth_say_what_they_leave_out(shown):
    spans = [span(1, 0, 100)] + [span(n, n, 100 - n, parent=n - 1) for n in range(2, 31)]
    _, lines = drawing(shown(*spans, args=("--limit", "5")).out)
    assert lines[5:] == ["25 of 30 spans follow; --limit 0 draws them all"]
    _, lines = drawing(shown(args=("--depth", "3")).out)
    assert lines[3:] == ["27 of 30 spans are deeper; --depth shows more"]
    assert "+27" in lines[2]
    _, lines = drawing(shown(args=("--limit", "0")).out)
    assert len(lines) == 30


@pytest.mark.parametrize("columns", [80, 200])
def test_ten_thousand_levels(shown, columns):
    spans = [span(1, 0, 10_000)]
    spans += [span(n, n, 10_000 - n, parent=n - 1, name=f"call {n}") for n in range(2, 10_001)]
    out = shown(*spans, columns=columns, args=("--limit", "0")).out
    start, lines = drawing(out)
    assert len(lines) == 10_000
    assert all(cell_len(line) <= columns for line in lines)
    assert lines[-1].lstrip().startswith("9999› · call 10000")
    assert {parted(line, start)[0][-1] for line in lines} == {" "}


def test_many_spans_are_drawn_in_linear_time(shown):
    def drawn(count: int) -> tuple[float, str]:
        spans = [span(1, 0, 100_000)] + [span(n, n, 1, parent=1) for n in range(2, count + 1)]
        shown(*spans, args=("--limit", "10"))
        began = time.process_time()
        out = shown().out
        return time.process_time() - began, out

    few, _ = drawn(10_000)
    many, out = drawn(40_000)
    assert many < 8 * few  # four times as many; in quadratic time it would be sixteen
    assert "38,000 of 40,000 spans follow" in out


def test_json_is_the_document(shown, run):
    shown(*records.run())
    text = run("show", "7f3a", "--json").out
    assert json.loads(text) == execution_document(records.run())
    assert text.count("\n") == 1


def test_json_is_indented_for_a_reader(shown, run, monkeypatch):
    shown(*records.run())
    monkeypatch.setattr("jollyscope_cli.output.on_terminal", lambda: True)
    text = run("show", "7f3a", "--json").out
    assert text.startswith('{\n  "session_id": "s-42",\n')
    assert json.loads(text) == execution_document(records.run())


def test_failures_are_listed_and_stacks_on_demand(shown):
    out = shown(*records.run()).out
    assert "\n1 error\n✖ act calendar.add  +5.80s  span 0000000000000006\n" in out
    assert "  TimeoutError: calendar did not answer\n" in out
    assert "File a.py" not in out
    assert (
        "    Traceback (most recent call last):\n      File a.py\n" in shown(args=("--errors",)).out
    )


def test_many_failures_are_counted(shown):
    bad = [span(n, n, 1, parent=1, status="error", error_type="E") for n in range(2, 32)]
    out = shown(span(1, 0, 100), *bad).out
    assert "\n30 errors\n" in out
    assert "10 more; --errors lists all" in out
    assert shown(args=("--errors",)).out.count("span 00000000000000") == 30


def test_it_says_which_store(shown, home):
    assert shown(*records.run()).err == f"lake://{home}\n"


def test_prefixes(shown, run, home):
    shown(*records.run())
    assert run("show", "7F3A").code == 0
    records.store(home, span(1, 0, 1, trace_id="7f3b" + "0" * 28)).close()
    done = run("show", "7f3")
    assert done.code == 2
    assert done.err.startswith("jollyscope: `7f3` fits 2 traces.\n  Give more digits: 7f3a")


def test_a_pipe_gets_no_colour_and_a_terminal_does(shown, monkeypatch):
    assert "\x1b" not in shown(*records.run()).out
    monkeypatch.setattr("jollyscope_cli.canvas.colourful", lambda: True)
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[" in shown().out


def test_without_columns_a_pipe_is_100_wide(run, home, monkeypatch):
    records.store(home, *records.run()).close()
    monkeypatch.delenv("COLUMNS", raising=False)
    assert max(cell_len(line) for line in run("show", "7f3a").out.splitlines()) in range(90, 101)


@pytest.mark.parametrize("ms", [0, 0.000001, 0.5, 59_999, 86_400_000 * 40])
def test_any_length_of_time(shown, ms):
    start, lines = drawing(shown(span(1, 0, ms), span(2, 0, ms, parent=1)).out)
    assert len(lines) == 2
    assert all(parted(line, start)[1][0] in "█▏" for line in lines)


def test_clocks_that_step_back(shown):
    spans = [span(1, 0, 100), span(2, 50, 0, parent=1, end_time=records.START)]
    _, lines = drawing(shown(*spans).out)
    assert len([line for line in lines if set(line) & set("▏▎▍▌▋▊▉█")]) == 2


@pytest.mark.parametrize("columns", [80, 200])
def test_the_critical_path(shown, columns):
    out = shown(*records.run(), columns=columns, args=("--critical",)).out
    assert_golden(f"show-critical-{columns}", out)
    assert max(cell_len(line) for line in out.splitlines()) <= columns


def test_the_critical_path_adds_up(shown):
    spans = [span(1, 0, 1000), span(2, 0, 600, parent=1), span(3, 100, 200, parent=1)]
    out = shown(*spans, args=("--critical",)).out
    _, lines = drawing(out)
    assert ["*" in line for line in lines] == [True, True, False]
    shares = [line.split() for line in out.split("critical path")[1].splitlines()[1:]]
    assert [(row[0], row[1]) for row in shares] == [("60.0%", "600ms"), ("40.0%", "400ms")]


def test_many_on_the_critical_path_are_counted(shown):
    spans = [span(1, 0, 3000)] + [span(n, 100 * n, 90, parent=1) for n in range(2, 22)]
    out = shown(*spans, args=("--critical",)).out
    assert "9 more of 21 spans" in out


def test_a_span_leads_to_its_trace(shown, run):
    shown(*records.run())
    out = run("show", "0000000000000006").out
    assert out.startswith(f"execution {records.TRACE}")
    assert "\n> span 0000000000000006\n" in out
    assert [line.count("TimeoutError") for line in out.splitlines() if ">   " in line] == [1]
    assert run("show", "7f3a", "--span", "0000000000000006").out == out
    assert run("show", "7f3a", "--span", "00000000000000066").code == 3
    done = run("show", "7f3a", "--span", "0")
    assert (done.code, "`0` fits at least 5 spans." in done.err) == (2, True)


def test_a_span_that_is_not_drawn_is_no_secret(shown, run):
    shown(*records.run())
    out = run("show", "7f3a", "--span", "0000000000000006", "--limit", "2").out
    assert "span 0000000000000006 is among those not drawn" in out


def test_a_session_is_listed_or_drawn(shown, run):
    shown(*records.run(), *records.many(2))
    done = run("show", "s-42")
    ids = [line.split("\t")[0] for line in done.out.splitlines()[1:]]
    assert ids == [records.TRACE, "00000001" + "ab" * 12, "00000002" + "ab" * 12]
    assert "session s-42 · 3 in all; --all draws them" in done.err
    assert run("show", "s-").out == done.out
    drawn = run("show", "s-42", "--all").out
    assert [line.split()[1] for line in drawn.splitlines() if line.startswith("execution")] == ids
    documents = json.loads(run("show", "s-42", "--json").out)
    assert documents[0] == execution_document(records.run())
    assert len(documents) == 3
    assert run("show", "s-42", "--messages").out.count("execution ") == 3
    assert run("show", "s-42", "--critical").code == 2
    assert run("show", "s-42", "--all", "--critical").out.count("critical path") == 3
    assert run("show", "s-42", "--span", "1", "--all").code == 2


def test_a_whole_session_id_is_no_prefix(run, home):
    spans = [span(1, n, 5, trace_id=f"{n + 1:032x}", session_id=f"chat{'x' * n}") for n in range(9)]
    records.store(home, *spans).close()
    assert len(run("show", "chat").out.splitlines()) == 2
    done = run("show", "cha")
    assert (done.code, "`cha` fits at least 5 sessions." in done.err) == (2, True)
