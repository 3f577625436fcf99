"""The dialog that writes traces to a file."""

# Textual leaves the type of its apps and workers open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input, Label, Static

from jollyscope.errors import JollyScopeError
from jollyscope.export.traces import Exported
from jollyscope.model.format import size
from jollyscope_tui.screens.choosing import Dialog
from jollyscope_tui.services import Services
from jollyscope_tui.widgets.path_input import PathInput

__all__ = ["ExportDialog"]

_BAR = 40


class ExportDialog(Dialog[None]):
    """Asks for a name, writes, and says what was written. Esc while it writes leaves nothing."""

    CSS_PATH: ClassVar[list[str | PurePath]] = ["choosing.tcss", "dialogs.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "form(-1)", "Another format", show=False),
        Binding("down", "form(1)", "Another format", show=False),
    ]

    class Wrote(Message):
        """So much is written."""

        def __init__(self, traces: int, spans: int) -> None:
            super().__init__()
            self.traces = traces
            self.spans = spans

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, ExportDialog.Wrote)

    class Ended(Message):
        """All is written, or nothing."""

        def __init__(self, path: Path, result: Exported | JollyScopeError | None) -> None:
            super().__init__()
            self.path = path
            self.result = result

    def __init__(self, services: Services, traces: Sequence[str]) -> None:
        super().__init__()
        self._services = services
        self._traces = list(traces)
        self._stop = threading.Event()
        self._writing = False
        self._doomed = ""
        """The name of a file that is there already: Enter again replaces it."""

    def compose(self) -> ComposeResult:
        count = len(self._traces)
        with Vertical():
            what = f"trace {self._traces[0]}" if count == 1 else f"{count:,} traces"
            yield Static(f"export {what}", classes="title", markup=False)
            with Horizontal():
                yield Label("file")
                yield PathInput(self._usual_name(), id="path", compact=True)
            yield Static("", id="forms", markup=False)
            yield Static("", id="progress", markup=False)
            yield Static("", id="said", markup=False)
            yield Static("Enter writes · Tab completes · ↑↓ format · Esc closes", classes="hint")

    def on_mount(self) -> None:
        self.query_one(PathInput).focus()
        self._show_forms()

    def on_unmount(self) -> None:
        self._stop.set()

    def _usual_name(self) -> str:
        first = self._traces[0][:8]
        return (
            f"trace-{first}.json" if len(self._traces) == 1 else f"traces-{len(self._traces)}.json"
        )

    # The name and its format

    @property
    def _path(self) -> PathInput:
        return self.query_one(PathInput)

    def _fit(self) -> int | None:
        """The place of the format that the name says."""
        forms = self._services.source.files.forms
        name = self._path.value.lower()
        fit = [(len(f.suffix), at) for at, f in enumerate(forms) if name.endswith(f.suffix)]
        return max(fit)[1] if fit else None

    def action_form(self, step: int) -> None:
        forms, at = self._services.source.files.forms, self._fit()
        stem = self._path.value
        if at is not None:
            stem = stem[: -len(forms[at].suffix)]
        following = forms[((-1 if at is None and step > 0 else at or 0) + step) % len(forms)]
        self._path.value = stem + following.suffix
        self._path.cursor_position = len(stem)

    def _show_forms(self) -> None:
        at = self._fit()
        lines = [
            f"{'▸' if number == at else ' '} {form.suffix:<12}{form.title}"
            for number, form in enumerate(self._services.source.files.forms)
        ]
        self.query_one("#forms", Static).update("\n".join(lines))

    @on(Input.Changed, "#path")
    def _typed(self) -> None:
        self._doomed = ""
        self.say("")
        self._show_forms()

    @on(PathInput.Completed)
    def _completed(self, event: PathInput.Completed) -> None:
        # After the change of the name, which wipes what was said.
        self.call_after_refresh(lambda: self.say(event.words))

    # Writing

    @on(Input.Submitted, "#path")
    def _write(self) -> None:
        text = self._path.value.strip()
        if self._writing:
            return
        if not text:
            self.say("Name the file to write.")
            return
        path = Path(text).expanduser()
        replace = self._doomed == text
        if path.is_file() and not replace:
            self._doomed = text
            self.say(f"{text} exists already; Enter again replaces it.")
            return
        self._writing = True
        self._path.disabled = True
        self.say("")
        self._show_progress(0)
        self.run_worker(lambda: self._work(path, replace), thread=True, exit_on_error=False)

    def _work(self, path: Path, replace: bool) -> None:
        def watch(traces: int, spans: int) -> None:
            if self._stop.is_set():
                raise JollyScopeError("Cancelled; nothing was written.")
            self.post_message(self.Wrote(traces, spans))

        try:
            files = self._services.source.files
            done = files.export(self._traces, path, replace=replace, watch=watch)
        except JollyScopeError as error:
            self.post_message(self.Ended(path, error))
        except Exception as error:
            self.post_message(self.Ended(path, None))
            raise error from None
        else:
            self.post_message(self.Ended(path, done))

    @on(Wrote)
    def _wrote(self, event: Wrote) -> None:
        if self._writing:
            self._show_progress(event.traces)

    def _show_progress(self, traces: int) -> None:
        total = len(self._traces)
        full = _BAR * traces // max(1, total)
        bar = "━" * full + "─" * (_BAR - full)
        words = f"{bar} {traces:,}/{total:,}  Esc cancels" if traces <= total else "…  Esc cancels"
        self.query_one("#progress", Static).update(words if self._writing else "")

    @on(Ended)
    def _ended(self, event: Ended) -> None:
        self._writing = False
        self._path.disabled = False
        self._show_progress(0)
        if isinstance(event.result, Exported):
            written = event.result.traces
            traces = (
                f"{event.result.rows:,} rows"
                if written is None
                else ("1 trace" if written == 1 else f"{written:,} traces")
            )
            missing = 0 if written is None else len(self._traces) - written
            gone = f" {missing:,} are no longer in the store." if missing else ""
            self.app.notify(
                f"Wrote {traces}, {size(event.result.size)}, to {event.path}.{gone}",
                markup=False,
                severity="warning" if missing else "information",
            )
            self.dismiss(None)
            return
        self._stop.clear()
        self._path.focus()
        self.say(str(event.result or "Writing failed unexpectedly; `jollyscope doctor` looks why."))

    def action_cancel(self) -> None:
        if self._writing:
            self._stop.set()
            self._services.source.cancel()
        else:
            self.dismiss(None)
