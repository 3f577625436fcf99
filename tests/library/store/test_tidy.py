"""Merging beside loads and readers: nothing is lost or doubled, whoever else changes the parts."""

from __future__ import annotations

from pathlib import Path

import pytest

from jollyscope.model.records import SpanRecord
from jollyscope.model.wire import encode_lines
from jollyscope.store.lake import manifest as m
from jollyscope.store.lake import tidy as module
from jollyscope.store.lake.manifest import Part
from jollyscope.store.lake.parts import Engine
from jollyscope.store.lake.store import LakeStore
from jollyscope.transport.spool import SpoolWriter, spool_dir

BASE = 10**18


class Filled:
    """A lake with parts of one span, each the next one of a trace that all of them hold."""

    def __init__(self, home: Path, parts: int) -> None:
        self.store = LakeStore(home)
        self.count = 0
        for _ in range(parts):
            self.add()

    def add(self) -> None:
        """One more part."""
        self.count += 1
        n = self.count
        record = SpanRecord(
            trace_id="1" * 32, span_id=f"{n:016x}", start_time=BASE + n, end_time=BASE + n
        )
        writer = SpoolWriter(spool_dir(self.store.home))
        writer.write("span", encode_lines([record]))
        writer.close()
        self.store.load()

    def parts(self) -> list[Part]:
        with self.store.manifest.read() as db:
            return m.parts(db)

    def spans(self) -> list[int]:
        with self.store.reader() as reader:
            [(trace,)] = reader.query("SELECT span_count FROM ads_traces").rows
            held = reader.query("SELECT span_id FROM dwd_spans ORDER BY span_id").rows
        assert trace == len(held)
        return [int(row[0], 16) for row in held]


@pytest.fixture
def filled(tmp_path: Path) -> Filled:
    return Filled(tmp_path, module.TOGETHER)


def test_eight_alike_become_one(filled: Filled):
    before = filled.spans()
    with filled.store.reader() as reader:
        assert filled.store.tidy() == module.TOGETHER
        assert reader.query("SELECT count(*) FROM dwd_spans").rows == [(module.TOGETHER,)]
    assert [part.row_count for part in filled.parts()] == [module.TOGETHER]
    assert filled.spans() == before
    assert filled.store.tidy() == 0


def test_another_load_meanwhile_is_kept(filled: Filled, monkeypatch: pytest.MonkeyPatch):
    kept = Engine.merge

    def slow(engine: Engine, *args: object, **options: object):
        draft = kept(engine, *args, **options)  # type: ignore[arg-type]
        monkeypatch.setattr(Engine, "merge", kept)
        filled.add()
        return draft

    monkeypatch.setattr(Engine, "merge", slow)
    assert filled.store.tidy() == module.TOGETHER
    assert filled.spans() == list(range(1, module.TOGETHER + 2))
    assert len(filled.parts()) == 2


@pytest.mark.parametrize("change", ["gone", "prune", "rewritten"])
def test_parts_that_changed_meanwhile_are_left_alone(
    filled: Filled, monkeypatch: pytest.MonkeyPatch, change: str
):
    kept = Engine.merge

    def slow(engine: Engine, *args: object, **options: object):
        draft = kept(engine, *args, **options)  # type: ignore[arg-type]
        monkeypatch.setattr(Engine, "merge", kept)
        if change == "prune":
            filled.store.prune(older_than=BASE + 3)
        elif change == "rewritten":
            with filled.store.manifest.write() as db:
                m.drop_part(db, filled_first, 0)
        else:
            draft = draft._replace(path="span/1970-01-01/gone.parquet")
        return draft

    filled_first = filled.parts()[0]
    monkeypatch.setattr(Engine, "merge", slow)
    assert filled.store.tidy() == 0
    held = filled.spans()
    assert held == list(range({"prune": 3, "rewritten": 2, "gone": 1}[change], 9))
    on_disk = {path.name for path in (filled.store.manifest.lake / "span").rglob("*.parquet")}
    named = {Path(part.path).name for part in filled.parts()}
    assert named <= on_disk


def test_only_one_at_a_time(filled: Filled):
    with module.only_one(filled.store.manifest.lake / module.LOCK):
        assert filled.store.tidy() == 0
    assert filled.store.tidy() == module.TOGETHER


def part(number: int, rows: int, kind: str = "span", day: str = "2026-01-01") -> Part:
    return Part(number, kind, day, f"{number}", None, rows, 0, number, number, 0)


def test_the_cheapest_group_first_and_none_beyond_a_million_rows():
    large = [part(n, 120_000) for n in range(10)]
    small = [part(n, 30_000) for n in range(10, 18)]
    assert module.due([*large, *small]) == small
    assert module.due(large) == large[:8]
    assert module.due(small[1:]) == []
    assert module.due([*small[:4], *(part(n, 30_000, "event") for n in range(7))]) == []
    assert module.due([*small[:7], part(99, 30_000, day="2026-01-02")]) == []
    assert module.due([part(n, 900_000) for n in range(9)]) == []
