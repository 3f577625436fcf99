"""Copying through the terminal, so that it works over SSH too: OSC 52."""

from __future__ import annotations

import base64
import os

__all__ = ["LARGEST", "in_tmux", "osc52"]

LARGEST = 74_994
"""Bytes of text: base64 makes 100,000 of it, where hterm and others stop."""


def in_tmux() -> bool:
    """Whether the terminal is a tmux pane."""
    return bool(os.environ.get("TMUX"))


def osc52(text: str, *, tmux: bool) -> str:
    """The sequence that puts `text` on the clipboard.

    In tmux it is sent twice: plainly, for `set-clipboard on`, and wrapped for the terminal outside,
    for `allow-passthrough on`. Which of the two is set cannot be seen from here.
    """
    encoded = base64.b64encode(text.encode("utf-8", "replace")).decode()
    sequence = f"\x1b]52;c;{encoded}\x07"
    if not tmux:
        return sequence
    return sequence + "\x1bPtmux;" + sequence.replace("\x1b", "\x1b\x1b") + "\x1b\\"
