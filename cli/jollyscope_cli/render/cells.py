"""Text measured in terminal cells: a Chinese character and an emoji take two."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["clean", "cut", "fit", "wide"]

# Controls move the cursor or change the terminal; direction marks reorder what follows them. Either
# would let a tool's output draw over this program's.
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


_JOINERS = frozenset("\u200d\ufe0f")
"""Zero-width joiner and emoji selector: what they stand beside has to be measured as one."""


@cache
def _measure_one() -> Callable[[str], int]:
    from rich.cells import get_character_cell_size

    return get_character_cell_size


@cache
def _measure() -> Callable[[str], int]:
    # Rich's table of widths; its console and the rest of it are not needed for that.
    from rich.cells import cell_len

    return cell_len


def wide(text: str) -> int:
    """Cells that `text` takes."""
    return len(text) if text.isascii() else _measure()(text)


def clean(text: str, keep: str = "") -> str:
    """`text` with every control character made visible, except those in `keep`."""
    return _UNSAFE.sub(lambda found: _visible(found[0], keep), text)


def _visible(char: str, keep: str) -> str:
    if char in keep:
        return char
    code = ord(char)
    if char in "\t\n\r":
        return " "
    return chr(0x2400 + code) if code < 0x20 else "␡" if code == 0x7F else "\ufffd"


def cut(text: str, cells: int) -> str:
    """`text` in at most so many cells, its end replaced by `…` where it is longer."""
    if cells <= 0:
        return ""
    # A family emoji has 3.5 characters a cell, little else has more than one: what follows that
    # many need not be measured, which took most of the time of drawing long texts.
    short = text[: cells * 4]
    if len(short) == len(text) and wide(text) <= cells:
        return text
    return _prefix(short, cells - 1).rstrip(" ") + "…"


def _prefix(text: str, cells: int) -> str:
    """As much of `text` as fits into so many cells."""
    if text.isascii():
        return text[:cells]
    if not _JOINERS.isdisjoint(text):
        from rich.cells import set_cell_size

        return set_cell_size(text, cells)
    measure, used = _measure_one(), 0
    for at, char in enumerate(text):
        used += measure(char)
        if used > cells:
            return text[:at]
    return text


def fit(text: str, cells: int, *, right: bool = False) -> str:
    """`text` in exactly so many cells."""
    short = cut(text, cells)
    space = " " * (cells - wide(short))
    return space + short if right else short + space
