"""`jollyscope stats`: the overview and every table, for people and for programs."""

from __future__ import annotations

import csv
import io
import json
from types import SimpleNamespace

import pytest
from rich.cells import cell_len

from jollyscope.query.overview import BY
from jollyscope_cli.render.stats import bar
from tests.cli import records
from tests.cli.golden import assert_golden


@pytest.fixture
def terminal(monkeypatch):
    """Print as to a terminal of so many columns, at a fixed time, without colour."""

    def be(columns: int) -> None:
        monkeypatch.setenv("COLUMNS", str(columns))
        monkeypatch.setenv("NO_COLOR", "1")
        monkeypatch.setattr("jollyscope_cli.output.on_terminal", lambda: True)
        now = SimpleNamespace(time_ns=lambda: records.START + 90 * 10**9)
        monkeypatch.setattr("jollyscope_cli.stats.time", now)

    return be


@pytest.fixture
def stored(home):
    failed = records.span(
        1, 30_000, 700, trace_id="ef" * 16, status="error", error_type="Timeout", user_id=None,
        name="run", step_type="user_input", service="shop",
    )  # fmt: skip
    records.store(home, *records.run(), *records.many(9), failed).close()
    return home


@pytest.mark.parametrize("columns", [80, 200])
def test_golden(run, stored, terminal, columns):
    terminal(columns)
    assert_golden(f"stats-{columns}", run("stats").out)
    for by in BY:
        assert_golden(f"stats-{by}-{columns}", run("stats", "--by", by).out)


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_lines_fit(run, home, terminal, columns):
    spans = [
        records.span(n, n, n + 1, step_type="act", tool_name="北京🦊天气" * n, trace_id=f"{n:032x}",
                     user_id="👩‍👩‍👧" * n, error_type="x", status="error", model="m" * n,
                     input_tokens=n)
        for n in range(1, 9)
    ]  # fmt: skip
    records.store(home, *spans).close()
    terminal(columns)
    for args in ([], *(["--by", by] for by in BY)):
        lines = run("stats", *args).out.splitlines()
        assert lines
        # Time's key and the numbers that stay are wider than 40 cells.
        if columns > 40:
            assert max(cell_len(line) for line in lines) <= columns


@pytest.mark.parametrize("by", BY)
def test_forms_agree(run, stored, by):
    as_json = json.loads(run("stats", "--by", by, "--json").out)
    as_csv = list(csv.DictReader(io.StringIO(run("stats", "--by", by, "--csv").out)))
    header, *lines = run("stats", "--by", by).out.rstrip("\n").split("\n")
    as_tsv = [dict(zip(header.split("\t"), line.split("\t"), strict=True)) for line in lines]
    assert as_csv == as_tsv
    assert len(as_json) == len(as_csv) > 0
    for one, two in zip(as_json, as_csv, strict=True):
        assert {k: "" if v is None else str(v) for k, v in one.items()} == two
    assert list(as_json[0]) == [
        by, "count", "error_count", "error_share", "p50_ms", "p95_ms", "p99_ms", "total_ms",
        "input_tokens", "output_tokens", "cost_usd",
    ]  # fmt: skip


def test_sums(run, stored):
    (search, calendar) = json.loads(run("stats", "--by", "tool", "--json", "--sort", "-total").out)
    assert (search["tool"], search["count"], search["p50_ms"]) == ("search", 1, 4020.0)
    assert (calendar["tool"], calendar["error_share"]) == ("calendar.add", 1.0)
    users = json.loads(run("stats", "--by", "user", "--json").out)
    assert [(u["user"], u["count"], u["error_count"]) for u in users] == [
        ("ann", 10, 0), (None, 1, 1),
    ]  # fmt: skip
    times = json.loads(run("stats", "--by", "time", "--json").out)
    assert sum(t["count"] for t in times) == 11


