"""`jollyscope sql`: its forms and bounds, and everything that it must refuse."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from rich.cells import cell_len

from jollyscope.errors import JollyScopeError
from jollyscope.store.api import open_store
from tests.cli import records
from tests.cli.golden import assert_golden


@pytest.fixture
def stored(home: Path) -> Path:
    """A store with parts and a tail."""
    records.store(home, *records.run()).close()
    open_store(f"lake://{home}").load()
    records.store(home, *records.many(3)).close()
    return home


def files(folder: Path) -> dict[str, str]:
    """Every file below a folder and what is in it."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith(("-wal", "-shm", ".lock"))
    }


def test_forms_agree(run, stored):
    query = "SELECT tool_name, call_count, p95_ms FROM ads_tools ORDER BY tool_name"
    as_json = json.loads(run("sql", query, "--json").out)
    assert as_json == [
        {"tool_name": "calendar.add", "call_count": 1, "p95_ms": 2000.0},
        {"tool_name": "search", "call_count": 1, "p95_ms": 4020.0},
    ]
    as_csv = list(csv.DictReader(io.StringIO(run("sql", query, "--csv").out)))
    assert as_csv == [{k: str(v) for k, v in row.items()} for row in as_json]
    tabbed = run("sql", query)
    assert tabbed.out == (
        "tool_name\tcall_count\tp95_ms\ncalendar.add\t1\t2000.0\nsearch\t1\t4020.0\n"
    )
    assert tabbed.err == f"lake://{stored} · 2 rows\n"


def test_values_of_every_type(run, stored):
    query = """SELECT NULL AS n, true AS t, [1, 2] AS list, {'a': 'b'} AS struct, 2::HUGEINT ** 100
        AS h, 170141183460469231731687303715884105727::HUGEINT AS big, DATE '2026-11-20' AS d,
        'tab\there' AS s, '\\x00\\xff'::BLOB AS blob, 1.50::DECIMAL(5, 2) AS m, INTERVAL 1 DAY AS i"""
    (row,) = json.loads(run("sql", query, "--json").out)
    assert (row["n"], row["t"], row["list"], row["struct"]) == (None, True, [1, 2], {"a": "b"})
    assert (row["big"], row["d"]) == ("170141183460469231731687303715884105727", "2026-11-20")
    header, line = run("sql", query).out.splitlines()
    fields = dict(zip(header.split("\t"), line.split("\t"), strict=True))
    assert fields["n"] == ""
    assert fields["list"] == "[1,2]"
    assert fields["s"] == "tab\\there"
    assert fields["blob"] == "00ff"
    assert fields["m"] == "1.50"


def test_columns_of_the_same_name_are_all_there(run, stored):
    assert json.loads(run("sql", "SELECT 1 AS a, 2 AS a", "--json").out) == [{"a": 1, "a_2": 2}]


def test_no_rows_are_an_empty_list(run, stored):
    done = run("sql", "SELECT * FROM ads_tools WHERE false", "--json")
    assert (done.code, done.out) == (0, "[]\n")
    assert done.err.endswith("0 rows\n")


def test_the_limit_is_said(run, stored):
    done = run("sql", "FROM range(5)", "--limit", "2", "--json")
    assert len(json.loads(done.out)) == 2
    assert "the first 2 rows; more lie behind, --limit 0 shows all" in done.err
    assert run("sql", "FROM range(2)", "--limit", "2").err.endswith("· 2 rows\n")
    assert len(run("sql", "FROM range(3000)", "--limit", "0").out.splitlines()) == 3001


def test_the_limit_keeps_the_order(run, stored):
    done = run("sql", "SELECT range AS n FROM range(9999) ORDER BY n DESC", "--limit", "2")
    assert done.out == "n\n9998\n9997\n"


