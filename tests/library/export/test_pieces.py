"""Exports in several files, and exports that cannot end well: all is there, or nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import duckdb
import pytest

from jollyscope.errors import NotFoundError, StoreError, UsageError
from jollyscope.export.asked import Asked
from jollyscope.export.job import export
from jollyscope.export.splitting import Split, piece_name, split_of
from jollyscope.store.lake.store import LakeStore
from tests.cli import records

NOW = records.START + 3600 * 10**9
COUNT = 3_000


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory):
    home = tmp_path_factory.mktemp("home")
    some = (
        records.span(
            1, 1000 * n, 10, trace_id=f"{n + 1:032x}", name=f"run {n}", step_type="user_input",
            input=f"question {n}", output="答案 " * 20,
        )
        for n in range(COUNT)
    )  # fmt: skip
    records.store(home, *some).close()
    opened = LakeStore(home)
    opened.load()
    yield opened
    opened.close()


def write(store: LakeStore, file: Path, watch=None, **more):
    with store.reader() as reader:
        return export(reader, store.state, Asked(output=str(file), **more).job(NOW), file, watch)


def rows_of(file: Path) -> list[str]:
    with duckdb.connect() as con:
        found = con.execute(f"SELECT CAST(start_time AS VARCHAR) FROM '{file}'").fetchall()
    return [row[0] for row in found]


@pytest.mark.parametrize("name", ["a.csv", "a.parquet", "a.jsonl"])
def test_pieces_of_rows_are_the_table_in_order(store: LakeStore, tmp_path: Path, name: str) -> None:
    done = write(
        store,
        tmp_path / name,
        table="steps",
        split="700rows",
        sort="start_time",
        fields="span,when",
    )
    assert [file.name for file in done.files] == [
        piece_name(name, Path(name).suffix, number) for number in range(1, 6)
    ]
    assert sorted(tmp_path.iterdir()) == sorted(done.files)
    found = [rows_of(file) for file in done.files]
    assert [len(rows) for rows in found] == [700] * 4 + [200]
    starts = [start for rows in found for start in rows]
    assert starts == sorted(starts)
    assert len(starts) == done.rows == COUNT


def test_pieces_of_bytes_stay_below_the_bound(store: LakeStore, tmp_path: Path) -> None:
    done = write(store, tmp_path / "a.csv", split="100kB", sort="start_time")
    sizes = [file.stat().st_size for file in done.files]
    assert max(sizes) <= 100_000
    assert min(sizes[:-1]) > 50_000
    assert sum(sizes) == done.size
    assert sum(len(rows_of(file)) for file in done.files) == COUNT
    tiny = write(store, tmp_path / "b.csv", split="10B", limit=3)
    assert len(tiny.files) == 3


def test_whole_executions_are_not_torn(store: LakeStore, tmp_path: Path) -> None:
    done = write(store, tmp_path / "a.jsonl", split="1000rows", limit=2_500)
    lines = [len(file.read_bytes().splitlines()) for file in done.files]
    assert lines == [1000, 1000, 500]
    assert (done.traces, done.spans) == (2_500, 2_500)
    documents = write(store, tmp_path / "b.json", split="2rows", limit=4)
    assert [len(json.loads(file.read_text())) for file in documents.files] == [2, 2]


def test_a_zip_and_a_folder(store: LakeStore, tmp_path: Path) -> None:
    write(store, tmp_path / "a.zip", limit=2)
    with zipfile.ZipFile(tmp_path / "a.zip") as held:
        assert len(held.read("steps.csv").splitlines()) == 3
        assert held.testzip() is None
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").write_text("mine")
    with pytest.raises(UsageError, match="is there already"):
        write(store, tmp_path / "full", table="all", format="csv")
    assert [file.name for file in (tmp_path / "full").iterdir()] == ["x"]


def test_sizes_as_people_write_them() -> None:
    assert split_of("100MB") == Split(size=100_000_000)
    assert split_of("1.5 GiB") == Split(size=3 << 29)
    assert split_of("100,000rows") == Split(rows=100_000)
    for text in ("", "0rows", "10", "MB", "-1MB", "1e3rows"):
        with pytest.raises(UsageError, match="no size"):
            split_of(text)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"output": "a.jsonl", "fields": "span"}, "no fields to choose"),
        ({"output": "a.csv", "fields": "spam"}, "no field `spam`"),
        ({"output": "a.csv", "fields": "span,span_id"}, "named twice"),
        ({"output": "a.csv", "sort": "attributes"}, "Cannot sort by `attributes`"),
        ({"output": "a.csv", "table": "step"}, "no table `step`"),
        ({"output": "a.json", "table": "steps"}, "not one table"),
        ({"output": "a.zip", "split": "1MB"}, "--split-size is for"),
        ({"output": "a.csv", "table": "all", "fields": "span"}, "for one table"),
    ],
    ids=["whole", "field", "twice", "sort", "table", "document", "split", "all"],
)
def test_what_does_not_go_together(more: dict[str, str], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        Asked(**more).job(NOW)


def test_a_watcher_can_end_it_and_nothing_is_left(store: LakeStore, tmp_path: Path) -> None:
    def watch(_done: int, _rows: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(store, tmp_path / "a.jsonl", watch)
    with pytest.raises(NotFoundError, match="nothing was written"):
        write(store, tmp_path / "a.csv", filter="tool:none", empty=False)
    assert list(tmp_path.iterdir()) == []


def test_what_fails_in_the_engine_is_one_sentence(store: LakeStore) -> None:
    with store.reader() as reader, reader.answer("SELECT 'x' AS x") as answer:
        with pytest.raises(StoreError, match="The query failed"):
            list(answer.rows("SELECT CAST(x AS BIGINT) FROM answer"))
        with pytest.raises(OSError, match="No space left"):
            answer.write(
                "SELECT repeat('x', 1000) FROM range(10000)", Path("/dev/full"), "FORMAT csv"
            )
        assert list(answer.rows()) == [[("x",)]]


FULL = """
import resource, signal, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
from jollyscope_cli.main import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
def test_a_full_disk_leaves_what_was_there(store: LakeStore, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("before")
    environ = {**os.environ, "JOLLYSCOPE_HOME": str(store.home)}
    done = subprocess.run(
        [sys.executable, "-c", FULL, "export", "-o", str(tmp_path / name)],
        env=environ, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert "cannot be written: " in done.stderr
    assert "Traceback" not in done.stderr
    assert [file.name for file in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "before"
