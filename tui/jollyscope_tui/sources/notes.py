"""Notes, labels and saved views: what people add to a store."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import time_ns
from typing import Protocol

from jollyscope.store import state
from jollyscope.store.state import Annotation, AnnotationKind, SavedView, State
from jollyscope_tui.sources.connection import Connection

__all__ = ["NoteSource", "StateNotes", "StoreNotes"]


class NoteSource(Protocol):
    """Where notes, labels and saved views are. Methods raise `JollyScopeError`."""

    def views(self) -> list[SavedView]:
        """Saved views, by name."""
        ...

    def save_view(self, name: str, text: str) -> None:
        """Save a view; one of that name is replaced."""
        ...

    def drop_view(self, name: str) -> bool:
        """Forget a view; whether there was one."""
        ...

    def annotations(self, trace_id: str) -> list[Annotation]:
        """Labels and notes on a trace and its spans, oldest first."""
        ...

    def labels_of(self, trace_ids: Sequence[str]) -> dict[str, list[str]]:
        """The labels on these traces themselves, sorted; traces without any are left out."""
        ...

    def known_labels(self) -> list[str]:
        """Every label in use, the most used first."""
        ...

    def annotate(
        self, trace_ids: Sequence[str], span_id: str | None, kind: AnnotationKind, text: str
    ) -> list[Annotation]:
        """Put a label or a note on these traces, or on one span of one; what was added.

        Raises `UsageError` where `text` cannot be one.
        """
        ...

    def drop(self, ids: Sequence[str]) -> int:
        """Take annotations away; how many there were."""
        ...


class StateNotes:
    """A `NoteSource` over the state of a store, which `open` gives."""

    def __init__(self, open: Callable[[], State], now: Callable[[], int] = time_ns) -> None:
        self._open = open
        self._now = now

    def views(self) -> list[SavedView]:
        return self._open().views()

    def save_view(self, name: str, text: str) -> None:
        self._open().save_view(SavedView(name=state.view_name(name), text=text, time=self._now()))

    def drop_view(self, name: str) -> bool:
        return self._open().drop_view(name)

    def annotations(self, trace_id: str) -> list[Annotation]:
        return self._open().annotations([trace_id])

    def labels_of(self, trace_ids: Sequence[str]) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for one in self._open().annotations(trace_ids):
            if one.kind == "label" and one.span_id is None:
                found.setdefault(one.trace_id, []).append(one.text)
        return {trace_id: sorted(labels) for trace_id, labels in found.items()}

    def known_labels(self) -> list[str]:
        return self._open().known_labels()

    def annotate(
        self, trace_ids: Sequence[str], span_id: str | None, kind: AnnotationKind, text: str
    ) -> list[Annotation]:
        make = state.label if kind == "label" else state.note
        by, now = state.author(), self._now()
        made = [make(trace_id, span_id, text, by=by, now=now) for trace_id in trace_ids]
        self._open().annotate(made)
        return made

    def drop(self, ids: Sequence[str]) -> int:
        return self._open().drop(ids)


class StoreNotes(StateNotes):
    """A `NoteSource` over a store."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(lambda: connection.store.state)
