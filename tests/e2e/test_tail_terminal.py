"""`jollyscope tail` on a real terminal: lines, running steps, the pager, keys, sizes, and the way out."""

from __future__ import annotations

import re
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from jollyscope.model.records import SpanRecord
from jollyscope.model.wire import encode_lines
from jollyscope.transport.spool import SpoolWriter, spool_dir
from tests.tui.test_terminal import ROOT, Pane, pane

__all__ = ["pane"]

pytestmark = [
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed"),
    pytest.mark.slow,
]

MODES = "#{alternate_on} #{mouse_any_flag} #{cursor_flag}"


class Agent:
    """Writes steps of its own, one after another in a thread if it is to."""

    def __init__(self, home: Path) -> None:
        self.number = 0
        self._writer = SpoolWriter(spool_dir(home))
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def step(self, name: str, *, open_: bool = False, span: int | None = None) -> None:
        self.number += 1
        now = time.time_ns()
        record = SpanRecord(
            trace_id=f"{1:032x}", span_id=f"{span or self.number:016x}", session_id="chat-7",
            name=name, step_type="act", tool_name="search", start_time=now, input="北京 天气 👩‍👩‍👧",
            state="open" if open_ else "closed", end_time=None if open_ else now + 5_000_000,
            duration_ms=None if open_ else 5.0,
        )  # fmt: skip
        self._writer.write("span", encode_lines([record]))

    def go(self) -> None:
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while not self._stop.wait(0.005):
            self.step(f"step-{self.number + 1}")

    def stop(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self._stop.clear()

    def close(self) -> None:
        self.stop()
        self._writer.close()


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[Agent]:
    made = Agent(tmp_path / "home")
    yield made
    made.close()


def begin(terminal: Pane, home: Path, *words: str) -> None:
    program = f"{sys.executable} -m jollyscope_cli tail {' '.join(words)}"
    environ = f"env -u COLUMNS -u LINES JOLLYSCOPE_HOME={home} PYTHONPATH={ROOT} LC_ALL=C.UTF-8"
    terminal("send-keys", "-l", f"stty -g > {home}.before; {environ} {program}; echo code=$?")
    terminal("send-keys", "Enter")
    terminal.until(lambda text: "space pauses" in text)


def left(terminal: Pane, home: Path, code: int) -> None:
    """The shell has its terminal back as it was."""
    text = terminal.until(lambda text: f"code={code}" in text)
    assert "space pauses" not in text
    assert "Traceback" not in text
    assert terminal("display-message", "-p", MODES).split() == ["0", "0", "1"]
    terminal("send-keys", "-l", f"stty -g | cmp - {home}.before && echo the-same")
    terminal("send-keys", "Enter")
    terminal.until(lambda text: "\nthe-same" in text)


def test_a_long_stream_is_resized_paused_searched_and_ended(
    pane: Callable[[int, int], Pane], agent: Agent, tmp_path: Path
):
    terminal = pane(100, 30)
    begin(terminal, tmp_path / "home")
    agent.step("first")
    terminal.until(lambda text: "act first" in text and "北京 天气" in text and "5ms" in text)

    agent.step("slow", open_=True, span=900_000)
    shown = terminal.until(lambda text: "◐ act slow" in text and "1 running" in text)
    assert shown.rstrip().splitlines()[-1].startswith("spool · ")
    agent.step("slow", span=900_000)
    terminal.until(lambda text: "● act slow" in text and "◐" not in text and "running" not in text)

    agent.go()
    terminal.until(lambda text: "step-60" in text)
    for columns, rows in ((60, 12), (140, 40), (80, 24)):
        terminal("resize-window", "-x", str(columns), "-y", str(rows))
        seen = agent.number
        shown = terminal.until(lambda text, seen=seen: f"step-{seen + 20}" in text)
        # One status row, the last one, however often the window was folded.
        assert shown.count("space pauses") == 1
        assert all(len(line) <= columns for line in shown.splitlines())

    terminal.press("Space")
    terminal.until(lambda text: "space goes on" in text and " new · " in text)
    assert terminal("display-message", "-p", "#{alternate_on}").strip() == "1"
    # Drawn to the end, also after sizes that tmux had held back: every row of the last one, the same twice.
    looks: list[list[str]] = [[]]

    def drawn(text: str) -> bool:
        looks.append(re.findall(r"step-\d+", text))
        return looks[-1] == looks[-2] and len(looks[-1]) == 23

    terminal.until(drawn)
    steps = looks[-1]
    agent_at = agent.number
    terminal.until(lambda text: agent.number > agent_at + 20)
    assert re.findall(r"step-\d+", terminal.text()) == steps  # it stands still

    terminal.press("/")
    terminal("send-keys", "-l", "STEP-33 ")
    terminal.press("Enter")
    terminal.until(lambda text: "step-33 " in text and "step-34 " in text)
    terminal.press("n")
    terminal.until(lambda text: "no older line has" in text)
    terminal.press("g")
    terminal.until(lambda text: "act first" in text)
    terminal.press("Space")
    terminal.until(lambda text: "space pauses" in text)
    seen = agent.number
    terminal.until(lambda text: f"step-{seen + 20}" in text)

    agent.stop()
    last = f"step-{agent.number}"
    terminal.until(lambda text: last in text)
    terminal.press("C-c")
    left(terminal, tmp_path / "home", 130)
    # Whatever the sizes on the way, every step is among the lines, once, in order.
    history = terminal("capture-pane", "-p", "-J", "-S", "-")
    found = [int(n) for n in re.findall(r"● act step-(\d+)", history)]
    assert found == sorted(set(found))
    assert found[-1] == agent.number


def test_ctrl_z_q_and_exit_on(pane: Callable[[int, int], Pane], agent: Agent, tmp_path: Path):
    terminal = pane(80, 24)
    terminal("send-keys", "-l", "exec env PS1='ready$ ' bash --norc -i")
    terminal("send-keys", "Enter")
    home = tmp_path / "home"
    begin(terminal, home)
    agent.step("before")
    terminal.until(lambda text: "act before" in text)
    terminal.press("Space", "C-z")
    terminal.until(lambda text: "Stopped" in text)
    assert terminal("display-message", "-p", MODES).split() == ["0", "0", "1"]
    agent.step("meanwhile")
    terminal("send-keys", "-l", "fg")
    terminal("send-keys", "Enter")
    terminal.until(lambda text: "space goes on" in text)
    terminal.press("q")
    terminal.until(lambda text: "act meanwhile" in text and "space pauses" in text)
    terminal.press("q")
    terminal("send-keys", "-l", "clear")
    terminal.press("Enter")
    terminal.until(lambda text: "space pauses" not in text)
    begin(terminal, home)
    shell = psutil.Process(int(terminal("display-message", "-p", "#{pane_pid}")))
    shell.children(recursive=True)[-1].terminate()
    left(terminal, home, 143)
    terminal("send-keys", "-l", "clear")
    terminal.press("Enter")
    terminal.until(lambda text: "code=" not in text)
    begin(terminal, home, "--exit-on", "name:wanted")
    agent.step("other")
    agent.step("wanted")
    left(terminal, home, 10)
