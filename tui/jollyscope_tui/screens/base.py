"""What the screens share: reading in workers, and how what goes wrong there is shown."""

# Textual leaves the type of its apps and workers open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, TypeVar

from textual import on
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import Screen
from textual.worker import Worker, WorkerState, get_current_worker

from jollyscope.errors import JollyScopeError
from jollyscope_tui.services import Services

__all__ = ["ReadingScreen"]

T = TypeVar("T")


class ReadingScreen(Screen[None]):
    """A screen whose workers post what they read. Subclasses handle `Read` and `Failed`."""

    AUTO_FOCUS = "LineList"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "app.help", "Help", key_display="?"),
    ]

    class Read(Message):
        """A worker has read something. `job` says what was asked for."""

        def __init__(self, job: str, result: object) -> None:
            super().__init__()
            self.job = job
            self.result = result

    class Failed(Message):
        """A worker could not read it."""

        def __init__(self, job: str, error: JollyScopeError) -> None:
            super().__init__()
            self.job = job
            self.error = error

    def __init__(self, services: Services) -> None:
        super().__init__()
        self.services = services
        self._failures = 0
        self.HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (160, "-wide")]

    def read(self, job: str, what: Callable[[], object]) -> Worker[None]:
        """Run `what` in a thread; a later read of the same job replaces an earlier one."""

        def work() -> None:
            worker = get_current_worker()
            try:
                result = what()
            except JollyScopeError as error:
                if not worker.is_cancelled:
                    self.post_message(self.Failed(job, error))
                return
            if not worker.is_cancelled:
                self.post_message(self.Read(job, result))

        return self.run_worker(
            work, name=job, group=job, thread=True, exclusive=True, exit_on_error=False
        )

    def reading(self, job: str) -> bool:
        """Whether such a worker is at work."""
        return any(w.group == job and w.node is self and not w.is_finished for w in self.workers)

    def went_well(self) -> None:
        """A read that repeats by itself succeeded."""
        self._failures = 0

    def tell_next_failure(self) -> None:
        """Someone asked for the next read: its failure is said at once."""
        self._failures = 1

    def went_wrong(self, error: JollyScopeError) -> None:
        """A read that repeats by itself failed: said once, at the second time in a row, since
        the first may come from another screen that stopped the store's queries on its way out.
        """
        self._failures += 1
        if self._failures == 2:
            self.notify(str(error), severity="error", markup=False)

    def stop_reading(self) -> bool:
        """Cancel all workers and the store's queries; False when there were none."""
        busy = [worker for worker in self.workers if worker.node is self and not worker.is_finished]
        for worker in busy:
            worker.cancel()
        if busy:
            self.services.source.cancel()
        return bool(busy)

    @on(Worker.StateChanged)
    def _worker_changed(self, event: Worker.StateChanged) -> None:
        # Bugs and broken environments end here: said, never shown as a traceback.
        if event.state is WorkerState.ERROR and event.worker.node is self:
            kind, error = type(event.worker.error).__name__, event.worker.error
            found = JollyScopeError(
                f"Reading failed unexpectedly ({kind}: {error}).",
                hint="`jollyscope doctor` looks for causes.",
            )
            self.post_message(self.Failed(event.worker.group, found))