def test_the_overview_for_programs(run, stored):
    found = json.loads(run("stats", "--json").out)
    assert list(found) == ["total", "time", "tool", "model", "error"]
    assert (found["total"]["count"], found["total"]["error_count"]) == (11, 1)
    assert sum(t["count"] for t in found["time"]) == 11
    assert [e["error"] for e in found["error"]] == ["Timeout", "TimeoutError"]
    rows = list(csv.DictReader(io.StringIO(run("stats", "--csv").out)))
    assert [r["count"] for r in rows if r["part"] == "total"] == ["11"]
    assert {r["part"] for r in rows} == {"total", "time", "tool", "model", "error"}


def test_a_filter_narrows_everything(run, stored):
    assert json.loads(run("stats", "tool:search", "--json").out)["total"]["count"] == 1
    found = json.loads(run("stats", "status:error", "--by", "step", "--json").out)
    assert {row["step"]: row["count"] for row in found} == {"act": 1, "user_input": 1}
    done = run("stats", "--since", "2026-11-20T14:03:21Z", "--json")
    assert json.loads(done.out)["total"]["count"] == 1
    assert "· since 2026-11-20 14:03:21" in done.err


def test_nothing_matches(run, stored):
    done = run("stats", "tool:nosuch")
    assert done.code == 0
    assert done.err == f"lake://{stored} · nothing matches\n"
    assert json.loads(run("stats", "tool:nosuch", "--json").out)["total"] is None
    assert run("stats", "tool:nosuch", "--by", "tool", "--json").out == "[]\n"


def test_first_run_says_how_to_begin(run):
    for args in ([], ["--by", "tool"]):
        done = run("stats", *args, "--json")
        assert done.code == 0
        assert done.err.startswith("Nothing is recorded yet.")


def test_limits_and_sorting(run, stored):
    done = run("stats", "--by", "step", "--limit", "2", "--json")
    assert len(json.loads(done.out)) == 2
    assert "the first 2; more lie behind, --limit 0 shows all" in done.err
    assert len(json.loads(run("stats", "--by", "time", "--limit", "4", "--json").out)) <= 4
    slow = json.loads(run("stats", "--by", "step", "--sort", "-p95", "--json").out)
    assert [r["p95_ms"] for r in slow] == sorted((r["p95_ms"] for r in slow), reverse=True)
    steps = json.loads(run("stats", "--by", "step", "--sort", "key", "--json").out)
    assert [r["step"] for r in steps] == sorted(r["step"] for r in steps)


@pytest.mark.parametrize(
    "args",
    [["--by", "nosuch"], ["--sort", "nosuch", "--by", "tool"], ["--limit", "-1"],
     ["tol:search"], ["--json", "--csv"], ["--since", "soon"]],
)  # fmt: skip
def test_misuse(run, stored, args):
    done = run("stats", *args)
    assert (done.code, done.out) == (2, "")


def test_a_mistake_in_the_filter_is_pointed_at(run, stored):
    done = run("stats", "tool:search", "tol:search")
    assert done.err.splitlines()[1:3] == ["  tool:search tol:search", "              ^^^"]
    assert "Did you mean `tool`?" in done.err


def test_the_clock_of_the_settings(run, stored, terminal, monkeypatch):
    import time

    from jollyscope_cli.render import moments

    terminal(120)
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
    moments._in_utc.cache_clear()
    since = ["--since", "2026-11-20T14:03:00Z"]
    assert "2026-11-20 22:03" in run("stats", "--by", "time").out
    assert "since 2026-11-20 22:03:00" in run("stats", *since).err
    assert "2026-11-20 22:03:11" in run("show", "7f3a").out
    monkeypatch.setenv("JOLLYSCOPE_UI_TIME", "utc")
    moments._in_utc.cache_clear()
    assert "2026-11-20 14:03" in run("stats", "--by", "time").out
    assert "since 2026-11-20 14:03:00" in run("ls", *since).err
    assert "2026-11-20 14:03:11" in run("show", "7f3a").out
    assert "2026-11-20 14:03:11" in run("ls", "--columns", "start_time,input").out
    moments._in_utc.cache_clear()


@pytest.mark.parametrize(
    ("share", "drawn"),
    [(0, ""), (0.001, "▏"), (0.5, "█████"), (1, "██████████"), (0.55, "█████▌"), (2, "█" * 10)],
)
def test_bars(share, drawn):
    assert bar(share, 10) == drawn
