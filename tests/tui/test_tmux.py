"""From a recorded failure to its step, and out again: the real program, a real lake, a real terminal."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.tui.test_terminal import ROOT, Pane, pane

__all__ = ["pane"]

pytestmark = [
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed"),
    pytest.mark.slow,
]

SAMPLE = ROOT.parent / "shared" / "data" / "otlp"
PROGRAM = [sys.executable, "-m", "jollyscope_cli"]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """What the sample agent recorded through the SDK, and a trace file of another tool."""
    home = tmp_path / "home"
    environ = {**os.environ, "JOLLYSCOPE_HOME": str(home)}
    for words in (
        ["demo", "--no-ui", "--task", "failing", "--task", "compare"],
        *([["import", str(SAMPLE)]] if SAMPLE.exists() else []),
    ):
        subprocess.run(
            [*PROGRAM, *words], env=environ, capture_output=True, timeout=90, check=False
        )
    assert (home / "spool").exists() or (home / "lake").exists()
    return home


def test_from_start_to_the_failing_step_and_out_again(
    pane: Callable[[int, int], Pane], home: Path, tmp_path: Path
) -> None:
    work = tmp_path / "work"
    work.mkdir()
    terminal = pane(120, 40)
    terminal("set-option", "-g", "set-clipboard", "on")
    program = (
        f"env -u COLUMNS -u LINES JOLLYSCOPE_HOME={home} PYTHONPATH={ROOT} {' '.join(PROGRAM)}"
    )
    terminal("send-keys", "-l", f"cd {work} && {program} ui --since all; echo code=$?")
    terminal("send-keys", "Enter")
    terminal.until(lambda text: "Open" in text and "error" in text and "ok" in text)

    # Four keys: only the failed ones, the first of them, its failure, what it says.
    terminal.press("x")
    terminal.until(lambda text: "has:error" in text or "status:error" in text)
    terminal.until(lambda text: "✔ ok" not in text and "✖" in text)
    terminal.press("Enter")
    terminal.until(lambda text: "[Overview]" in text)
    terminal.press("]")
    terminal.until(lambda text: "▌" in text and "✖" in text)
    terminal.press("Enter")
    failed = terminal.until(lambda text: "Error" in text and "Traceback" not in text.split("[")[0])
    assert "✖" in failed

    terminal.press("y")
    terminal.until(lambda text: "Copied" in text)
    assert terminal("show-buffer").strip()

    terminal.press("q")
    terminal.until(lambda text: "traces ·" in text)
    terminal.press("BSpace")
    terminal.until(lambda text: "✔ ok" in text)
    terminal.press("Space", "Space")
    terminal.until(lambda text: "2 marked" in text)
    terminal.press("=")
    terminal.until(lambda text: "Swap" in text and "A succeeded, B failed" in text)
    terminal.press("q")
    terminal.until(lambda text: "2 marked" in text)

    terminal.press("e")
    terminal.until(lambda text: "export 2 traces" in text)
    terminal.press("Enter")
    terminal.until(lambda text: "Wrote 2 traces" in text)
    (file,) = work.iterdir()
    assert len(json.loads(file.read_text())) == 2

    terminal.press("q")
    text = terminal.until(lambda text: "code=0" in text)
    # The terminal is left as it was: no second screen, no mouse, the cursor there.
    assert "traces ·" not in text
    modes = "#{alternate_on} #{mouse_any_flag} #{cursor_flag}"
    assert terminal("display-message", "-p", modes).split() == ["0", "0", "1"]
