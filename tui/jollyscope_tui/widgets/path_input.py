"""A line for a file's name: Tab completes it from the disk."""

from __future__ import annotations

import os
from pathlib import Path
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input

__all__ = ["PathInput", "complete_path"]

SHOWN = 8
"""Names that fit are told up to here."""


def complete_path(text: str) -> tuple[str, list[str]]:
    """`text` as far as everything on the disk that begins so agrees, and the names of that. A
    directory that cannot be read has none.
    """
    folder, _, begun = text.rpartition("/")
    where = Path((folder + "/") if "/" in text else ".").expanduser()
    try:
        names = sorted(
            entry.name + ("/" if entry.is_dir() else "")
            for entry in os.scandir(where)
            if entry.name.startswith(begun) and (begun or not entry.name.startswith("."))
        )
    except OSError:
        return text, []
    if not names:
        return text, []
    front = text[: len(text) - len(begun)]
    # Letter by letter: it is one name that is being completed.
    return front + os.path.commonprefix(names), names  # noqa: RUF071


class PathInput(Input):
    """Posts `Completed` when Tab was pressed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "complete", "Complete the name"),
    ]

    class Completed(Message):
        """What Tab found: names that fit, in words."""

        def __init__(self, words: str) -> None:
            super().__init__()
            self.words = words

    def action_complete(self) -> None:
        text, names = complete_path(self.value)
        self.value = text
        self.cursor_position = len(text)
        more = f" … {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
        words = "  ".join(names[:SHOWN]) + more if len(names) > 1 else ""
        self.post_message(self.Completed(words if names else "Nothing on the disk begins so."))
