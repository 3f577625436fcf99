"""`jollyscope analyze`: what it prints, for people and for programs."""

from __future__ import annotations

import csv
import io
import json

import pytest
from rich.cells import cell_len

from jollyscope.analysis.report import ANALYSES
from tests.cli import records


@pytest.fixture
def stored(home):
    records.store(home, *records.run(), *records.many(9)).close()
    return home


@pytest.fixture
def terminal(monkeypatch):
    """Print as to a terminal of so many columns, without colour."""

    def be(columns: int) -> None:
        monkeypatch.setenv("COLUMNS", str(columns))
        monkeypatch.setenv("NO_COLOR", "1")
        monkeypatch.setattr("jollyscope_cli.output.on_terminal", lambda: True)

    return be


def test_findings_for_programs(run, stored):
    done = run("analyze", "--json")
    found = json.loads(done.out)
    assert (done.code, found[0]["analysis"], found[0]["filter"]) == (
        0,
        "bottlenecks",
        "tool:search",
    )
    assert found[0]["saves_ms"] == 4020.0
    assert list(found[0]) == [
        "analysis", "what", "severity", "saves_ms", "saves_usd", "evidence", "filter",
    ]  # fmt: skip
    assert done.err == f"lake://{stored} · 10 runs, {len(found)} found\n"
    rows = list(csv.DictReader(io.StringIO(run("analyze").out), delimiter="\t"))
    assert [row["what"] for row in rows] == [one["what"] for one in found]


def test_one_run_by_the_beginning_of_its_id(run, stored):
    found = json.loads(run("analyze", "7f3a", "--only", "errors,bottlenecks", "--json").out)
    assert {one["analysis"] for one in found} == {"errors", "bottlenecks"}
    assert all(one["filter"].startswith(f"trace:{records.TRACE}") for one in found)
    assert all(one["evidence"]["traces"] == [records.TRACE] for one in found)


def test_a_filter_listed_by_a_finding_lists_its_runs(run, stored):
    (one,) = json.loads(run("analyze", "--only", "errors", "--json").out)
    listed = json.loads(run("ls", one["filter"], "--json").out)
    assert [row["trace_id"] for row in listed] == one["evidence"]["traces"]


def test_filter_and_times_narrow_it(run, stored):
    assert json.loads(run("analyze", "tool:nosuch", "--json").out) == []
    assert run("analyze", "tool:nosuch").err == f"lake://{stored} · nothing matches\n"
    done = run("analyze", "--since", "2026-11-20T14:03:13Z", "--only", "errors")
    assert "7 runs, nothing stands out" in done.err


@pytest.mark.parametrize("columns", [60, 80, 200])
def test_the_table_fits_and_says_everything(run, stored, terminal, columns):
    terminal(columns)
    out = run("analyze", "--only", "bottlenecks,errors").out
    assert max(cell_len(line) for line in out.splitlines()) <= columns
    said = " ".join(out.split())
    assert "▲ high 4.02s The tool `search` is what" in said
    assert "error:" in said


def test_every_analysis_is_listed_with_its_method(run, stored, terminal):
    listed = json.loads(run("analyze", "--list", "--json").out)
    assert [one["name"] for one in listed] == [one.name for one in ANALYSES]
    assert all(one["method"] for one in listed)
    terminal(80)
    out = run("analyze", "--list").out
    assert all(one.name in out for one in ANALYSES)
    assert max(cell_len(line) for line in out.splitlines()) <= 80


def test_first_run_says_how_to_begin(run):
    done = run("analyze", "--json")
    assert (done.code, done.out) == (0, "[]\n")
    assert done.err.startswith("Nothing is recorded yet.")


@pytest.mark.parametrize(
    "args",
    [["--only", "nosuch"], ["tol:search"], ["--since", "soon"], ["--against", "tol:x"],
     ["7f3a", "--against", "tool:x"]],
    ids=["name", "filter", "time", "against", "one"],
)  # fmt: skip
def test_misuse(run, stored, args):
    done = run("analyze", *args)
    assert (done.code, done.out) == (2, "")


def test_a_misspelt_name_is_guessed(run, stored):
    assert "Did you mean `errors`?" in run("analyze", "--only", "error").err
