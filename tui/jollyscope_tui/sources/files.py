"""Traces written to files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from jollyscope.export.choice import Choice
from jollyscope.export.forms import FORMS, AnyForm, form_of
from jollyscope.export.job import Job, export
from jollyscope.export.traces import Exported, Watch
from jollyscope_tui.sources.connection import Connection

__all__ = ["FileSource", "StoreFiles"]


class FileSource(Protocol):
    """Where traces go to files."""

    @property
    def forms(self) -> Sequence[AnyForm]:
        """The formats there are."""
        ...

    def export(
        self, trace_ids: Sequence[str], path: Path, *, replace: bool, watch: Watch
    ) -> Exported:
        """Write these traces; the ending of the name says the format. The file is there whole or as it
        was before; what `watch` raises ends it. Raises `JollyScopeError`.
        """
        ...


class StoreFiles:
    """A `FileSource` over a store."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def forms(self) -> Sequence[AnyForm]:
        return FORMS

    def export(
        self, trace_ids: Sequence[str], path: Path, *, replace: bool, watch: Watch
    ) -> Exported:
        job = Job(
            choice=Choice(traces=tuple(trace_ids)), form=form_of(path.name), replace=replace,
            empty=False, about={"store": self._connection.store.url},
        )  # fmt: skip
        with self._connection.reader() as reader:
            return export(reader, self._connection.store.state, job, path, watch)
