"""Telling of something beyond the explorer's own screen: a bell, or a notification of the desktop."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from typing import Literal

from jollyscope.query.alerts import AlertRow

__all__ = ["NewAlerts", "Notify", "desktop_command", "osc_notification", "run_quietly"]

Notify = Literal["off", "bell", "desktop"]
"""The setting `alerts.notify`."""

_MOST = 200
_FRESH_NS = 15 * 60 * 10**9


class NewAlerts:
    """Which alerts are worth a notification: those that began since the first look, each once. What is
    older than a quarter of an hour is no news, though it may have come into sight just now.
    """

    def __init__(self) -> None:
        self._known: set[tuple[str | int | None, ...]] | None = None

    def look(self, rows: list[AlertRow], now: int) -> list[AlertRow]:
        """Those of `rows` that are news at `now` (Unix ns)."""
        before = self._known
        self._known = (before or set()) | {row.subject for row in rows}
        if before is None:
            return []
        return [r for r in rows if r.subject not in before and now - r.last_time < _FRESH_NS]


def osc_notification(title: str, text: str, *, tmux: bool) -> str:
    """The sequences that make a terminal notify: OSC 9 (iTerm2, WezTerm, kitty, Windows Terminal) and OSC
    777 (urxvt, foot, Ghostty, VTE). A terminal that does not know one ignores it. In tmux they are wrapped
    for the terminal outside, which `allow-passthrough on` lets through.
    """
    title, text = _harmless(title).replace(";", ","), _harmless(text)
    sequence = f"\x1b]9;{title}: {text}\x07\x1b]777;notify;{title};{text}\x07"
    if not tmux:
        return sequence
    return "\x1bPtmux;" + sequence.replace("\x1b", "\x1b\x1b") + "\x1b\\"


def desktop_command(
    title: str, text: str, environment: Mapping[str, str] | None = None
) -> list[str] | None:
    """The `notify-send` command, where this process has a desktop to speak to and the program is there."""
    known = os.environ if environment is None else environment
    program = shutil.which("notify-send", path=known.get("PATH"))
    if program is None or not (known.get("DISPLAY") or known.get("WAYLAND_DISPLAY")):
        return None
    return [program, "--app-name=JollyScope", "--", _harmless(title), _harmless(text)]


def run_quietly(command: list[str]) -> bool:
    """Whether the command did what it is for, within two seconds."""
    try:
        done = subprocess.run(command, capture_output=True, timeout=2, check=False)
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


def _harmless(text: str) -> str:
    """One line without control characters: it is content of agents, and goes into the terminal."""
    return "".join(c if c.isprintable() else " " for c in text)[:_MOST]
