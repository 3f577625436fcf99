"""`tail` on a terminal: lines scroll by, what runs stands below them, keys are obeyed."""

from __future__ import annotations

import sys
from collections import deque

from jollyscope.query.tail import Ending, Pump, Row, Running, Tail
from jollyscope_cli.render.tail import Lines, plain
from jollyscope_cli.render.trace import Piece
from jollyscope_cli.tailing.bottom import Bottom, running_rows, status_rows
from jollyscope_cli.tailing.pager import Pager
from jollyscope_cli.tailing.paint import painted
from jollyscope_cli.tailing.tty import ALTERNATE, ORDINARY, Tty

__all__ = ["Live"]

_KEPT = 5_000
"""Lines that can be read again; 4 MB of them."""
_AT_ONCE = 500
"""Lines between two looks at the keyboard."""
_TICK_S, _REST_S = 0.2, 1.0


class Live:
    """Shows a tail until it ends, or until `q`."""

    def __init__(self, tail: Tail, lines: Lines) -> None:
        self._tail = tail
        self._lines = lines
        self._running = Running()
        self._kept: deque[Row] = deque(maxlen=_KEPT)
        self._bottom = Bottom()
        self._told = 0
        self._shown = 0
        self._width: int = 0
        self._below = ""
        self._paging = False
        self._tty = Tty(self._parting, self._returning)

    def run(self) -> Ending | None:
        """What ended it; None by `q`."""
        with self._tty:
            pump = Pump(self._tail, on_news=self._tty.wake)
            try:
                return self._loop(pump)
            finally:
                self._write(self._parting())
                pump.close()

    def _parting(self) -> str:
        """What leaves the terminal with the lines alone."""
        return ORDINARY if self._paging else self._bottom.erase(self._tty.size[0])

    def _returning(self) -> str:
        """What brings back the screen after that; the rows at the bottom are drawn anew."""
        self._below = ""
        return ALTERNATE if self._paging else ""

    def _loop(self, pump: Pump) -> Ending | None:
        self._lines.width = self._tty.size[0]
        while True:
            for key in self._tty.pressed():
                if key == "q":
                    return None
                if key in (" ", "/"):
                    self._page(pump, key)
            batch = pump.take(_AT_ONCE)
            self._shown += len(batch.items)
            rows: list[Row] = []
            for item in batch.items:
                self._running.hear(item)
                if not item.running:
                    rows.append(item.row)
            self._show(rows, pump)
            if batch.ending is not None:
                return batch.ending
            if not pump.waiting:
                self._tty.wait(_TICK_S if len(self._running) else _REST_S)

    def _show(self, rows: list[Row], pump: Pump) -> None:
        width, height = self._tty.size
        gone = self._bottom.erase(width)
        self._lines.width = width
        lines = [*self._missed(pump), *self._lines.lines(rows)]
        self._kept.extend(rows)
        running = running_rows(self._running.newest(min(6, height // 4)), self._lines)
        below = self._bottom.draw([*running, *self._status(width)])
        if lines or below != self._below or width != self._width:
            self._write(gone + "".join(painted(line) + "\r\n" for line in lines) + below)
        self._below, self._width = below, width

    def _missed(self, pump: Pump) -> list[list[Piece]]:
        """A line for what was dropped since the last one."""
        missed, self._told = pump.dropped - self._told, pump.dropped
        if not missed:
            return []
        said = f"… {missed:,} records are not shown: they came faster than they could be, or in a pause"
        return [[(said, "note")]]

    def _status(self, width: int) -> list[list[Piece]]:
        standing = self._tail.follower.standing
        running = len(self._running)
        parts = [
            standing.source,
            f"{self._shown:,} records",
            f"{running:,} running" if running else "",
            f"{standing.skipped:,} skipped" if standing.skipped else "",
            "space pauses, / searches, q ends",
        ]
        return status_rows(parts, standing.sentence, width)

    def _page(self, pump: Pump, key: str) -> None:
        """Look at what went by, on the terminal's other screen; the stream goes on behind it."""
        kept = list(self._kept)
        whole = Lines(0)
        texts = [plain(whole.line(row)) for row in kept]
        pager = Pager(texts, lambda at: self._lines.line(kept[at]), self._tty.size[1] - 1)
        going = key != "/" or pager.press(key)
        self._write(self._parting() + ALTERNATE)
        self._paging = True
        while going:
            self._draw(pager, pump)
            self._tty.wait(_REST_S)
            for key in self._tty.pressed():
                going = going and pager.press(key)
        self._write(self._parting())
        self._paging, self._below = False, ""

    def _draw(self, pager: Pager, pump: Pump) -> None:
        width, height = self._tty.size
        self._lines.width = width
        pager.resize(height - 1)
        rows = pager.rows(width, f"{pump.waiting:,} new · " if pump.waiting else "")
        text = "".join(f"\x1b[K{painted(row)}\r\n" for row in rows[:-1])
        self._write(f"\x1b[H{text}\x1b[K{painted(rows[-1])}\x1b[J")

    def _write(self, text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()
