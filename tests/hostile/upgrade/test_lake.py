"""A lake that any version wrote opens, is brought up to date, or is refused in one sentence."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from jollyscope.errors import JollyScopeError, StoreError
from jollyscope.store.lake import layouts
from jollyscope.store.lake.layouts import Layout
from jollyscope.store.lake.store import LakeStore
from jollyscope.store.state import label
from jollyscope.transport.spool import spool_dir
from tests.hostile.upgrade import stored as s
from tests.hostile.upgrade.make import make_lake

VERSIONS = sorted(int(file.name[5:9]) for file in s.STORES.glob("lake-*.tar.gz"))
WROTE = {name: sql for name, sql in s.QUESTIONS.items() if name in ("spans", "traces")}
OPENING: dict[str, Callable[[LakeStore], object]] = {
    "read": lambda store: store.reader(load=False),
    "load": LakeStore.load,
    "compact": LakeStore.compact,
    "prune": lambda store: store.prune(older_than=1),
    "info": LakeStore.info,
    "tidy": LakeStore.tidy,
}
NOTES: dict[str, Callable[[LakeStore], object]] = {
    "read notes": lambda store: store.state.all_annotations(),
    "write notes": lambda store: store.state.annotate([label("1" * 32, None, "x", by="a", now=1)]),
}


@pytest.fixture(params=VERSIONS)
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return s.unpacked(request.param, tmp_path)


@pytest.fixture
def kept(home: Path) -> dict[str, Any]:
    """What the store answered to the program that wrote it."""
    return msgspec.json.decode((s.STORES / f"lake-{home_version(home):04d}.json").read_bytes())


def home_version(home: Path) -> int:
    """The layout of a lake's manifest."""
    with closing(sqlite3.connect(home / "lake" / "manifest.sqlite")) as db:
        return layouts.version(db)


def opened(home: Path) -> LakeStore:
    return LakeStore(home, now=lambda: s.NOW + 7200 * s.SECOND)


def asked(store: LakeStore, questions: dict[str, str] | None = None) -> dict[str, Any]:
    with store.reader(load=False) as reader:
        return s.answers(reader, questions or s.QUESTIONS | s.NOTED)


def following(folder: Path, name: str, sql: str) -> Layout:
    """The layouts there are and one more."""
    now = Path(layouts.__file__).parent / "sql" / name
    shutil.copytree(now, folder / name)
    newest = max(int(file.stem) for file in now.glob("*.sql"))
    (folder / name / f"{newest + 1:04d}.sql").write_text(sql)
    return Layout(folder / name, getattr(layouts, name.upper()).named)


PARTS = """-- What a part was made by; a comment with a semicolon; in it.
ALTER TABLE parts ADD COLUMN made_by TEXT NOT NULL DEFAULT 'an older one; perhaps';
CREATE TABLE seen (trace_id TEXT PRIMARY KEY);
INSERT INTO seen SELECT DISTINCT trace_id FROM trace_parts;
CREATE TRIGGER seen_too AFTER INSERT ON trace_parts BEGIN
    INSERT OR IGNORE INTO seen VALUES (new.trace_id);
END;
"""
NOTED = "ALTER TABLE views ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;\n"


@pytest.fixture
def tomorrow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """The program with one layout more of each file; `undo()` is today's again."""
    with monkeypatch.context() as patch:
        patch.setattr(layouts, "MANIFEST", following(tmp_path / "sql", "manifest", PARTS))
        patch.setattr(layouts, "STATE", following(tmp_path / "sql", "state", NOTED))
        yield patch


def test_it_answers_as_it_did(home: Path, kept: dict[str, Any]):
    store = opened(home)
    assert asked(store) == kept
    assert [view.name for view in store.state.views()] == ["slow ones"]
    info = store.info()
    assert (info.spans, info.traces, info.dead_letters) == (len(kept["spans"]), 5, 1)


