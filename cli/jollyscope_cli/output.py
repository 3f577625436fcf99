"""stdout is data, stderr is narration: the few ways in which commands write either."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable
from typing import Any, TextIO

__all__ = [
    "PIPE_WIDTH",
    "colourful",
    "form_of",
    "interactive",
    "narrate",
    "on_terminal",
    "paint",
    "print_json",
    "warn",
    "width",
]

PIPE_WIDTH = 100
"""Columns that a drawing takes where there is no terminal to fit and COLUMNS is not set."""

_STYLES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}


def on_terminal() -> bool:
    """Whether a person reads stdout as it is written."""
    return sys.stdout.isatty()


def interactive() -> bool:
    """Whether a person can be asked: both stdin and stdout are a terminal."""
    return sys.stdin is not None and sys.stdin.isatty() and on_terminal()  # pyright: ignore[reportUnnecessaryComparison]


def form_of(as_json: bool, as_csv: bool) -> str:
    """The form that options and the place ask for. Raises `UsageError`."""
    from jollyscope.errors import UsageError

    if as_json and as_csv:
        raise UsageError("--json and --csv are two forms of one list.", hint="Choose one.")
    return "json" if as_json else "csv" if as_csv else "table" if on_terminal() else "tsv"


def colourful(stream: TextIO | None = None) -> bool:
    """Whether `stream` (stdout) takes colour (https://no-color.org)."""
    terminal = (stream or sys.stdout).isatty()
    return terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def width(stream: TextIO | None = None) -> int:
    """Cells of a line of `stream` (stdout): COLUMNS, else the terminal's, else `PIPE_WIDTH`."""
    here = PIPE_WIDTH
    if stream is not None and stream.isatty():
        here = os.get_terminal_size(stream.fileno()).columns or PIPE_WIDTH
    return max(20, shutil.get_terminal_size((here, 24)).columns)


def paint(text: str, style: str, colour: bool) -> str:
    """`text` in a style (`red`, `bold`), or as it is."""
    return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if colour and style else text


def narrate(text: str) -> None:
    """One line to the person, beside the data. What it quotes of a file cannot steer the terminal."""
    from jollyscope_cli.render.cells import clean

    sys.stdout.flush()  # where both go to one terminal, in the order they were written
    sys.stderr.write(clean(text, keep="\n") + "\n")


def warn(notes: Iterable[str]) -> None:
    """What the answer could not include."""
    for note in notes:
        narrate(f"warning: {note}")


def print_json(value: Any) -> None:
    """`value` as JSON: indented for a reader, on one line for a program."""
    import msgspec

    data = msgspec.json.encode(value)
    if on_terminal():
        data = msgspec.json.format(data, indent=2)
    sys.stdout.write(data.decode() + "\n")
