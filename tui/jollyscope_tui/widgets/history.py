"""Filters applied before, gone through with two keys. No Textual."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["KEPT", "History", "remembered"]

KEPT = 50
"""Filters remembered."""


def remembered(earlier: Sequence[str], text: str) -> tuple[str, ...]:
    """`earlier` filters with one more, the latest last, each once."""
    if not text:
        return tuple(earlier)
    return (*(one for one in earlier if one != text), text)[-KEPT:]


class History:
    """Stands behind the latest; what was typed there is kept while one looks back."""

    def __init__(self, earlier: Sequence[str]) -> None:
        self._earlier = list(earlier)
        self._at = len(self._earlier)
        self._typed = ""

    def step(self, step: int, typed: str) -> str | None:
        """The filter before or after; None at the end."""
        if self._at == len(self._earlier):
            self._typed = typed
        at = self._at + step
        # The one in force stands in the line already.
        if 0 <= at < len(self._earlier) and step < 0 and self._earlier[at] == typed:
            at += step
        if not 0 <= at <= len(self._earlier):
            return None
        self._at = at
        return self._typed if at == len(self._earlier) else self._earlier[at]