def test_loading_merging_and_writing_go_on(home: Path, kept: dict[str, Any]):
    store = opened(home)
    s.write(spool_dir(home), s.LATER)
    store.load()
    store.state.annotate([label(f"{6:032x}", None, "new", by="bob", now=s.NOW)])
    grown = asked(store)
    for name, rows in kept.items():
        assert [row for row in grown[name] if row in rows] == rows or name == "tools"
    assert len(grown["spans"]) == len(kept["spans"]) + len(s.LATER)
    assert grown["tools"] == [["search", kept["tools"][0][1] + 2, 1]]
    store.compact()
    assert asked(store) == grown
    fresh = make_lake(home.parent / "fresh")
    s.write(spool_dir(fresh.home), s.LATER)
    assert asked(fresh, WROTE) == {name: grown[name] for name in WROTE}


def test_a_next_layout_is_reached_by_reading_and_by_loading(
    home: Path, kept: dict[str, Any], tomorrow: pytest.MonkeyPatch, tmp_path: Path
):
    other = Path(shutil.copytree(home, tmp_path / "other"))
    was = home_version(home)
    assert asked(opened(home)) == kept
    assert home_version(home) == was + 1
    s.write(spool_dir(other), s.LATER)
    opened(other).load()
    opened(other).compact()
    with opened(other).manifest.read() as db:
        assert {row[0] for row in db.execute("SELECT made_by FROM parts")} == {
            "an older one; perhaps"
        }
        seen = db.execute("SELECT count(*) FROM seen").fetchone()[0]
    assert seen == len(asked(opened(other), WROTE)["traces"])


def test_whoever_reads_first_brings_it_up_to_date_once(home: Path, tomorrow: pytest.MonkeyPatch):
    def read(_: int) -> int:
        with opened(home).manifest.read() as db:
            return db.execute("SELECT count(*) FROM seen").fetchone()[0]

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(read, range(16)))) == 1


def test_a_newer_ones_is_refused_and_left_as_it_is(home: Path, tomorrow: pytest.MonkeyPatch):
    opened(home).state.drop_view("")
    asked(opened(home))
    before = contents(home)
    tomorrow.undo()
    newest = layouts.MANIFEST.newest
    told = rf"newer JollyScope \(layout {newest + 1}, this one knows {newest}\)"
    for what, ask in (OPENING | NOTES).items():
        with pytest.raises(StoreError, match=told) as said:
            ask(opened(home))
        assert "pip install -U" in said.value.hint, what
        assert "\n" not in str(said.value)
        assert contents(home) == before, what


def contents(home: Path) -> dict[str, str]:
    """Every file but the marks of who works there and SQLite's index, and what is in it."""
    return {
        str(file.relative_to(home)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(home.rglob("*"))
        if file.is_file() and file.suffix != ".lock" and not file.name.endswith("-shm")
        if file.stat().st_size
    }


def test_a_copy_from_before_is_the_way_back(
    home: Path, kept: dict[str, Any], tomorrow: pytest.MonkeyPatch, tmp_path: Path
):
    copy = Path(shutil.copytree(home, tmp_path / "copy"))
    s.write(spool_dir(home), s.LATER)
    opened(home).load()
    opened(home).compact()
    tomorrow.undo()
    with pytest.raises(StoreError, match="newer"):
        asked(opened(home))
    assert asked(opened(copy)) == kept


def test_a_change_that_fails_leaves_the_old_one(
    home: Path, kept: dict[str, Any], tomorrow: pytest.MonkeyPatch, tmp_path: Path
):
    was = home_version(home)
    broken = following(tmp_path / "broken", "manifest", PARTS + "INSERT INTO no_such VALUES (1);\n")
    tomorrow.setattr(layouts, "MANIFEST", broken)
    with pytest.raises(
        JollyScopeError, match="cannot be brought up to date: no such table"
    ) as said:
        asked(opened(home))
    assert said.value.hint
    with pytest.raises(StoreError, match="no such table"):
        opened(home).load()
    assert home_version(home) == was
    tomorrow.undo()
    assert asked(opened(home)) == kept


def test_on_media_that_cannot_be_written_it_is_said(home: Path, tomorrow: pytest.MonkeyPatch):
    def read_only(*_: object) -> sqlite3.Connection:
        raise sqlite3.OperationalError("attempt to write a readonly database")

    tomorrow.setattr(Layout, "to_write", read_only)
    with pytest.raises(StoreError, match="written by an older JollyScope") as said:
        asked(opened(home))
    assert "jollyscope store info" in said.value.hint
