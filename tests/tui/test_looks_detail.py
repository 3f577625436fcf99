"""How the detail's tabs look, as SVG. After a change on purpose: `pytest tests/tui/test_looks_detail.py
--snapshot-update`, and look at what changed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from jollyscope_tui.widgets.details import TABS
from tests.tui import fakes
from tests.tui.conftest import on_trace
from tests.tui.detail_runs import looping_run, sampled, talking_run
from tests.tui.test_looks import press

Snap = Callable[..., bool]
SMALL, WIDE = (80, 24), (100, 44)
CALL, THOUGHT = ("j",), ("j", "j")


def key_of(tab: str) -> str:
    return str((TABS.index(tab) + 1) % 10)


def looks(snap: Snap, *keys: str, spans: Any = None, size: tuple[int, int] = WIDE, **more: Any):
    app = on_trace(spans or talking_run(), **more)
    app.services.source.sampled = sampled  # type: ignore[attr-defined]
    assert snap(app, terminal_size=size, run_before=press(*keys))


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light"])
def test_conversation(snap_compare: Snap, theme: str) -> None:
    looks(snap_compare, *THOUGHT, key_of("Messages"), "D", "j", theme=theme)


def test_conversation_unfolded(snap_compare: Snap) -> None:
    looks(snap_compare, *THOUGHT, key_of("Messages"), "D", "asterisk", "ctrl+d", "ctrl+d")


def test_conversation_folded(snap_compare: Snap) -> None:
    looks(snap_compare, *THOUGHT, key_of("Messages"), "D", "underscore", "j", "j")


def test_conversation_as_it_is(snap_compare: Snap) -> None:
    looks(snap_compare, *THOUGHT, key_of("Messages"), "D", "R", "G")


def test_conversation_small(snap_compare: Snap) -> None:
    looks(snap_compare, *THOUGHT, key_of("Messages"), "enter", size=SMALL)


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light"])
def test_markdown(snap_compare: Snap, theme: str) -> None:
    looks(snap_compare, *CALL, key_of("Output"), "D", theme=theme)


def test_json(snap_compare: Snap) -> None:
    looks(snap_compare, *CALL, key_of("Input"), "D", "j", "j", "j", "enter")


def test_json_unfolded(snap_compare: Snap) -> None:
    looks(snap_compare, *CALL, key_of("Input"), "D", "asterisk")


def test_long_text_folded(snap_compare: Snap) -> None:
    looks(snap_compare, "G", key_of("Output"), "D", "G", size=(80, 60))


def test_overview(snap_compare: Snap) -> None:
    looks(snap_compare, *THOUGHT, key_of("Overview"), "D")


def test_attributes(snap_compare: Snap) -> None:
    looks(snap_compare, *CALL, key_of("Attributes"), "D", "j")


def test_attributes_filtered(snap_compare: Snap) -> None:
    filtered = ("slash", *"http", "enter")
    looks(snap_compare, *CALL, key_of("Attributes"), "D", *filtered, size=SMALL)


def test_found(snap_compare: Snap) -> None:
    looks(snap_compare, *CALL, key_of("Raw"), "D", "slash", *"search", "enter", "n")


def test_events(snap_compare: Snap) -> None:
    looks(snap_compare, *CALL, key_of("Events"), "D")


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light"])
def test_error(snap_compare: Snap, theme: str) -> None:
    looks(snap_compare, *CALL, key_of("Error"), "D", theme=theme)


def test_resources(snap_compare: Snap) -> None:
    looks(snap_compare, *CALL, key_of("Resources"), "D", size=SMALL)


def test_resources_none(snap_compare: Snap) -> None:
    app = on_trace(talking_run())
    run = press(*CALL, key_of("Resources"), "D")
    assert snap_compare(app, terminal_size=SMALL, run_before=run)


def test_flow_small(snap_compare: Snap) -> None:
    looks(snap_compare, "w", "D", spans=fakes.agent_run(), size=SMALL)


def test_flow_loop(snap_compare: Snap) -> None:
    looks(snap_compare, "j", "w", "D", spans=looping_run())


def test_flow_large(snap_compare: Snap) -> None:
    looks(snap_compare, "w", "D", spans=looping_run(400, 50), size=(120, 70))


def test_raw(snap_compare: Snap) -> None:
    looks(snap_compare, *CALL, key_of("Raw"), "D")


def test_narrow(snap_compare: Snap) -> None:
    looks(snap_compare, *CALL, key_of("Raw"), "enter", size=(50, 20))


def test_without_colour(snap_compare: Snap, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    looks(snap_compare, *THOUGHT, key_of("Messages"), "D", "j", "j", "j")
