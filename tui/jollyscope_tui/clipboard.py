"""Copying through the terminal, so that it works over SSH too: OSC 52."""

from __future__ import annotations

import base64
import os
import subprocess
from collections.abc import Mapping

__all__ = ["LARGEST", "doubt", "in_tmux", "osc52"]

LARGEST = 74_994
"""Bytes of text: base64 makes 100,000 of it, where hterm and others stop."""


def in_tmux() -> bool:
    """Whether the terminal is a tmux pane."""
    return bool(os.environ.get("TMUX"))


def osc52(text: str, *, tmux: bool) -> str:
    """The sequence that puts `text` on the clipboard.

    In tmux it is sent twice: plainly, for `set-clipboard on`, and wrapped for the terminal outside,
    for `allow-passthrough on`.
    """
    encoded = base64.b64encode(text.encode("utf-8", "replace")).decode()
    sequence = f"\x1b]52;c;{encoded}\x07"
    if not tmux:
        return sequence
    return sequence + "\x1bPtmux;" + sequence.replace("\x1b", "\x1b\x1b") + "\x1b\\"


def doubt(environment: Mapping[str, str] | None = None) -> str:
    """Why what was sent will not have reached the clipboard, in a sentence; empty where nothing speaks
    against it. No terminal answers OSC 52, so only what is known to ignore it is named.
    """
    known = os.environ if environment is None else environment
    if known.get("TMUX"):
        return _tmux_doubt()
    if known.get("TERM") in ("linux", "dumb"):
        return "This console has no clipboard; o opens the text instead."
    if known.get("TERM_PROGRAM") == "Apple_Terminal":
        return "Apple's Terminal ignores copying from programs (OSC 52); o opens the text instead."
    if known.get("STY"):
        return "GNU screen keeps copied text from the terminal; o opens the text instead."
    return ""


def _tmux_doubt() -> str:
    if _tmux_option("-sv", "set-clipboard") != "off" or _tmux_option(
        "-gv", "allow-passthrough"
    ) in (
        "on",
        "all",
    ):
        return ""
    return "tmux keeps it: `tmux set -s set-clipboard on` lets copied text through."


def _tmux_option(scope: str, name: str) -> str:
    """What tmux says an option is; empty where it does not say."""
    try:
        asked = subprocess.run(
            ["tmux", "show-options", scope, name],
            capture_output=True, text=True, timeout=0.5, check=False,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return ""
    return asked.stdout.strip()
