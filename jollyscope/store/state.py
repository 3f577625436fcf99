"""What people add to a store: notes and labels on traces and spans, and views saved by name.

Little, and changed in place; records never are. Every store keeps it behind the same few methods,
and lets SQL read the notes and labels as `ads_annotations`.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any, Literal, Protocol

import msgspec

from jollyscope.errors import UsageError

__all__ = [
    "Annotation",
    "AnnotationKind",
    "SavedView",
    "State",
    "author",
    "label",
    "note",
    "view_name",
]

AnnotationKind = Literal["label", "note"]

_LABEL_LENGTH = 64
_NOTE_LENGTH = 10_000


class Annotation(msgspec.Struct, frozen=True, kw_only=True):
    """A label or a note on a trace or, with `span_id`, on one span of it; `time` in Unix ns."""

    id: str
    """16 hex digits. The same label on the same span has the same one: set twice, it is there once."""
    trace_id: str
    span_id: str | None
    kind: AnnotationKind
    text: str
    author: str
    time: int


class SavedView(msgspec.Struct, frozen=True, kw_only=True):
    """What a list shows, under a name. `text` is whoever saved it's own, mostly JSON."""

    name: str
    text: str
    time: int


class State(Protocol):
    """The small state of a store. Any thread and any process may use it at once.

    What was never written reads as nothing. All methods raise `StoreError`.
    """

    def annotations(self, trace_ids: Sequence[str]) -> list[Annotation]:
        """Labels and notes on these traces and their spans, oldest first."""
        ...

    def all_annotations(self) -> list[Annotation]:
        """Labels and notes on everything, oldest first."""
        ...

    def known_labels(self) -> list[str]:
        """Every label in use, the most used first."""
        ...

    def annotate(self, annotations: Sequence[Annotation]) -> None:
        """Add these, all or none; one whose id is there already takes its place."""
        ...

    def drop(self, ids: Iterable[str]) -> int:
        """Take annotations away, all or none; how many there were."""
        ...

    def views(self) -> list[SavedView]:
        """Saved views, by name."""
        ...

    def save_view(self, view: SavedView) -> None:
        """Save a view; one of that name is replaced."""
        ...

    def drop_view(self, name: str) -> bool:
        """Forget a view; whether there was one."""
        ...


def label(trace_id: str, span_id: str | None, text: str, *, by: str, now: int) -> Annotation:
    """A label: one line of at most 64 characters, no blanks around it and no comma in it.

    Raises `UsageError` where `text` cannot be one.
    """
    text = _clean(" ".join(text.split()))
    if not text:
        raise UsageError("A label cannot be empty.")
    if len(text) > _LABEL_LENGTH:
        raise UsageError(
            f"A label has at most {_LABEL_LENGTH} characters, this one {len(text)}.",
            hint="A note can be longer.",
        )
    if "," in text:
        raise UsageError(f"The label `{text}` has a comma in it.", hint="Give labels one by one.")
    key = "\0".join((trace_id, span_id or "", text))
    named = hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:16]
    return _on(trace_id, span_id, id=named, kind="label", text=text, author=by, time=now)


def note(trace_id: str, span_id: str | None, text: str, *, by: str, now: int) -> Annotation:
    """A note: text of at most 10,000 characters. Raises `UsageError` where `text` cannot be one."""
    text = _clean(text.strip())
    if not text:
        raise UsageError("A note cannot be empty.")
    if len(text) > _NOTE_LENGTH:
        raise UsageError(f"A note has at most {_NOTE_LENGTH:,} characters, this one {len(text):,}.")
    made = secrets.token_hex(8)
    return _on(trace_id, span_id, id=made, kind="note", text=text, author=by, time=now)


def _on(trace_id: str, span_id: str | None, **more: Any) -> Annotation:
    return Annotation(trace_id=trace_id, span_id=span_id, **more)


def author() -> str:
    """Who adds something: the name of the user who runs this, or empty."""
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return str(os.getuid()) if hasattr(os, "getuid") else ""


def view_name(text: str) -> str:
    """A view's name, tidied. Raises `UsageError` where there is nothing left, or too much."""
    name = _clean(" ".join(text.split()))
    if not name:
        raise UsageError("A view needs a name.")
    if len(name) > _LABEL_LENGTH:
        raise UsageError(f"A view's name has at most {_LABEL_LENGTH} characters.")
    return name


_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""What a terminal would obey or a store refuse; a tab and a new line may stay."""


def _clean(text: str) -> str:
    return unicodedata.normalize("NFC", _CONTROL.sub("", text.replace("\r\n", "\n")))
