"""The real explorer on a real terminal: tmux draws it, and says what it shows."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rich.cells import cell_len

ROOT = Path(__file__).parents[2]

pytestmark = [
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed"),
    pytest.mark.slow,
]


class Pane:
    """A tmux server of its own with one window, in which a shell runs the explorer."""

    def __init__(self, socket: Path, width: int, height: int) -> None:
        self.socket = socket
        size = ["-x", str(width), "-y", str(height)]
        self("-f", "/dev/null", "new-session", "-d", *size, "env", "PS1=ready$ ", "sh")
        self.until(lambda text: "ready$" in text)

    def __call__(self, *words: str) -> str:
        command = ["tmux", "-u", "-S", str(self.socket), *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def play(self, scene: str) -> None:
        line = f"cd {ROOT} && {sys.executable} -m tests.tui.play {scene}; echo code=$?"
        self("send-keys", "-l", line)
        self("send-keys", "Enter")

    def press(self, *keys: str) -> None:
        for key in keys:
            self("send-keys", key)

    def text(self) -> str:
        return self("capture-pane", "-p")

    def until(self, true: Callable[[str], bool], seconds: float = 30.0) -> str:
        """What is shown once `true` of it; polls, and fails with the screen after `seconds`."""
        deadline = time.monotonic() + seconds
        while not true(text := self.text()):
            assert time.monotonic() < deadline, f"it did not come about:\n{text}"
            time.sleep(0.02)
        return text


@pytest.fixture
def pane(tmp_path: Path) -> Iterator[Callable[[int, int], Pane]]:
    made: list[Pane] = []

    def make(width: int, height: int) -> Pane:
        made.append(Pane(tmp_path / f"tmux{len(made)}", width, height))
        return made[-1]

    yield make
    for one in made:
        one("kill-server")


@pytest.mark.parametrize(("width", "height"), [(80, 24), (200, 60)])
def test_open_scroll_fold_and_quit(
    pane: Callable[[int, int], Pane], width: int, height: int
) -> None:
    terminal = pane(width, height)
    terminal.play("huge20000")
    terminal.until(lambda text: "every span" in text and "batch of everything" in text)
    terminal.press("*", "G")
    last = "… 19,999 more"
    shown = terminal.until(lambda text: "· 20,000 rows" in text and "▌▾" not in text)
    lines = shown.splitlines()
    head = next(at for at, line in enumerate(lines) if "┬" in line)
    rows = lines[head + 1 : head + 9]
    assert len({line.index("│") for line in rows}) == 1
    terminal.press("g", "Space")
    terminal.until(lambda text: last in text and "· 1 rows" in text)
    terminal.press("q")
    terminal.until(lambda text: "traces · 40" in text)
    terminal.press("q")
    text = terminal.until(lambda text: "code=0" in text)
    # The terminal is left as it was: the shell's screen is back, mouse and alternate screen off.
    assert "every span" not in text
    modes = "#{alternate_on} #{mouse_any_flag} #{cursor_flag} #{bracket_paste_flag}"
    assert terminal("display-message", "-p", modes).split()[:3] == ["0", "0", "1"]


def test_cjk_and_emoji_line_up(pane: Callable[[int, int], Pane]) -> None:
    terminal = pane(100, 30)
    terminal.play("list")
    terminal.until(lambda text: "question 1:" in text)  # the heading is there before the rows
    terminal.press("Enter")
    shown = terminal.until(lambda text: "calendar.add" in text)
    # Below the trace's heading, where the divider begins, and above the detail.
    lines = shown.splitlines()
    head = next(at for at, line in enumerate(lines) if "┬" in line)
    rows = lines[head + 1 : head + 9]
    assert len({cell_len(row[: row.index("│")]) for row in rows}) == 1
    # Where tmux took a character for wider than it was counted here, the line's end is lost.
    assert any(row.endswith("━ 8.42s") or "━ 8.42s ←" in row for row in rows)


def test_what_is_not_there_ends_with_one_sentence(pane: Callable[[int, int], Pane]) -> None:
    terminal = pane(100, 30)
    terminal.play("missing")
    text = terminal.until(lambda text: re.search(r"code=\d", text) is not None)
    assert "There is no trace `abc` in the store." in text
    assert "code=3" in text
    assert "Traceback" not in text
