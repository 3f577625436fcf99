"""The health screen under the fingers: asked again by itself, at a key, and what it says copied."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from jollyscope.errors import UsageError
from jollyscope.model.wire import encode_lines
from jollyscope.store.lake.store import LakeStore
from jollyscope.transport.spool import SpoolWriter, spool_dir
from jollyscope_tui.navigation import CopyAsked
from jollyscope_tui.opening import Opening
from jollyscope_tui.screens import health as module
from jollyscope_tui.screens.health import HealthScreen
from jollyscope_tui.sources.source import StoreSource
from jollyscope_tui.widgets.health_list import HealthDetail, HealthList
from jollyscope_tui.widgets.state_panel import StatePanel
from tests.tui import fake_live, fakes
from tests.tui.conftest import explorer, lines_of, settle, until

SIZE = (120, 34)


@pytest.fixture(autouse=True)
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is asked but what a key asks for."""
    monkeypatch.setattr(module, "POLL_SECONDS", 3600)


@pytest.fixture
def copied(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    texts: list[str] = []
    post = HealthScreen.post_message

    def noted(screen: HealthScreen, message: Any) -> bool:
        if isinstance(message, CopyAsked):
            texts.append(message.text)
            return True
        return post(screen, message)

    monkeypatch.setattr(HealthScreen, "post_message", noted)
    return texts


def text(pilot: Pilot[Any]) -> str:
    return "\n".join(lines_of(pilot.app))


async def at_health(pilot: Pilot[Any]) -> HealthScreen:
    await until(pilot, lambda: isinstance(pilot.app.screen, HealthScreen))
    screen = pilot.app.screen
    assert isinstance(screen, HealthScreen)
    await until(pilot, lambda: screen.shown is not None)
    await settle(pilot)
    return screen


async def test_every_part_is_there_with_its_state_lag_and_version() -> None:
    source = fakes.FakeSource(fakes.varied_rows())
    async with explorer(source).run_test(size=(160, 34)) as pilot:
        await settle(pilot)
        await pilot.press("H")
        await at_health(pilot)
        shown = text(pilot)
        assert "All 7 parts are well." in lines_of(pilot.app)[0]
        for name, sentence, _facts in fake_live.WELL:
            assert f"{name:<11} ✔ ok" in shown
            assert sentence[:24] in shown
        assert "12 records" in shown
        assert "25.8.2.29" in shown
        await pilot.press("H")
        await settle(pilot)
        assert len(pilot.app.screen_stack) == 3
        await pilot.press("q")
        await until(pilot, lambda: not isinstance(pilot.app.screen, HealthScreen))


async def test_keys_move_ask_and_copy(copied: list[str]) -> None:
    source = fakes.FakeSource()
    source.health.answer = fake_live.unwell
    async with explorer(source, opens=Opening(place="health")).run_test(size=SIZE) as pilot:
        screen = await at_health(pilot)
        assert "Not well: kafka, flink, grafana, disk." in text(pilot)
        await pilot.press("j", "j", "y")
        await pilot.press("k", "k", "down", "y", "Y")
        assert copied == [
            "flink is down: Nothing answers at http://127.0.0.1:8081: connection refused. "
            "`jollyscope logs flink` says why.",
            "kafka is degraded: jollyscope-clean is 184k messages behind. It catches up once less "
            "comes; more of it is docs/backend.md, Sizing.",
            "jollyscope ui --health",
        ]
        assert "→ It catches up once less comes" in text(pilot)
        assert "lag.jollyscope-clean" in text(pilot)
        source.health.answer = fake_live.well
        await pilot.press("r")
        await until(pilot, lambda: "All 7 parts" in text(pilot))
        await settle(pilot)
        chosen = screen.query_one(HealthList).selected
        assert chosen is not None
        assert chosen.health.name == "kafka"
        assert "last trouble" in text(pilot)
        assert "184k messages behind" in text(pilot)
        await pilot.press("G")
        await settle(pilot)
        assert "/home/ann" in text(pilot)
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(pilot.app.screen, HealthScreen))


async def test_it_is_asked_again_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "POLL_SECONDS", 0.01)
    source = fakes.FakeSource()
    async with explorer(source, opens=Opening(place="health")).run_test(size=SIZE) as pilot:
        await until(pilot, lambda: len(source.health.asked) > 3)
        assert set(source.health.asked) == {(False, True)}


async def test_the_proof_is_asked_for_waited_for_and_cancelled() -> None:
    source = fakes.FakeSource()
    async with explorer(source, opens=Opening(place="health")).run_test(size=SIZE) as pilot:
        screen = await at_health(pilot)
        source.gate = threading.Event()
        await pilot.press("d")
        await until(pilot, lambda: "proving, Esc cancels" in text(pilot))
        await pilot.press("escape")
        await until(pilot, lambda: "proving" not in text(pilot))
        assert pilot.app.screen is screen
        assert source.health.asked[-1] == (True, True)
        assert "All 7 parts" in text(pilot)


async def test_read_only_sends_no_span() -> None:
    source = fakes.FakeSource()
    opens = Opening(place="health")
    async with explorer(source, opens=opens, read_only=True).run_test(size=SIZE) as pilot:
        await at_health(pilot)
        await pilot.press("d")
        await until(pilot, lambda: source.health.asked[-1] == (True, False))
        assert any("no span is sent" in note.message for note in pilot.app._notifications)


async def test_settings_that_cannot_be_read_are_said_and_tried_again() -> None:
    source = fakes.FakeSource()
    source.error = UsageError("The setting `lake.x` is unknown.", hint="Take it out.")
    async with explorer(source, opens=Opening(place="health")).run_test(size=SIZE) as pilot:
        await until(pilot, lambda: isinstance(pilot.app.screen, HealthScreen))
        panel = pilot.app.screen.query_one(StatePanel)
        await until(pilot, lambda: panel.display and "Take it out." in text(pilot))
        source.error = None
        await pilot.press("r")
        await until(pilot, lambda: "All 7 parts" in text(pilot))


async def test_the_mouse_and_the_pane_below() -> None:
    source = fakes.FakeSource()
    async with explorer(source, opens=Opening(place="health")).run_test(size=(80, 16)) as pilot:
        screen = await at_health(pilot)
        await pilot.click(HealthList, offset=(3, 3))
        await settle(pilot)
        chosen = screen.query_one(HealthList).selected
        assert chosen is not None
        assert chosen.health.name == "flink"
        await pilot.press("tab")
        assert screen.query_one(HealthDetail).has_focus
        await pilot.press("j", "k", "G", "g", "pagedown", "pageup")
        await settle(pilot)
        assert "flink" in text(pilot)


async def test_a_lake_on_this_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    monkeypatch.setenv("JOLLYSCOPE_HOME", str(home))
    writer = SpoolWriter(spool_dir(home))
    writer.write("span", encode_lines(fakes.agent_run()))
    LakeStore(home).load()
    writer.write("span", encode_lines(fakes.agent_run()))
    source = StoreSource(f"lake://{home}")
    try:
        async with explorer(source, opens=Opening(place="health")).run_test(size=SIZE) as pilot:  # type: ignore[arg-type]
            await at_health(pilot)
            shown = text(pilot)
            assert "1 process is recording" in shown
            assert "1 part," in shown
            assert "DuckDB" in shown
            for part in (home / "lake").rglob("*.parquet"):
                with part.open("r+b") as file:
                    file.truncate(part.stat().st_size // 2)
            await pilot.press("r")
            await until(pilot, lambda: "! degraded" in text(pilot))
            assert "Not well: lake." in text(pilot)
    finally:
        writer.close()
        source.close()
