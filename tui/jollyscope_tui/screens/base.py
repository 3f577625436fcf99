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
from textual.timer import Timer
from textual.worker import Worker, WorkerState, get_current_worker

from jollyscope.errors import JollyScopeError
from jollyscope_tui.navigation import Annotated
from jollyscope_tui.services import Services
from jollyscope_tui.widgets.state_panel import StatePanel
from jollyscope_tui.widgets.trouble import TroubleLine

__all__ = ["ReadingScreen"]

T = TypeVar("T")

PROBE_SECONDS = 2.0
_PROBE = "probe"


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

    class Probed(Message):
        """Whether the store can be read: it can where there is no `error`."""

        def __init__(self, error: JollyScopeError | None) -> None:
            super().__init__()
            self.error = error

    def __init__(self, services: Services) -> None:
        super().__init__()
        self.services = services
        self._failures = 0
        self._retry: Timer | None = None
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

    # A store in trouble: said as long as it lasts, and asked again until it is over.

    @on(Failed)
    def _look_why(self) -> None:
        # What was asked for may just have been cancelled: only the store itself knows.
        if self.reading(_PROBE):
            return

        def work() -> None:
            error: JollyScopeError | None = None
            try:
                self.services.source.probe()
            except JollyScopeError as found:
                error = found
            self.post_message(self.Probed(error))

        self.run_worker(work, name=_PROBE, group=_PROBE, thread=True, exit_on_error=False)

    @on(Probed)
    def _probed(self, event: Probed) -> None:
        if event.error is None:
            self._trouble_over(reload=True)
            return
        if not any(panel.display for panel in self.query(StatePanel)):
            self._tell_trouble(event.error)
        if self._retry is None:
            self._retry = self.set_interval(PROBE_SECONDS, self._look_why)

    @on(Read)
    def _read_again(self) -> None:
        self._trouble_over(reload=False)

    def _trouble_over(self, *, reload: bool) -> None:
        if self._retry is None:
            return
        self._retry.stop()
        self._retry = None
        self.query(TroubleLine).remove()
        if reload:
            self._reload()

    def _tell_trouble(self, error: JollyScopeError) -> None:
        lines = self.query(TroubleLine)
        if lines:
            lines.first().tell(error)
        else:
            self.mount(TroubleLine(error))

    @on(Annotated)
    def _reload(self) -> None:
        reload: Callable[[], None] | None = getattr(self, "action_reload", None)
        if reload is not None:
            reload()

    @on(Worker.StateChanged)
    def _worker_changed(self, event: Worker.StateChanged) -> None:
        # Bugs and broken environments end here: said, never shown as a traceback.
        if event.state is WorkerState.ERROR and event.worker.node is self:
            kind, error = type(event.worker.error).__name__, event.worker.error
            found = JollyScopeError(
                f"Reading failed unexpectedly ({kind}: {error}).",
                hint="`jollyscope doctor` looks for causes.",
            )
            probe = event.worker.group == _PROBE
            self.post_message(
                self.Probed(found) if probe else self.Failed(event.worker.group, found)
            )
