"""Which rows of a comparison are shown: equal stretches folded, differences only, or by impact. No
Textual.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Literal, NamedTuple

from jollyscope.analysis.diff_result import Pair, TraceDiff

__all__ = ["CompareRows", "Mode", "Stretch"]

Mode = Literal["all", "differences", "impact"]

SHORTEST = 3
"""Equal steps in a row that are folded into one line."""


class Stretch(NamedTuple):
    """Equal steps `[start, end)` of the comparison, folded into one row."""

    start: int
    end: int


Shown = int | Stretch
"""A row: a place in `TraceDiff.pairs`, or a folded stretch of them."""


class CompareRows:
    """The rows of one comparison. What is unfolded is remembered by where it begins."""

    def __init__(self, diff: TraceDiff, *, mode: Mode = "all") -> None:
        self.diff = diff
        self.mode: Mode = mode
        self.unfolded: set[int] = set()
        self._different = [at for at, pair in enumerate(diff.pairs) if pair.kind != "same"]
        self._stretches = _stretches(diff)
        self._impact: list[int] | None = None
        self._rows: list[Shown] = []
        self._arrange()

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, row: int) -> Shown:
        return self._rows[row]

    def pair(self, row: int) -> Pair | None:
        """The pair of a row; None for a folded stretch."""
        shown = self._rows[row]
        return None if isinstance(shown, Stretch) else self.diff.pairs[shown]

    def set_mode(self, mode: Mode) -> bool:
        """Show other rows; False where there would be none, and all stays as it is."""
        if mode == "differences" and not self._different:
            return False
        if mode == "impact" and not self._by_impact():
            return False
        self.mode = mode
        self._arrange()
        return True

    def toggle(self, row: int) -> bool:
        """Unfold a stretch, or fold the one that the row is in; whether anything changed."""
        if self.mode != "all" or not self._rows:
            return False
        shown = self._rows[row]
        at = shown.start if isinstance(shown, Stretch) else shown
        found = next((s for s in self._stretches if s.start <= at < s.end), None)
        if found is None:
            return False
        self.unfolded ^= {found.start}
        self._arrange()
        return True

    def fold_all(self, *, opened: bool) -> None:
        """Unfold or fold every stretch."""
        self.unfolded = {stretch.start for stretch in self._stretches} if opened else set()
        self._arrange()

    def place(self, row: int) -> int:
        """Where the row's step stands in the comparison."""
        shown = self._rows[row]
        return shown.start if isinstance(shown, Stretch) else shown

    def nearest(self, place: int) -> int:
        """The row that shows this place, or hides it, or the one before."""
        if self.mode == "impact":
            return self._rows.index(place) if place in self._rows else 0
        return max(0, bisect_right(self._rows, place, key=_start) - 1)

    def difference(self, row: int, step: int) -> int | None:
        """The next (1) or previous (-1) row with a difference, round the end; None without any."""
        if not self._different or not self._rows:
            return None
        total = len(self._rows)
        order = ((row + step * n) % total for n in range(1, total + 1))
        return next((at for at in order if (p := self.pair(at)) and p.kind != "same"), None)

    def _by_impact(self) -> list[int]:
        if self._impact is None:
            self._impact = self.diff.impact()
        return self._impact

    def _arrange(self) -> None:
        if self.mode == "differences":
            self._rows = list(self._different)
        elif self.mode == "impact":
            self._rows = list(self._by_impact())
        else:
            self._rows = []
            at = 0
            for stretch in self._stretches:
                if stretch.start in self.unfolded:
                    continue
                self._rows += [*range(at, stretch.start), stretch]
                at = stretch.end
            self._rows += range(at, len(self.diff.pairs))


def _start(shown: Shown) -> int:
    return shown.start if isinstance(shown, Stretch) else shown


def _stretches(diff: TraceDiff) -> list[Stretch]:
    """Runs of equal steps; one that a difference stands under stays, to say where that is."""
    pairs, leading = diff.pairs, diff.leading()
    found: list[Stretch] = []
    start = 0
    for at in range(len(pairs) + 1):
        if at < len(pairs) and pairs[at].kind == "same" and at not in leading:
            continue
        if at - start >= SHORTEST:
            found.append(Stretch(start, at))
        start = at + 1
    return found
