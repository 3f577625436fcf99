"""Labels and notes by what a person types, and beside the rows of a list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from typing import Any, NamedTuple

from jollyscope.errors import NotFoundError, UsageError
from jollyscope.query.finding import find, span_of
from jollyscope.query.listing import Page
from jollyscope.store.api import Reader
from jollyscope.store.state import Annotation, State, label, note

__all__ = ["Labels", "Target", "add", "on_target", "remove", "target"]


class Target(NamedTuple):
    """What is labelled: a trace, or one span of it. Whole ids."""

    trace_id: str
    span_id: str | None = None


def target(reader: Reader, text: str, span: str | None = None) -> Target:
    """What `text` (a trace's id, a span's id, or the beginning of one) and `span` mean.

    Raises `NotFoundError`, `AmbiguousError` and, for a session, `UsageError`.
    """
    found = find(reader, text)
    if found.trace_id is None:
        raise UsageError(
            f"`{text}` is a session; labels and notes are on traces and spans.",
            hint=f"`jollyscope ls traces --session {text}` lists its traces.",
        )
    if span is None:
        return Target(found.trace_id, found.span_id)
    ids = [record.span_id for record in reader.spans(found.trace_id)]
    return Target(found.trace_id, span_of(ids, span, found.trace_id))


def on_target(state: State, on: Target) -> list[Annotation]:
    """What is on it, oldest first; on a trace what is on its spans too."""
    found = state.annotations([on.trace_id])
    return found if on.span_id is None else [a for a in found if a.span_id == on.span_id]


def add(
    state: State, on: Target, labels: Sequence[str], text: str | None, *, by: str, now: int
) -> list[Annotation]:
    """Put labels and a note on it, all or none; what was put. Raises `UsageError`, `StoreError`."""
    made = [label(*on, one, by=by, now=now) for one in labels]
    if text is not None:
        made.append(note(*on, text, by=by, now=now))
    state.annotate(made)
    return made


def remove(state: State, on: Target, named: Sequence[str]) -> list[Annotation]:
    """Take away labels by what they say and notes by their ids, all or none; what was taken.

    Raises `NotFoundError` where one is not there.
    """
    there = [one for one in state.annotations([on.trace_id]) if one.span_id == on.span_id]
    known = {one.text if one.kind == "label" else one.id: one for one in there}
    for name in named:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            said = f"Did you mean `{near[0]}`? " if near else ""
            have = f"There are {', '.join(known)}." if known else "There is nothing on it."
            raise NotFoundError(
                f"There is no label or note `{name}` on this {'span' if on.span_id else 'trace'}.",
                hint=said + have,
            )
    gone = [known[name] for name in named]
    state.drop([one.id for one in gone])
    return gone


class Labels:
    """The labels of the traces or spans in a list, got a page at a time."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._held: dict[tuple[str, str | None], list[str]] = {}

    def over(self, pages: Iterable[Page[Any]]) -> Iterator[Page[Any]]:
        """The same pages; while one is looked at, `of` knows its rows. Raises `StoreError`."""
        for page in pages:
            self._held = {}
            for one in self._state.annotations(sorted({row.trace_id for row in page.rows})):
                if one.kind == "label":
                    self._held.setdefault((one.trace_id, one.span_id), []).append(one.text)
            yield page

    def of(self, row: Any) -> list[str]:
        """The labels of a row, sorted: of a span its own, of a trace those on the whole of it."""
        return sorted(self._held.get((row.trace_id, getattr(row, "span_id", None)), []))
