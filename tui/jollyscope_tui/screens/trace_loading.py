"""A trace read and made ready for the screen, in a worker: nothing here touches a widget."""

from __future__ import annotations

from time import monotonic
from typing import NamedTuple

from jollyscope.query.dialogue import Said
from jollyscope.query.listing import TraceRow
from jollyscope_tui.garbage import set_aside
from jollyscope_tui.giving_way import giving_way
from jollyscope_tui.sources.traces import TraceSource
from jollyscope_tui.widgets.insight import Insight
from jollyscope_tui.widgets.matches import Matches, Search
from jollyscope_tui.widgets.outline import Outline
from jollyscope_tui.widgets.rows import RowModel, carry_over

__all__ = ["Loaded", "Shown", "Studied", "load", "study", "take_folds"]

AT_ONCE = 5_000
"""A larger trace shows its rows before it has been studied: of 100,000 spans that takes a second."""


class Shown(NamedTuple):
    """What is on the screen while a newer version of the trace is read: `version` of its rows tells
    whether they were folded otherwise in the meantime.
    """

    model: RowModel
    version: int
    matches: Matches | None


class Loaded(NamedTuple):
    """A trace ready to be shown. `matches` are those of the search that was on."""

    model: RowModel
    row: TraceRow
    said: Said
    shown: Shown | None
    matches: Matches | None
    seconds: float


def load(source: TraceSource, text: str, now: int, shown: Shown | None) -> Loaded:
    """Read a trace; where an older version of it is `shown`, with its folds, mode and search."""
    began = monotonic()
    with set_aside(), giving_way():
        trace = source.load_trace(text)
        outline = Outline(trace.tree)
        if shown is not None or len(outline) <= AT_ONCE:
            outline.take(outline.study(now))
        model = carry_over(shown.model, outline) if shown else RowModel(outline)
        matches = None
        if shown is not None and shown.matches is not None:
            search = Search(outline.nodes, shown.matches.text)
            for _ in search.run():
                pass
            matches = search.matches()
    return Loaded(model, trace.row, trace.said, shown, matches, monotonic() - began)


def take_folds(loaded: Loaded, shown: Shown) -> Loaded:
    """The same, with the folds and mode that it was given while it was read."""
    model = carry_over(shown.model, loaded.model.outline)
    return loaded._replace(model=model, shown=shown)


class Studied(NamedTuple):
    """The insight into a large trace whose rows are on show already."""

    outline: Outline
    insight: Insight


def study(outline: Outline, now: int) -> Studied:
    """Work out the insight of an outline; running spans end at `now` (Unix ns)."""
    with set_aside(), giving_way():
        return Studied(outline, outline.study(now))