def test_standard_input(stored):
    done = subprocess.run(
        [sys.executable, "-m", "jollyscope_cli", "sql", "-"],
        input="SELECT count(*) AS n\nFROM ads_traces -- all of them\n",
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout == "n\n4\n", done.stderr


def test_schema_is_what_the_docs_say(run, stored):
    rows = json.loads(run("sql", "--schema", "--json").out)
    assert {row["table"] for row in rows} >= {"dwd_spans", "dwd_open_spans", "ads_traces"}
    assert all(row["meaning"] for row in rows)
    page = (Path(__file__).parents[2] / "docs" / "schema.md").read_text(encoding="utf-8")
    for row in rows:
        assert f"| `{row['column']}` | {row['type']} | {row['unit']} | {row['meaning']} |" in page
    assert run("sql", "--schema").out.startswith("table\tcolumn\ttype\tunit\tmeaning\n")


@pytest.mark.parametrize("columns", [80, 200])
def test_golden(run, stored, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr("jollyscope_cli.output.on_terminal", lambda: True)
    query = "SELECT name, step_type, input, duration_ms, status FROM dwd_spans ORDER BY 4 DESC, 1"
    assert_golden(f"sql-{columns}", run("sql", query).out)
    # The schema's text is docs/schema.md's, and changes with it.
    lines = run("sql", "--schema").out.splitlines()
    assert "  trace_id             VARCHAR    32 lowercase hex digits, as in W3C" in "\n".join(
        lines
    )
    assert [line for line in lines if line == "ads_tools"]
    assert max(map(cell_len, lines)) <= columns


def test_a_mistake_is_named(run, stored):
    done = run("sql", "SELECT nosuch FROM ads_traces")
    assert done.code == 1
    assert 'Referenced column "nosuch" not found' in done.err
    assert run("sql").code == 2
    assert run("sql", "SELECT 1", "--json", "--csv").code == 2
    assert run("sql", "SELECT 1", "--limit", "-1").code == 2


OUTSIDE = [
    # Files, by every door that the engine has.
    "SELECT * FROM read_csv('{secret}')",
    "SELECT * FROM read_csv_auto('{secret}')",
    "SELECT * FROM read_text('{secret}')",
    "SELECT * FROM read_blob('{secret}')",
    "SELECT * FROM read_json('{secret}')",
    "SELECT * FROM read_json_objects('{secret}')",
    "SELECT * FROM read_parquet('{home}/lake/**/*.parquet')",
    "SELECT * FROM parquet_metadata('{home}/lake/**/*.parquet')",
    "SELECT * FROM parquet_scan('{home}/lake/**/*.parquet')",
    "SELECT * FROM sniff_csv('{secret}')",
    "SELECT * FROM glob('{folder}/*')",
    "SELECT * FROM '{secret}'",
    "FROM '{secret}'",
    'SELECT * FROM "{secret}"',
    "SELECT * FROM 'https://localhost/x.parquet'",
    "SELECT * FROM 's3://bucket/x.parquet'",
    "SELECT (SELECT content FROM read_text('{secret}'))",
    "SELECT * FROM ads_traces WHERE name IN (SELECT content FROM read_text('{secret}'))",
    "WITH x AS (SELECT * FROM read_text('{secret}')) SELECT * FROM x",
    "WITH RECURSIVE x AS (SELECT 1 UNION ALL SELECT 1 FROM glob('*')) SELECT * FROM x",
    "SELECT 1 UNION ALL SELECT content FROM read_text('{secret}')",
    "SELECT * FROM ads_traces ORDER BY (SELECT max(content) FROM read_text('{secret}'))",
    "SELECT * FROM ads_traces, LATERAL (SELECT * FROM read_text('{secret}'))",
    "SELECT * FROM query('SELECT * FROM read_text(''{secret}'')')",
    "SELECT * FROM query_table('{secret}')",
    "FROM json_execute_serialized_sql(json_serialize_sql('SELECT * FROM read_text(''{secret}'')'))",
    "SUMMARIZE SELECT * FROM read_text('{secret}')",
    "DESCRIBE SELECT * FROM read_text('{secret}')",
    "DESCRIBE '{secret}'",
    "SUMMARIZE '{secret}'",
    "SELECT * FROM sqlite_scan('{home}/lake/manifest.sqlite', 'parts')",
    # What the process and the engine know.
    "SELECT getenv('HOME')",
    "SELECT current_setting('temp_directory')",
    "SELECT * FROM duckdb_settings()",
    "SELECT * FROM duckdb_secrets()",
    "SELECT * FROM duckdb_extensions()",
    "SELECT * FROM duckdb_logs()",
    "SELECT * FROM information_schema.tables",
    "SELECT * FROM sqlite_master",
    "SELECT * FROM pragma_database_list",
    "SELECT * FROM system.main.duckdb_tables",
    "SELECT * FROM tail_span",
    "SHOW TABLES",
    "SHOW ALL TABLES",
    "EXPLAIN ANALYZE SELECT 1",
    # Writing.
    "COPY ads_traces TO '{folder}/out.csv'",
    "COPY (SELECT 1) TO '{home}/lake/out.parquet'",
    "COPY ads_traces FROM '{secret}'",
    "EXPORT DATABASE '{folder}/out'",
    "IMPORT DATABASE '{folder}'",
    "ATTACH '{folder}/out.db'",
    "ATTACH '{home}/lake/manifest.sqlite' AS m (TYPE sqlite)",
    "DETACH memory",
    "CREATE TABLE x AS SELECT 1",
    "CREATE TEMP TABLE x AS SELECT 1",
    "CREATE OR REPLACE VIEW ads_traces AS SELECT 1",
    "CREATE MACRO f(x) AS x",
    "CREATE SECRET s (TYPE s3)",
    "CREATE SEQUENCE s",
    "INSERT INTO dwd_open_spans SELECT * FROM dwd_spans",
    "DELETE FROM dwd_open_spans",
    "UPDATE dwd_open_spans SET name = 'x'",
    "DROP VIEW ads_traces",
    "ALTER TABLE dwd_open_spans ADD COLUMN x INT",
    "TRUNCATE dwd_open_spans",
    "VACUUM",
    "CHECKPOINT",
    "BEGIN",
    "WITH x AS (SELECT 1) INSERT INTO dwd_open_spans SELECT * FROM x",
    # Settings and extensions.
    "INSTALL httpfs",
    "LOAD httpfs",
    "SET enable_external_access = true",
    "SET lock_configuration = false",
    "RESET allowed_directories",
    "PRAGMA memory_limit='100GB'",
    "PRAGMA database_list",
    "CALL pragma_version()",
    "SET VARIABLE x = 1",
    "SELECT * FROM enable_logging()",
    "SELECT * FROM enable_profiling(save_location := '{folder}/out')",
    "SELECT write_log('x')",
    "USE system",
    "PREPARE p AS SELECT 1",
    "EXECUTE p",
    # Several at once, and hidden ones.
    "SELECT 1; SELECT 2",
    "SELECT 1; COPY ads_traces TO '{folder}/out.csv'",
    "SELECT 1;; DROP VIEW ads_traces; --",
    "/* SELECT */ DROP VIEW ads_traces",
    "-- SELECT 1\nDROP VIEW ads_traces",
    "",
    ";",
]


@pytest.mark.parametrize("query", OUTSIDE)
def test_refused(run, stored, tmp_path, query):
    secret = tmp_path / "secret.csv"
    secret.write_text("word\nhunter2\n", encoding="utf-8")
    before = files(tmp_path)
    text = query.format(secret=secret, folder=tmp_path, home=stored)
    done = run("sql", text)
    assert done.code in (1, 2), done
    assert done.out == ""
    assert "hunter2" not in done.err
    assert "Traceback" not in done.err
    assert files(tmp_path) == before
    # And what could be asked before still can.
    assert run("sql", "SELECT count(*) AS n FROM ads_traces").out == "n\n4\n"


@pytest.mark.parametrize("query", [q for q in OUTSIDE if "{" in q and "COPY" not in q])
def test_the_engine_refuses_on_its_own(stored, tmp_path, query, monkeypatch):
    """The second wall stands without the first, outside the lake's own folder."""
    secret = tmp_path / "secret.csv"
    secret.write_text("word\nhunter2\n", encoding="utf-8")
    before = files(tmp_path)
    monkeypatch.setattr("jollyscope.store.lake.reader.check", lambda *_: None)
    with open_store(f"lake://{stored}").reader() as reader:
        reader.restrict()
        try:
            seen = str(reader.query(query.format(secret=secret, folder=tmp_path, home=stored)).rows)
        except JollyScopeError as error:
            seen = str(error).replace(query, "")
    assert "hunter2" not in seen
    assert "word" not in seen.split()
    assert files(tmp_path) == before


@pytest.mark.parametrize(
    "query",
    [
        "WITH t AS (SELECT * FROM ads_tools) SELECT count(*) FROM t",
        "SELECT t.tool_name FROM main.ads_tools AS t JOIN ads_traces AS r ON true",
        "SELECT u FROM ads_traces, unnest(tools) AS x(u)",
        "SELECT attributes->>'$.\"a.b\"' FROM dwd_spans",
        "SELECT 'read_csv(x)', 'a;b' -- ; DROP",
        "SELECT * FROM (VALUES (1), (2)) AS v(n)",
        "SELECT quantile_cont(duration_ms, 0.95) OVER (PARTITION BY name) FROM dwd_spans",
        "DESCRIBE ads_traces",
        "SUMMARIZE ads_tools",
        "FROM ads_models",
        "SELECT make_timestamp_ns(start_time) FROM ads_traces;",
    ],
)
def test_what_reads_the_store_is_no_matter(run, stored, query):
    done = run("sql", query)
    assert done.code == 0, done.err


def test_a_broken_part_is_left_out_and_said(run, stored):
    (part,) = (stored / "lake" / "span").rglob("*.parquet")
    part.write_bytes(b"PAR1" + b"nonsense" * 100 + b"PAR1")
    done = run("sql", "SELECT count(*) AS n FROM dwd_spans")
    assert (done.code, done.out) == (0, "n\n3\n")
    assert f"warning: The part {part} cannot be read" in done.err


FOREVER = "SELECT count(*) FROM range(100000000) a, range(100000000) b WHERE a.range <> b.range + 1"


def test_a_query_is_stopped_in_time(run, stored):
    began = time.monotonic()
    done = run("sql", FOREVER, "--timeout", "1")
    assert done.code == 1
    assert "The query took longer than 1 s and was stopped." in done.err
    assert time.monotonic() - began < 20


def test_memory_is_bound(run, stored, monkeypatch):
    monkeypatch.setenv("JOLLYSCOPE_LAKE_MEMORY_MB", "100")
    done = run("sql", "SELECT count(*) FROM (SELECT DISTINCT range || 'x' FROM range(30000000))")
    assert done.code == 1
    assert "The query needs more memory than it may use." in done.err


def interrupted(process: subprocess.Popen[str]) -> str:
    """stderr of a process that Ctrl-C ended. Python loses a signal that comes while it runs a
    finaliser; then the key is pressed again.
    """
    for attempt in range(3):
        process.send_signal(signal.SIGINT)
        try:
            return process.communicate(timeout=10)[1]
        except subprocess.TimeoutExpired:
            if attempt == 2:
                raise
    raise AssertionError


def test_interrupting_stops_it(stored):
    process = subprocess.Popen(
        [sys.executable, "-c", _SAYS_WHEN, "sql", FOREVER],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "asking\n"
        err = interrupted(process)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 130
    assert "Traceback" not in err


_SAYS_WHEN = """
import sys
from jollyscope.store.lake import reader
kept = reader.interruptible
def told(con, work):
    def say():
        print("asking", flush=True)
        return work()
    return kept(con, say)
reader.LakeReader.restrict_ = reader.LakeReader.restrict
def restrict(self):
    self.restrict_()
    reader.interruptible = told
reader.LakeReader.restrict = restrict
from jollyscope_cli.main import main
sys.exit(main(sys.argv[1:]))
"""
