"""A record of a stream as one line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from jollyscope.model import format as fmt
from jollyscope.query.tail import Row
from jollyscope_cli.render.cells import clean, cut, fit
from jollyscope_cli.render.cells import wide as cells
from jollyscope_cli.render.moments import moment
from jollyscope_cli.render.trace import Piece

__all__ = ["Lines", "plain"]

_STYLE = {"event": "", "metric": "dim"}
_DURATION, _TOKENS = 7, 6
_WIDE = 110
"""From here on there are cells for milliseconds and for longer names."""


class Lines:
    """Lays lines out in `width` cells; 0: as long as they are.

    With `group` a head names the session where it changes.
    """

    def __init__(self, width: int, *, group: bool = False) -> None:
        self.width = width
        self._group = group
        self._session: str | None = None

    def lines(self, rows: Iterable[Row]) -> Iterator[list[Piece]]:
        """The lines of a batch; of a grouped one those of a session together."""
        if self._group:
            rows = sorted(rows, key=lambda row: row.session)
        for row in rows:
            if self._group and row.session != self._session:
                self._session = row.session
                yield [(self._cut(f"── {clean(row.session) or 'no session'} ──"), "head")]
            yield self.line(row)

    def line(self, row: Row, duration: str | None = None) -> list[Piece]:
        """One line; `duration` in place of the row's own."""
        wide = self.width >= _WIDE or not self.width
        at = f"{moment(row.time):%H:%M:%S.%f}"[: 12 if wide else 8]
        style = _STYLE.get(row.style, row.style)
        if wide:
            names = [self._cell(row.name, 26), self._cell(row.of, 18)]
        else:
            names = [self._cell(f"{row.name} {row.of}", 24), ""]
        took = fmt.duration(row.duration_ms) if row.duration_ms is not None else ""
        tokens = "" if row.tokens is None else fmt.count(row.tokens)
        pieces = [(f"{at} ", "dim")]
        if not self._group:
            pieces.append((self._cell(row.session, 12 if wide else 8), "dim"))
        pieces += [
            (f"{row.sign} {names[0]}", style),
            (names[1], ""),
            (fit(duration if duration is not None else took, _DURATION, right=True) + " ", ""),
            (fit(tokens, _TOKENS, right=True) + " ", "dim"),
        ]
        room = self.width - sum(cells(text) for text, _ in pieces)
        text = clean(row.text)
        pieces.append(
            (cut(text, room) if self.width else text, "error" if style == "error" else "")
        )
        return pieces

    def _cell(self, text: str, least: int) -> str:
        """A column; without a width nothing is cut."""
        shown = clean(text)
        return f"{fit(shown, max(least, 0 if self.width else cells(shown)))} "

    def _cut(self, text: str) -> str:
        return cut(text, self.width) if self.width else text


def plain(pieces: list[Piece]) -> str:
    """The text alone, without blanks at its end."""
    return "".join(text for text, _ in pieces).rstrip(" ")
