"""What can be wrong with a span's place in its trace, and the words for it, the same everywhere."""

from __future__ import annotations

from typing import NamedTuple

from jollyscope.model.tree import Node

__all__ = ["CYCLE", "MISSING", "ODDITIES", "OUTLASTS", "SKEW", "Oddity", "oddities"]


class Oddity(NamedTuple):
    """A mark of one cell, a word or two, and a clause about the span."""

    mark: str
    word: str
    meaning: str


MISSING = Oddity("?", "missing parent", "named as a parent, but never arrived")
CYCLE = Oddity("∞", "cycle", "its ancestors lead back to it; cut here")
SKEW = Oddity("⇤", "clock skew", "begins before its parent")
"""Before its parent a span cannot have been called: one of two clocks is wrong."""
OUTLASTS = Oddity("⇥", "outlasts parent", "ends after its parent")
"""No fault by itself: the parent may not have waited."""

ODDITIES = (MISSING, CYCLE, SKEW, OUTLASTS)


def oddities(node: Node) -> list[Oddity]:
    """What is odd about a node, the most telling first."""
    if node.missing:
        return [MISSING]
    found = [CYCLE] if node.cycle else []
    if node.skewed and node.parent is not None:
        found.append(SKEW if node.start < node.parent.start else OUTLASTS)
    return found
