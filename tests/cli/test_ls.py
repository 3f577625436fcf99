"""`jollyscope ls`: tables, pipes, JSON, CSV; what is said about the rest."""

from __future__ import annotations

import csv
import io
import json
from types import SimpleNamespace

import pytest
from rich.cells import cell_len

from tests.cli import records
from tests.cli.golden import assert_golden

NASTY = 'tab\there\nnew "line"\r\\ back \x1b[31mred 你好 🦊'


@pytest.fixture
def terminal(monkeypatch):
    """Print as to a terminal of so many columns, at a fixed time, without colour."""

    def be(columns: int, now: int = records.START + 90 * 10**9) -> None:
        monkeypatch.setenv("COLUMNS", str(columns))
        monkeypatch.setenv("NO_COLOR", "1")
        monkeypatch.setattr("jollyscope_cli.output.on_terminal", lambda: True)
        monkeypatch.setattr("jollyscope_cli.ls.time", SimpleNamespace(time_ns=lambda: now))

    return be


def rows_of(text: str) -> list[dict[str, str]]:
    header, *lines = text.rstrip("\n").split("\n")
    names = header.split("\t")
    return [dict(zip(names, line.split("\t"), strict=True)) for line in lines]


def test_first_run_says_how_to_begin(run):
    done = run("ls", "--json")
    assert (done.code, done.out) == (0, "[]\n")
    assert len(done.err.splitlines()) == 7
    for way in ("demo", "run -- python agent.py", "collect", "import FILE"):
        assert f"  jollyscope {way}  " in done.err
    assert "jollyscope.init()" in done.err


def test_nothing_that_matches_is_another_matter(run, home):
    records.store(home, *records.run()).close()
    for args in (["--session", "other"], ["tool:nosuch"], ["traces", "nosuch text"]):
        done = run("ls", *args)
        assert done.code == 0
        assert done.err == f"lake://{home} · no traces match\n"


def test_a_stretch_of_time_is_said(run, home):
    records.store(home, *records.run()).close()
    done = run("ls", "--since", "2026-11-20T14:04Z", "--until", "2026-11-20T15:00Z")
    when = "since 2026-11-20 14:04:00 until 2026-11-20 15:00:00"
    assert done.err == f"lake://{home} · {when} · no traces match\n"
    assert "since 2026-11-20 00:00:00 until" in run("ls", "at:2026-11-20").err


def test_sessions_of_none_are_no_first_run(run, home):
    records.store(home, records.span(1, 0, 5, session_id=None)).close()
    assert run("ls", "sessions").err == f"lake://{home} · no sessions match\n"


def test_a_pipe_gets_tabs_whole_ids_and_iso_times(run, home):
    records.store(home, *records.run()).close()
    done = run("ls")
    assert done.err == f"lake://{home} · 1 in all\n"
    (row,) = rows_of(done.out)
    assert row["trace_id"] == records.TRACE
    assert row["start_time"] == "2026-11-20T14:03:11.000000Z"
    assert row["input"] == "查一下北京明天的天气"
    assert row["step_strip"] == "utaotAr"
    assert row["tools"] == "calendar.add,search"
    assert (row["input_tokens"], row["output_tokens"]) == ("2000", "154")


def test_a_pipe_stays_one_line_a_row_whatever_the_text(run, home):
    spans = [records.span(1, 0, 5, step_type="user_input", input=NASTY)]
    records.store(home, *spans).close()
    done = run("ls", "--columns", "trace,input")
    (row,) = rows_of(done.out)
    assert row["input"] == 'tab\\there\\nnew "line"\\r\\\\ back \\x1b[31mred 你好 🦊'


def test_json_has_every_field(run, home):
    records.store(home, *records.run()).close()
    (row,) = json.loads(run("ls", "--json").out)
    assert row["cost_usd"] == pytest.approx(0.021)
    assert row["tools"] == ["calendar.add", "search"]
    assert row["end_time"] == "2026-11-20T14:03:19.420000Z"
    assert set(row) >= {"trace_id", "session_id", "output", "step_strip", "span_count"}


@pytest.mark.parametrize(
    "kind", ["traces", "sessions", "spans", "tools", "models", "users", "services"]
)
def test_forms_agree(run, home, kind):
    shop = records.span(1, 0, 70, trace_id="5e" * 16, service="shop")
    records.store(home, *records.run(), *records.many(5), shop).close()
    as_json = json.loads(run("ls", kind, "--json").out)
    as_csv = list(csv.DictReader(io.StringIO(run("ls", kind, "--csv").out)))
    as_tsv = rows_of(run("ls", kind).out)
    assert len(as_json) == len(as_csv) == len(as_tsv) > 0
    for one, two, three in zip(as_json, as_csv, as_tsv, strict=True):
        plain = {
            k: "" if v is None else ",".join(v) if isinstance(v, list) else str(v)
            for k, v in one.items()
        }
        assert plain == two
        assert list(three) == list(two)


def test_csv_survives_any_text(run, home):
    records.store(home, records.span(1, 0, 5, step_type="user_input", input=NASTY)).close()
    (row,) = csv.DictReader(io.StringIO(run("ls", "--csv").out, newline=""))
    assert row["input"] == NASTY


