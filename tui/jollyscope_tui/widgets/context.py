"""What the tabs of the detail are made from, besides the span."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from typing import NamedTuple

from jollyscope.model.tree import TraceTree
from jollyscope.query.dialogue import Said
from jollyscope.store.state import Annotation

__all__ = ["Context", "Remark", "Trouble"]

Remark = tuple[str, str, str]
"""A name, a text and its style: what the trace as a whole says of a span."""


class Trouble(NamedTuple):
    """What could not be read, and why."""

    said: str


class Context(NamedTuple):
    """The trace, the moment (Unix ns), the time zone, messages that came as log records, cells of a line,
    what people wrote on the trace, remarks on the span, whether texts are rendered, what the tab is
    narrowed to, and what was read for it in a worker (None: not yet).
    """

    tree: TraceTree
    began: int
    now: int
    tz: tzinfo | None
    said: Said
    width: int = 80
    annotations: Sequence[Annotation] = ()
    remarks: Sequence[Remark] = ()
    rendered: bool = True
    narrow: str = ""
    read: object = None

    @property
    def trouble(self) -> str:
        """Why there is nothing to show; empty where nothing went wrong."""
        return self.read.said if isinstance(self.read, Trouble) else ""
