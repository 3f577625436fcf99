"""A list of any length whose rows are made when they are asked for: nothing of it is in memory."""

from __future__ import annotations

from typing import Any

from jollyscope_tui.sources.lists import Key, Part, Row, Selection, Snapshot
from tests.tui import fakes
from tests.tui.fake_lists import FakeLists


class Counted(FakeLists):
    """`total` traces, newest first; what is asked of them by filter or another order, they ignore."""

    def __init__(self, total: int, asked: list[Any]) -> None:
        few = [fakes.row(n) for n in range(1, 200)]
        super().__init__(lambda: few, list, lambda: None, asked)
        self.total = total

    def snapshot(
        self, selection: Selection, limit: int, near: Key | None = None, *, count: bool = True
    ) -> Snapshot:
        rows = self.rows(selection, Part(limit))
        more = self.total > limit
        close = self.rows(selection, Part(limit, near)) if near and more else []
        place = number(near) if near else 0
        return Snapshot(rows, more, [], close, place, self.total if count or not more else None)

    def rows(self, selection: Selection, part: Part) -> list[Row]:
        self._asked.append(("rows", selection, part))
        behind = number(part.after) if part.after else 0
        if part.backwards:
            stop = (behind - 1 if part.after else self.total) - part.offset
            start = max(0, stop - part.limit)
        else:
            start = behind + part.offset
            stop = min(self.total, start + part.limit)
        return [fakes.row(place + 1) for place in range(start, stop)]

    def count(self, selection: Selection) -> int:
        return self.total


def number(key: Key) -> int:
    """Of a row, its place and one: trace ids end with it."""
    return int(key[1][8:], 16)


def million(total: int = 1_000_000) -> fakes.FakeSource:
    """A source over so many."""
    source = fakes.FakeSource([], {fakes.trace_id(1): fakes.agent_run()})
    source.lists = source.narrowing = Counted(total, source.asked)
    return source
