"""Traces written to files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from jollyscope.export.forms import FORMS, Form, form_of
from jollyscope.export.traces import Exported, Watch, export_file, given
from jollyscope_tui.sources.connection import Connection

__all__ = ["FileSource", "StoreFiles"]


class FileSource(Protocol):
    """Where traces go to files."""

    @property
    def forms(self) -> Sequence[Form]:
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
    def forms(self) -> Sequence[Form]:
        return FORMS

    def export(
        self, trace_ids: Sequence[str], path: Path, *, replace: bool, watch: Watch
    ) -> Exported:
        form = form_of(path.name)
        with self._connection.reader() as reader:
            traces = given(reader, self._connection.store.state, trace_ids)
            return export_file(traces, path, form, replace=replace, empty=False, watch=watch)