def test_limit_is_never_silent(run, home):
    records.store(home, *records.many(60)).close()
    done = run("ls")
    assert len(rows_of(done.out)) == 50
    assert "the first 50; more lie behind, --limit 0 shows all" in done.err
    done = run("ls", "--limit", "0")
    assert len(rows_of(done.out)) == 60
    assert "60 in all" in done.err
    assert "60 in all" in run("ls", "--limit", "60").err


def test_all_pages_are_printed(run, home, monkeypatch):
    monkeypatch.setattr("jollyscope.query.paging.PAGE", 7)
    records.store(home, *records.many(60)).close()
    rows = json.loads(run("ls", "--limit", "0", "--json").out)
    assert len({row["trace_id"] for row in rows}) == 60
    assert len(json.loads(run("ls", "--limit", "15", "--json").out)) == 15


@pytest.mark.parametrize(
    ("args", "first"),
    [
        ([], "run 2"),
        (["--reverse"], "run 0"),
        (["--sort", "cost"], "run 0"),
        (["--sort", "-cost"], "run 2"),
        (["--sort", "-duration"], "run 0"),
        (["--sort", "duration_ms", "--reverse"], "run 0"),
        (["--sort", "when"], "run 0"),
    ],
)
def test_sorting(run, home, args, first):
    records.store(home, *records.many(3)).close()
    assert json.loads(run("ls", "--json", *args).out)[0]["name"] == first


def test_columns_are_picked_in_order(run, home):
    records.store(home, *records.run()).close()
    done = run("ls", "--columns", "tokens,trace_id, status,steps")
    assert done.out == f"tokens\ttrace_id\tstatus\tsteps\n2154\t{records.TRACE}\tunset\tutaotAr\n"
    done = run("ls", "--columns", "nmae")
    assert done.code == 2
    assert "Did you mean `name`?" in done.err
    done = run("ls", "--sort", "nosuch")
    assert done.code == 2
    assert "Columns: trace, session" in done.err


def test_filters(run, home):
    other = [records.span(1, 0, 5, trace_id="ab" * 16, session_id="s-1", name="other")]
    records.store(home, *records.run(), *other).close()
    names = [row["name"] for row in json.loads(run("ls", "--json", "--session", "s-1").out)]
    assert names == ["other"]
    spans = json.loads(run("ls", "spans", "--trace", "7f3a", "--json").out)
    assert len(spans) == 7
    assert run("ls", "--since", "2026-11-20T14:03:11Z").err.endswith("2 in all\n")
    assert run("ls", "--until", "2026-11-20T14:03:11Z").err.endswith("no traces match\n")


KINDS = ["traces", "sessions", "spans", "tools", "models", "users", "services"]


@pytest.mark.parametrize("columns", [80, 200])
@pytest.mark.parametrize("kind", KINDS)
def test_golden(run, home, terminal, kind, columns):
    shop = records.span(1, 0, 70, trace_id="5e" * 16, service="shop", user_id="bob 🦊")
    records.store(home, *records.run(), *records.many(3), shop).close()
    terminal(columns, now=records.START + 3 * 10**9)
    assert_golden(f"ls-{kind}-{columns}", run("ls", kind).out)


@pytest.mark.parametrize("columns", [80, 200])
@pytest.mark.parametrize("kind", ["traces", "sessions", "spans"])
def test_a_terminal_gets_aligned_lines_that_fit(run, home, terminal, columns, kind):
    wide = "北京🦊天气👩‍👩‍👧é" * 9
    spans = records.run()
    spans.append(
        records.span(9, 50, 5, trace_id="cd" * 16, step_type="user_input", input=wide, name=wide)
    )
    records.store(home, *spans).close()
    terminal(columns)
    done = run("ls", kind)
    header, *lines = done.out.splitlines()
    assert max(cell_len(line) for line in [header, *lines]) <= columns
    # Every column begins in the same cell on every line: after a gap of spaces.
    at = cell_len(header[: header.index("status")])
    for line in lines:
        starts = [n for n in range(len(line)) if cell_len(line[:n]) == at and line[n] in "✔✖"]
        assert starts, line


def test_a_terminal_says_what_it_leaves_out(run, home, terminal):
    records.store(home, *records.run()).close()
    terminal(80)
    assert "left out at this width: tools, session (--columns picks" in run("ls").err
    terminal(200)
    assert "left out" not in run("ls").err


def test_a_terminal_shows_no_control_characters(run, home, terminal):
    records.store(home, records.span(1, 0, 5, step_type="user_input", input=NASTY)).close()
    terminal(200)
    assert "\x1b" not in run("ls").out
    assert "␛[31mred 你好 🦊" in run("ls").out


def test_running_and_interrupted(run, home, terminal):
    with_running = records.store(home, records.span(1, 0, None, trace_id="ab" * 16))
    records.store(home, records.span(1, 0, None, trace_id="cd" * 16)).close()
    terminal(120)
    out = run("ls").out
    with_running.close()
    assert [line for line in out.splitlines() if line.startswith("abab") and "◐ running" in line]
    assert [line for line in out.splitlines() if line.startswith("cdcd") and "interrupted" in line]


