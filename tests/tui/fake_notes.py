"""Notes, labels and views in memory: a `State` without a store; and traces written to real files."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from jollyscope.errors import NotFoundError
from jollyscope.export.forms import FORMS, Form, Traced, form_of
from jollyscope.export.placing import placed
from jollyscope.export.traces import Exported, Watch, export_stream
from jollyscope.model.records import SpanRecord
from jollyscope.store.state import Annotation, SavedView


class MemoryState:
    """What a store keeps in its state. `error`, while set, is raised by every method."""

    def __init__(self) -> None:
        self.kept: dict[str, Annotation] = {}
        self.saved: dict[str, SavedView] = {}
        self.error: Exception | None = None

    def annotations(self, trace_ids: Sequence[str]) -> list[Annotation]:
        return [one for one in self.all_annotations() if one.trace_id in set(trace_ids)]

    def all_annotations(self) -> list[Annotation]:
        self._check()
        return sorted(self.kept.values(), key=lambda one: (one.time, one.id))

    def known_labels(self) -> list[str]:
        labels = Counter(one.text for one in self.all_annotations() if one.kind == "label")
        return sorted(labels, key=lambda text: (-labels[text], text))

    def annotate(self, annotations: Sequence[Annotation]) -> None:
        self._check()
        self.kept.update((one.id, one) for one in annotations)

    def drop(self, ids: Iterable[str]) -> int:
        self._check()
        return sum(self.kept.pop(one, None) is not None for one in ids)

    def views(self) -> list[SavedView]:
        self._check()
        return [self.saved[name] for name in sorted(self.saved)]

    def save_view(self, view: SavedView) -> None:
        self._check()
        self.saved[view.name] = view

    def drop_view(self, name: str) -> bool:
        self._check()
        return self.saved.pop(name, None) is not None

    def _check(self) -> None:
        if self.error is not None:
            raise self.error


class FakeFiles:
    """A `FileSource` over traces in memory. `gate`, while set, holds it before each trace."""

    def __init__(self, stored: dict[str, list[SpanRecord]], state: MemoryState) -> None:
        self._stored, self._state = stored, state
        self.gate: threading.Event | None = None
        self.forms = FORMS

    def export(
        self, trace_ids: Sequence[str], path: Path, *, replace: bool, watch: Watch
    ) -> Exported:
        def traces() -> Iterator[Traced]:
            for trace_id in trace_ids:
                if self.gate is not None:
                    self.gate.wait(10)
                if trace_id in self._stored:
                    annotations = self._state.annotations([trace_id])
                    yield Traced(trace_id, self._stored[trace_id], annotations)

        form = form_of(path.name)
        assert isinstance(form, Form)
        with placed(path, replace=replace) as folder, (folder / path.name).open("wb") as file:
            done = export_stream(traces(), file, form, watch)
            if not done.traces:
                raise NotFoundError("No trace matches; nothing was written.")
            return done
