"""`jollyscope export`: what lands where, and what is said about it."""

from __future__ import annotations

import json

import pytest

from tests.cli import records
from tests.cli.records import TRACE

OTHER = "00ff" + "0" * 28


@pytest.fixture(autouse=True)
def stored(home):
    records.store(home, *records.run(), *records.run(OTHER)).close()


def test_a_filter_a_file_and_what_is_said(run, tmp_path):
    file = tmp_path / "out.json"
    done = run("export", f"trace:{TRACE}", "-o", str(file))
    assert (done.code, done.out) == (0, "")
    assert done.err.startswith("Wrote 1 trace, 7 spans, ")
    assert done.err.endswith(f"kB to {file}.\n")
    assert json.loads(file.read_text()) == json.loads(run("show", TRACE, "--json").out)

    done = run("export", "tool:search", "--limit", "1", "-o", str(file), "--json")
    assert json.loads(done.out) == {
        "traces": 1, "spans": 7, "size": file.stat().st_size, "files": [str(file)],
    }  # fmt: skip


def test_to_a_pipe_it_is_json_lines_unless_told(program):
    done = program("export", "-o", "-")
    assert done.code == 0
    assert len(done.out.splitlines()) == 14
    assert "Wrote 2 traces, 14 spans" in done.err
    assert "resourceSpans" in json.loads(program("export", "-o", "-", "--format", "otlp.json").out)


def test_conversations_are_counted_and_none_is_nothing(run, tmp_path):
    file = tmp_path / "out.chat.jsonl"
    done = run("export", "-o", str(file), "--json")
    told = json.loads(done.out)
    assert (told["conversations"], told["traces"]) == (1, 2)
    assert len(file.read_text().splitlines()) == 1
    assert done.err.startswith("Wrote 1 conversation (2 traces, 14 spans), ")
    none = ("export", "tool:none", "--fail-empty", "--format", "chat.jsonl", "-o")
    assert run(*none, "-").code == 3
    assert run(*none, str(tmp_path / "b")).code == 3
    assert not (tmp_path / "b").exists()


def test_pieces_are_told_by_their_names(run, tmp_path):
    done = run("export", "-o", str(tmp_path / "a.csv"), "--split-size", "10rows")
    said = f" in 2 files to {tmp_path}/a-00001.csv … {tmp_path}/a-00002.csv.\n"
    assert done.err.endswith(said)
    done = run("export", "-o", str(tmp_path / "b.csv"), "--split-size", "100rows")
    assert done.err.endswith(f" to {tmp_path}/b-00001.csv.\n")


def test_labels_go_along(run, tmp_path):
    run("label", TRACE, "golden")
    file = tmp_path / "out.json"
    assert run("export", "label:golden", "-o", str(file)).code == 0
    assert json.loads(file.read_text())["annotations"][0]["text"] == "golden"


def test_nothing_that_matches(run, tmp_path):
    file = tmp_path / "out.json"
    done = run("export", "tool:none", "-o", str(file), "--fail-empty")
    assert done.code == 3
    assert "nothing was written" in done.err
    assert not file.exists()
    assert run("export", "tool:none", "-o", "-", "--fail-empty").code == 3
    assert run("export", "tool:none", "-o", str(file)).code == 0
    assert file.read_text() == "[]\n"


@pytest.mark.parametrize(
    ("args", "says"),
    [
        ([], "Name the file to write"),
        (["-o", "out.txt"], "does not say in what format"),
        (["-o", "out", "--format", "xml"], "There is no format `xml`"),
        (["-o", "out.json", "--limit", "-1"], "is no limit"),
        (["-o", "-", "--json"], "both write to stdout"),
        (["-o", "out.json", "tol:x"], "There is no field `tol`"),
        (["-o", "."], "does not say"),
        (["-o", "none/out.json"], "cannot be written"),
        (["-o", "out.csv", "--fields", "spam"], "no field `spam`"),
        (["-o", "out.csv", "--fields", ","], "names no field"),
        (["-o", "out.csv", "--fields", "attr.A,attr.a"], "differ by case alone"),
        (["-o", "out.csv", "--table", "stepz"], "Did you mean `steps`?"),
        (["-o", "out.csv", "--split-size", "some"], "is no size of a file"),
        (["-o", "out.csv", "--salt", "short"], "at least 8 characters"),
        (["-o", "out.json", "--bom"], "are for .csv"),
        (["-o", "-", "--format", "csv", "--split-size", "1MB"], "do not fit into a pipe"),
    ],
    ids=[
        "file",
        "suffix",
        "format",
        "limit",
        "json",
        "filter",
        "folder",
        "gone",
        "field",
        "fields",
        "case",
        "table",
        "size",
        "salt",
        "bom",
        "pieces",
    ],
)
def test_mistakes_leave_nothing(run, tmp_path, monkeypatch, args, says):
    monkeypatch.chdir(tmp_path)
    done = run("export", *args)
    assert done.code in (1, 2)
    assert says in done.err
    assert not list(tmp_path.glob("*out*"))