def test_ids_are_long_enough_to_tell_apart(run, home, terminal):
    same = "0123456789"
    spans = [records.span(1, n, 5, trace_id=f"{same}{n}" + "a" * 21) for n in range(2)]
    records.store(home, *spans).close()
    terminal(120)
    lines = run("ls").out.splitlines()
    assert [line.split()[0] for line in lines[1:]] == [f"{same}1", f"{same}0"]


def test_notes_of_the_store_are_warnings(run, home, monkeypatch):
    from jollyscope.store.lake.reader import LakeReader

    records.store(home, *records.run()).close()
    keep = LakeReader.__init__

    def init(self, *args, **named):
        keep(self, *args, **named)
        self.notes = ["A part is missing."]

    monkeypatch.setattr(LakeReader, "__init__", init)
    assert "warning: A part is missing.\n" in run("ls").err


def test_a_filter_keeps_what_fits(run, home):
    records.store(home, *records.run(), *records.many(5)).close()

    def found(*args: str) -> list[str]:
        done = run("ls", "--json", *args)
        assert done.code == 0, done.err
        return [row["name"] for row in json.loads(done.out)]

    assert found("tool:search") == found("traces", "tool:search") == ["agent"]
    assert found("spans", "status:error") == ["calendar.add"]
    assert found("spans", "step:act", "-status:error") == ["search"]
    assert found("spans", "-step:act", "-name:run*", "--sort", "when")[0] == "agent"
    assert found("traces", 'name:"run 1"', "OR", 'name:"run 3"') == ["run 3", "run 1"]
    assert found("traces", "duration>1s", "--since", "2026-11-20T14:03:12Z") == []
    assert found("traces", "cost>=0.02 -tool:*") == ["run 4", "run 3", "run 2"]
    assert found("北京明天") == ["agent"]
    assert found("traces", "calendar") == ["agent"]
    assert found("--", "-tool:search", "duration<497ms") == ["run 4"]
    sessions = json.loads(run("ls", "sessions", "calls.search>0", "--json").out)
    assert [row["session_id"] for row in sessions] == ["s-42"]


def test_tools_and_their_like_count_only_what_fits(run, home):
    late = records.span(
        1, 60_000, 8, trace_id="5e" * 16, step_type="act", tool_name="search", user_id="bob",
        status="error", service="shop",
    )  # fmt: skip
    records.store(home, *records.run(), late).close()

    def tools(*args: str) -> dict[str, tuple[int, int]]:
        rows = json.loads(run("ls", "tools", *args, "--json").out)
        return {row["tool_name"]: (row["call_count"], row["error_count"]) for row in rows}

    assert tools() == {"search": (2, 1), "calendar.add": (1, 1)}
    assert list(tools()) == ["search", "calendar.add"]
    assert tools("user:ann") == {"search": (1, 0), "calendar.add": (1, 1)}
    assert tools("--since", "2026-11-20T14:04Z") == {"search": (1, 1)}
    assert tools("--session", "nosuch") == {}
    assert tools("duration>3s") == {"search": (1, 0)}
    assert list(tools("--sort", "tool")) == ["calendar.add", "search"]
    assert list(tools("--limit", "1")) == ["search"]
    assert "the first 1; more lie behind" in run("ls", "tools", "--limit", "1").err
    users = json.loads(run("ls", "users", "tool:calendar.add", "--json").out)
    assert [(u["user_id"], u["trace_count"], u["input_tokens"]) for u in users] == [
        ("ann", 1, 2000)
    ]
    assert [r["service"] for r in json.loads(run("ls", "services", "--json").out)] == ["shop"]
    columns = run("ls", "models", "--columns", "model,calls,tokens,p95")
    assert columns.out == "model\tcalls\ttokens\tp95\ngpt-4o\t2\t2154\t2525.0\n"


def test_a_mistake_is_pointed_at(run, home):
    done = run("ls", "traces", "status:error", "tol:search")
    assert (done.code, done.out) == (2, "")
    assert done.err.splitlines() == [
        "jollyscope: There is no field `tol`.",
        "  status:error tol:search",
        "               ^^^",
        '  Did you mean `tool`? Quotes search for text: "tol:search".',
    ]
    assert run("ls", "tarces").err.splitlines()[1].startswith("  Did you mean `traces`?")


def test_what_is_bound_in_time_is_said(run, home, monkeypatch):
    monkeypatch.setattr("jollyscope.query.scope.BOUND_SPANS", 3)
    monkeypatch.setattr("jollyscope.query.scope.BOUND_NS", 10**9)
    records.store(home, *records.run(), *records.many(20)).close()
    done = run("ls", "traces", "question")
    assert len(rows_of(done.out)) == 2
    assert "· since 2026-11-20 14:03:29 only (--all looks at all times) · 2 in all" in done.err
    assert len(rows_of(run("ls", "traces", "question", "--all").out)) == 20
    assert len(rows_of(run("ls").out)) == 21
    done = run("stats", "question", "--json")
    assert json.loads(done.out)["total"]["count"] == 2
    assert "(--all looks at all times)" in done.err
