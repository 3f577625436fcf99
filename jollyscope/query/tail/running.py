"""Steps that have begun and of which no end was heard."""

from __future__ import annotations

from jollyscope.query.tail.item import Item

__all__ = ["Running"]

_MOST = 1_000
"""Steps of programs that were killed never end; the oldest are forgotten beyond so many."""


class Running:
    """Keeps running steps in the order in which they began."""

    def __init__(self) -> None:
        self._steps: dict[tuple[str, str], Item] = {}

    def hear(self, item: Item) -> None:
        """Take note of a start, or of an end."""
        key = item.key
        if key is None:
            return
        if not item.running:
            self._steps.pop(key, None)
        else:
            self._steps.setdefault(key, item)
            if len(self._steps) > _MOST:
                del self._steps[next(iter(self._steps))]

    def newest(self, number: int) -> list[Item]:
        """Those that began last, the oldest of them first."""
        return list(self._steps.values())[-number:] if number > 0 else []

    def __len__(self) -> int:
        return len(self._steps)
