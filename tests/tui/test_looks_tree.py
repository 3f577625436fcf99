"""How a trace's tree, waterfall and minimap look, as SVG."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.tui import fakes
from tests.tui.conftest import on_trace
from tests.tui.test_looks import LARGE, SMALL, press
from tests.tui.tree_runs import failing_run, live_run, looping_run

Snap = Callable[..., bool]


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "200x60"])
@pytest.mark.parametrize("theme", ["textual-dark", "textual-light"])
def test_loops_gaps_and_the_critical_path(
    snap_compare: Snap, size: tuple[int, int], theme: str
) -> None:
    app = on_trace(looping_run(), theme=theme)
    assert snap_compare(app, terminal_size=size, run_before=press("right_curly_bracket"))


def test_critical_path_only(snap_compare: Snap) -> None:
    run_before = press("c", "right_square_bracket")
    assert snap_compare(on_trace(failing_run()), terminal_size=SMALL, run_before=run_before)


def test_gaps_hidden(snap_compare: Snap) -> None:
    assert snap_compare(on_trace(looping_run()), terminal_size=SMALL, run_before=press("i"))


def test_the_cause_of_a_failure(snap_compare: Snap) -> None:
    run_before = press("underscore", "right_square_bracket")
    assert snap_compare(on_trace(failing_run()), terminal_size=SMALL, run_before=run_before)


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "200x60"])
def test_minimap_zoomed(snap_compare: Snap, size: tuple[int, int]) -> None:
    app = on_trace(fakes.huge_run(3_000))
    keys = ["right_square_bracket", *["v"] * 3, "right_parenthesis"]
    assert snap_compare(app, terminal_size=size, run_before=press(*keys))


def test_deep_and_compressed(snap_compare: Snap) -> None:
    run_before = press("asterisk", "G", *["K"], "k", "k")
    assert snap_compare(on_trace(fakes.deep_run()), terminal_size=SMALL, run_before=run_before)


def test_search_with_matches_in_texts(snap_compare: Snap) -> None:
    run_before = press("slash", *"umb", "enter")
    assert snap_compare(on_trace(), terminal_size=SMALL, run_before=run_before)


def test_search_being_typed_without_a_match(snap_compare: Snap) -> None:
    assert snap_compare(on_trace(), terminal_size=SMALL, run_before=press("slash", *"xyz"))


def test_running_and_interrupted(snap_compare: Snap) -> None:
    assert snap_compare(on_trace(live_run()), terminal_size=(100, 24), run_before=press("j"))


def test_without_colour(snap_compare: Snap, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    run_before = press("j", "z")
    assert snap_compare(on_trace(looping_run()), terminal_size=SMALL, run_before=run_before)