def test_formats_complete(run):
    from tests.cli.test_completion import complete

    assert "otlp.json" in complete("jollyscope export --format o", "bash").stdout


def test_a_table_to_a_file_and_to_a_pipe(run, program, tmp_path):
    file = tmp_path / "steps.csv"
    asked = ("tool:search", "--fields", "trace,tool,when", "--sort", "trace")
    done = run("export", *asked, "-o", str(file), "--json")
    assert json.loads(done.out) == {
        "rows": 2, "size": file.stat().st_size, "files": [str(file)],
    }  # fmt: skip
    assert done.err == f"Wrote 2 rows, {file.stat().st_size} B to {file}.\n"
    assert file.read_text().splitlines() == [
        "trace_id,tool_name,start_time",
        f"{OTHER},search,2026-11-20T14:03:12.100000000Z",
        f"{TRACE},search,2026-11-20T14:03:12.100000000Z",
    ]
    piped = program("export", *asked, "--format", "csv", "-o", "-")
    assert piped.out.splitlines() == file.read_text().splitlines()
    assert run("export", "tool:none", "-o", str(file), "--fail-empty").code == 3
    assert len(file.read_text().splitlines()) == 3


def test_fields_are_listed_with_their_units_and_meanings(run):
    lines = run("export", "--table", "features", "--list-fields").out.splitlines()
    assert lines[0] == "name\ttype\tunit\tdoc"
    assert any(line.startswith("gap_ms\tnumber\tms\t") for line in lines)
    listed = json.loads(run("export", "--list-fields", "--json").out)
    assert all(field["doc"] for field in listed)
    assert run("export", "--table", "nothing", "--list-fields").code == 2


def test_fields_fit_the_terminal(run, monkeypatch):
    monkeypatch.setattr("jollyscope_cli.export_output.on_terminal", lambda: True)
    monkeypatch.setenv("COLUMNS", "60")
    lines = run("export", "--table", "executions", "--list-fields").out.splitlines()
    assert max(map(len, lines)) <= 60
    assert "start_time         time     start of its earliest span" in lines
    assert any(line.startswith(" " * 28) for line in lines)


def test_binary_is_nothing_for_a_terminal(run, monkeypatch):
    monkeypatch.setattr("jollyscope_cli.export.on_terminal", lambda: True)
    done = run("export", "-o", "-", "--format", "parquet")
    assert (done.code, done.out) == (2, "")
    assert ".parquet is nothing for a terminal" in done.err


def test_anonymous_files_of_one_data_directory_can_be_joined(run, home, tmp_path, monkeypatch):
    monkeypatch.setenv("JOLLYSCOPE_EXPORT_REDACT", '["TimeoutError"]')
    for name in ("a.jsonl", "b.csv"):
        assert run("export", "--anonymize", "-o", str(tmp_path / name)).code == 0
    user = json.loads((tmp_path / "a.jsonl").read_text().splitlines()[0])["user_id"]
    assert user.startswith("user-")
    table = (tmp_path / "b.csv").read_text()
    assert user in table
    assert "ann" not in table
    assert "[redacted]: calendar" in table
    assert (home / "export-salt").stat().st_mode & 0o777 == 0o600
    run("export", "--salt", "another one", "-o", str(tmp_path / "c.csv"))
    assert user not in (tmp_path / "c.csv").read_text()
