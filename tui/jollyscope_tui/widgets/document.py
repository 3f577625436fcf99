"""What a tab of the detail shows: lines made one by one as they are wanted, some of them folds.

A line is made when the pane comes to it, so that a text of a megabyte or a conversation of a
thousand messages costs no more at first than what is on the screen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from jollyscope_tui.widgets.cells import Paint, clean

__all__ = ["Document", "Folds", "Line", "Lines", "indented", "lines_until", "note", "text_line"]


class Line(NamedTuple):
    """One line before it is wrapped. `fold` is the key of what Enter folds or unfolds here, `term` the
    filter that its value makes, `value` what copying it gives (None: its text), `indent` the cells
    that its further rows are moved in by.
    """

    paint: Paint
    fold: str = ""
    term: str = ""
    value: Any = None
    indent: int = 0

    @property
    def text(self) -> str:
        """What it says, without its colours."""
        return "".join(text for text, _ in self.paint)


class Folds:
    """Which folds stand otherwise than they would by themselves. `all` unfolds (True) or folds every
    one that was not touched since.
    """

    def __init__(self) -> None:
        self._set: dict[str, bool] = {}
        self._all: bool | None = None

    def is_open(self, key: str, default: bool = False) -> bool:
        """Whether the fold of this key is open; `default` where nobody touched it."""
        return self._set.get(key, default if self._all is None else self._all)

    def set(self, key: str, open: bool) -> None:
        """Open or close one."""
        self._set[key] = open

    def set_all(self, open: bool) -> None:
        """Open or close all."""
        self._all = open
        self._set.clear()


Lines = Callable[[Folds], Iterator[Line]]


class Document(NamedTuple):
    """`lines` gives what is shown for a state of the folds; `whole` the text to copy, to page or to
    edit, which is all of it; `suffix` that of a file with this text.
    """

    lines: Lines
    whole: Callable[[], str]
    suffix: str = ".txt"

    @property
    def text(self) -> str:
        """All of it as text."""
        return self.whole()


def note(text: str, style: str = "muted") -> Document:
    """One remark in place of a content; there is nothing to copy."""

    def lines(_folds: Folds) -> Iterator[Line]:
        return (text_line(part, style) for part in text.split("\n"))

    return Document(lines, lambda: "")


def text_line(text: str, style: str = "text") -> Line:
    """A line of one colour."""
    return Line([(clean(text.expandtabs(4)), style)])


def indented(lines: Iterable[Line], cells: int) -> Iterator[Line]:
    """The lines, moved in."""
    for line in lines:
        yield line._replace(paint=[(" " * cells, ""), *line.paint], indent=line.indent + cells)


def lines_until(lines: Iterator[Line], most: int) -> tuple[list[Line], bool]:
    """The first `most` lines, and whether there are more."""
    found: list[Line] = []
    for line in lines:
        if len(found) == most:
            return found, True
        found.append(line)
    return found, False
