"""A store on the disk that is slow, emptied, spoilt or taken away while it is looked at."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from datetime import UTC
from pathlib import Path
from typing import Any

import msgspec
import pytest
from textual.pilot import Pilot

from jollyscope.model.records import SpanRecord
from jollyscope.model.wire import encode_lines
from jollyscope.store.lake.store import LakeStore
from jollyscope.transport.spool import SpoolWriter, spool_dir
from jollyscope_tui.app import Explorer
from jollyscope_tui.screens import base
from jollyscope_tui.screens.trace import TraceScreen
from jollyscope_tui.sources.source import StoreSource
from jollyscope_tui.widgets.trouble import TroubleLine
from tests.tui import fakes
from tests.tui.conftest import explorer, lines_of, settle, until

SIZE = (110, 30)


def run(number: int) -> list[SpanRecord]:
    return [
        msgspec.structs.replace(span, trace_id=fakes.trace_id(number)) for span in fakes.agent_run()
    ]


def fill(home: Path, *numbers: int) -> None:
    for number in numbers:
        writer = SpoolWriter(spool_dir(home))
        writer.write("span", encode_lines(run(number)))
        writer.close()
        LakeStore(home).load()


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "PROBE_SECONDS", 0.05)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    fill(tmp_path / "home", 1, 2, 3)
    return tmp_path / "home"


@pytest.fixture
def app(home: Path) -> Iterator[Explorer]:
    source = StoreSource(f"lake://{home}")
    made = Explorer(source, now=lambda: fakes.NOW, tz=UTC)
    made.animation_level = "none"
    yield made
    source.close()


def screen(pilot: Pilot[Any]) -> str:
    return "\n".join(lines_of(pilot.app))


def trouble(pilot: Pilot[Any]) -> str:
    return " ".join(str(line.render()) for line in pilot.app.screen.query(TroubleLine))


async def listed(pilot: Pilot[Any]) -> None:
    await settle(pilot)
    await until(pilot, lambda: "traces · 3" in screen(pilot), 20)


async def test_a_store_that_vanishes_is_told_and_read_again_when_it_is_back(
    app: Explorer, home: Path, tmp_path: Path
) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await listed(pilot)
        home.rename(tmp_path / "away")
        await pilot.press("r")
        await until(pilot, lambda: "is gone" in trouble(pilot), 20)
        assert "traces · 3" in screen(pilot)  # What was read stays.
        assert "查一下" in screen(pilot)

        (tmp_path / "away").rename(home)
        await until(pilot, lambda: not trouble(pilot), 20)
        await settle(pilot)
        assert "查一下" in screen(pilot)


async def test_another_store_in_its_place_is_read_anew(
    app: Explorer, home: Path, tmp_path: Path
) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await listed(pilot)
        home.rename(tmp_path / "away")
        await pilot.press("r")
        await until(pilot, lambda: "is gone" in trouble(pilot), 20)
        fill(home, 7, 8)
        await until(pilot, lambda: not trouble(pilot) and "traces · 2" in screen(pilot), 20)


async def test_an_open_trace_stays_when_its_store_vanishes(
    app: Explorer, home: Path, tmp_path: Path
) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await listed(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, TraceScreen), 20)
        await until(pilot, lambda: "calendar.add" in screen(pilot), 20)
        shutil.rmtree(home)
        await pilot.press("r")
        await until(pilot, lambda: "is gone" in trouble(pilot), 20)
        assert "calendar.add" in screen(pilot)
        await pilot.press("j", "j")
        await settle(pilot)
        assert "calendar.add" in screen(pilot)


def prune(home: Path) -> None:
    LakeStore(home).prune(older_than=fakes.NOW * 2)


def remove(home: Path) -> None:
    for part in (home / "lake", home / "spool"):
        shutil.rmtree(part)


@pytest.mark.parametrize("empty", [prune, remove], ids=["pruned", "removed"])
async def test_a_store_that_is_emptied_says_so_and_fills_again(
    app: Explorer, home: Path, empty: Callable[[Path], None]
) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await listed(pilot)
        empty(home)
        await pilot.press("r")
        await until(pilot, lambda: "No traces yet" in screen(pilot), 20)
        fill(home, 5)
        await pilot.press("r")
        await until(pilot, lambda: "traces · 1" in screen(pilot), 20)


async def test_a_part_that_is_cut_off_is_named(app: Explorer, home: Path) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await listed(pilot)
        parts = sorted((home / "lake").rglob("*.parquet"))
        for part in parts:
            with part.open("r+b") as file:
                file.truncate(part.stat().st_size // 2)
        await pilot.press("r")
        await until(pilot, lambda: "cannot be read" in screen(pilot), 20)
        assert app.is_running


async def test_a_spoilt_manifest_is_told_and_read_again_when_it_is_mended(
    app: Explorer, home: Path, tmp_path: Path
) -> None:
    manifest = home / "lake" / "manifest.sqlite"
    async with app.run_test(size=SIZE) as pilot:
        await listed(pilot)
        shutil.copytree(home / "lake", tmp_path / "copy")
        for extra in ("-wal", "-shm"):
            manifest.with_name(manifest.name + extra).unlink(missing_ok=True)
        manifest.write_bytes(b"garbage, no database at all. " * 500)
        await pilot.press("r")
        await until(pilot, lambda: "cannot be used" in trouble(pilot), 20)
        assert "查一下" in screen(pilot)
        shutil.rmtree(home / "lake")
        (tmp_path / "copy").rename(home / "lake")
        await until(pilot, lambda: not trouble(pilot), 20)
        await until(pilot, lambda: "traces · 3" in screen(pilot), 20)


async def test_spoilt_notes_do_not_take_the_list_away(app: Explorer, home: Path) -> None:
    (home / "lake" / "state.sqlite").write_bytes(b"no database at all. " * 500)
    async with app.run_test(size=SIZE) as pilot:
        # The path before it is long, so that the sentence may be broken anywhere.
        await until(pilot, lambda: "cannot be used" in " ".join(screen(pilot).split()), 20)
        await until(pilot, lambda: "traces · 3" in screen(pilot), 20)
        assert "查一下" in screen(pilot)


async def test_a_slow_store_keeps_the_screen_alive_and_escape_lets_go() -> None:
    source = fakes.FakeSource(fakes.varied_rows())
    source.gate = threading.Event()
    async with explorer(source).run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "Reading" in screen(pilot), 20)
        await pilot.press("question_mark")
        await until(pilot, lambda: "This screen" in screen(pilot), 20)
        await pilot.press("escape")
        await pilot.press("escape")
        await until(pilot, lambda: "ancelled" in screen(pilot) or "stopped" in screen(pilot), 20)
