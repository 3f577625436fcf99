"""What a command line asks the explorer to open, checked before anything is drawn."""

from __future__ import annotations

from typing import Literal, NamedTuple

import msgspec

from jollyscope.errors import UsageError
from jollyscope.query.filter import add_term, term
from jollyscope_tui.sources.source import StoreSource
from jollyscope_tui.view import View, view_from

__all__ = ["NOTHING", "UNASKED", "Asked", "Opening", "Place", "opening"]

Place = Literal["dashboard", "tail", "health"]
"""A screen above the list that is about no one trace; `--dashboard` and so on open it."""


class Asked(NamedTuple):
    """The options of `jollyscope ui` as they were typed."""

    target: str | None = None
    span: str | None = None
    tab: str | None = None
    filter: str | None = None
    since: str | None = None
    until: str | None = None
    sort: str | None = None
    group: str | None = None
    columns: str | None = None
    place: Place | None = None


class Opening(NamedTuple):
    """What is opened. `view` None is the list as it was left; above it the trace or the place."""

    view: View | None = None
    trace: str | None = None
    span: str | None = None
    tab: str | None = None
    place: Place | None = None


UNASKED, NOTHING = Asked(), Opening()
"""The explorer as it was left."""


def opening(asked: Asked, source: StoreSource, now: int) -> Opening:
    """What these options mean in this store. `now` in Unix ns. Raises `JollyScopeError`."""
    view = view_from(
        now=now, filter=asked.filter, since=asked.since, until=asked.until, sort=asked.sort,
        group=asked.group, columns=asked.columns,
    )  # fmt: skip
    if asked.target is None:
        _none_without_trace(asked)
        return Opening(view, place=asked.place)
    if asked.place is not None:
        raise UsageError(f"--{asked.place} goes without a trace.", hint="Leave one of them out.")
    found = source.find(asked.target)
    if found.session_id is not None:
        _none_without_trace(asked)
        whole = view or View()
        only = add_term(whole.filter, term("session", found.session_id))
        return Opening(msgspec.structs.replace(whole, filter=only))
    tab = _tab(asked.tab) if asked.tab is not None else None
    return Opening(view, found.trace_id, asked.span or found.span_id, tab)


def _none_without_trace(asked: Asked) -> None:
    for name, value in (("--span", asked.span), ("--tab", asked.tab)):
        if value is not None:
            raise UsageError(
                f"{name} needs the trace it is in.", hint=f"jollyscope ui TRACE {name} {value}"
            )


def _tab(name: str) -> str:
    from jollyscope_tui.widgets.details import TABS

    found = [tab for tab in TABS if tab.lower() == name.lower()]
    if not found:
        names = ", ".join(tab.lower() for tab in TABS)
        raise UsageError(f"There is no tab `{name}`.", hint=f"Tabs: {names}.")
    return found[0]
