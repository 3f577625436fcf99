"""What went by, to read at leisure: pure, keys in and rows out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from jollyscope_cli.render.cells import cut
from jollyscope_cli.render.trace import Piece

__all__ = ["Pager"]

_LEAVE = {" ", "q", "\x1b"}
_STEPS = {"j": 1, "down": 1, "k": -1, "up": -1}


class Pager:
    """Looks at `lines`, oldest first, in a window of `height` rows with one more for its state.

    `/` begins a search; Enter finds the next older line with the words, in any case; `n` and `N` go on,
    backwards and forwards.
    """

    def __init__(
        self, lines: Sequence[str], drawn: Callable[[int], list[Piece]], height: int
    ) -> None:
        self._lines = lines
        self._drawn = drawn
        self._height = max(1, height)
        self._top = self._last
        self._at = len(lines)
        """The line found last; behind the end before anything was."""
        self._typed: str | None = None
        self._needle = ""
        self._told = ""

    @property
    def _last(self) -> int:
        return max(0, len(self._lines) - self._height)

    def resize(self, height: int) -> None:
        """The window has another height: who looks at the end stays there, else the first row stays."""
        ended = self._top == self._last
        self._height = max(1, height)
        self._top = self._last if ended else min(self._top, self._last)

    def press(self, key: str) -> bool:
        """Take a key; False where it leaves the pager."""
        self._told = ""
        if self._typed is not None:
            self._type(key)
            return True
        if key in _LEAVE:
            return False
        if key == "/":
            self._typed = ""
        elif key in ("n", "N"):
            self._find(-1 if key == "n" else 1)
        else:
            self._move(key)
        return True

    def _move(self, key: str) -> None:
        page = max(1, self._height - 1)
        by = {**_STEPS, "pageup": -page, "b": -page, "pagedown": page, "f": page}.get(key, 0)
        if key in ("g", "home"):
            self._top = 0
        elif key in ("G", "end"):
            self._top = self._last
        self._top = min(self._last, max(0, self._top + by))

    def _type(self, key: str) -> None:
        typed = self._typed or ""
        if key == "\x1b" or (key == "\x7f" and not typed):
            self._typed = None
        elif key == "\x7f":
            self._typed = typed[:-1]
        elif key in ("\r", "\n"):
            self._typed, self._needle = None, typed.casefold() or self._needle
            self._at = len(self._lines)
            self._find(-1)
        elif len(key) == 1 and key.isprintable():
            self._typed = typed + key

    def _find(self, by: int) -> None:
        at = self._at + by
        while self._needle and 0 <= at < len(self._lines):
            if self._needle in self._lines[at].casefold():
                self._at = at
                self._top = min(self._last, max(0, at - self._height // 2))
                return
            at += by
        self._told = f"no {'older' if by < 0 else 'newer'} line has “{self._needle}”"

    def rows(self, width: int, state: str) -> list[list[Piece]]:
        """The window, and below it what it shows; `state` stands behind that."""
        shown = range(self._top, min(len(self._lines), self._top + self._height))
        rows = [self._row(at) for at in shown]
        rows += [[("~", "dim")]] * (self._height - len(rows))
        if self._typed is not None:
            return [*rows, [(cut(f"/{self._typed}", width - 1), "head"), ("▏", "")]]
        told = self._told or "space goes on, / searches, n N next, ↑ ↓ PgUp PgDn g G"
        last = min(len(self._lines), self._top + self._height)
        where = f"{last:,} of {len(self._lines):,}"
        return [*rows, [(cut(f"{where} · {state}{told}", width), "note")]]

    def _row(self, at: int) -> list[Piece]:
        if at != self._at:
            return self._drawn(at)
        return [(text, "found") for text, _ in self._drawn(at)]
