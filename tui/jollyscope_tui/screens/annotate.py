"""The dialog for labels and notes, on traces or on one span."""

# Textual leaves the type of its apps and workers open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import PurePath
from typing import ClassVar, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.suggester import SuggestFromList
from textual.widgets import Input, Label, Static, TextArea

from jollyscope.errors import JollyScopeError
from jollyscope.store.state import Annotation
from jollyscope_tui.navigation import Annotated
from jollyscope_tui.screens.choosing import Dialog
from jollyscope_tui.services import Services
from jollyscope_tui.widgets.annotation_list import AnnotationList, items_of

__all__ = ["AnnotateDialog"]


class There(NamedTuple):
    """What is on them, and every label in use."""

    annotations: list[Annotation]
    known: list[str]


class AnnotateDialog(Dialog[None]):
    """Labels are turned on and off, notes written and deleted; each is kept at once."""

    AUTO_FOCUS = "#label"
    CSS_PATH: ClassVar[list[str | PurePath]] = ["choosing.tcss", "dialogs.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "add_note", "Keep the note", priority=True),
        Binding("delete,d", "drop", "Delete", key_display="d"),
    ]

    class Ready(Message):
        """A worker has read what is there; `changed` says that it wrote before."""

        def __init__(self, there: There, changed: bool) -> None:
            super().__init__()
            self.there = there
            self.changed = changed

    class Failed(Message):
        """A worker could not read or write."""

        def __init__(self, error: JollyScopeError) -> None:
            super().__init__()
            self.error = error

    def __init__(self, services: Services, traces: Sequence[str], span: str | None = None) -> None:
        super().__init__()
        self._services = services
        self._traces = list(traces)
        self._span = span
        self._doomed = ""
        """The id of the note that a second `d` deletes."""
        self._leaving = False

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(f"labels and notes on {self._what()}", classes="title", markup=False)
            yield AnnotationList(self._services.tz)
            with Horizontal():
                yield Label("label")
                yield Input(placeholder="a label; Enter puts it on", id="label", compact=True)
            with Horizontal(id="noting"):
                yield Label("note")
                yield TextArea(id="note", compact=True, soft_wrap=True)
            yield Static("", id="said", markup=False)
            yield Static(
                "Tab to and fro · Space turns a label · ^s keeps the note · d deletes · Esc closes",
                classes="hint",
            )

    def on_mount(self) -> None:
        self._run(None)

    def _what(self) -> str:
        if self._span is not None:
            return f"span {self._span}"
        count = len(self._traces)
        return f"trace {self._traces[0]}" if count == 1 else f"{count:,} traces"

    @property
    def _note(self) -> TextArea:
        return self.query_one(TextArea)

    # Reading and writing

    def _run(self, change: Callable[[], object] | None) -> None:
        """Make a change, then read what is there; one after the other."""
        notes = self._services.source.notes

        def work() -> None:
            try:
                if change is not None:
                    change()
                found = [one for trace_id in self._traces for one in notes.annotations(trace_id)]
                here = [one for one in found if one.span_id == self._span]
                self.post_message(self.Ready(There(here, notes.known_labels()), change is not None))
            except JollyScopeError as error:
                self.post_message(self.Failed(error))

        self.run_worker(work, thread=True, group="notes", exit_on_error=False)

    @on(Ready)
    def _ready(self, event: Ready) -> None:
        there = event.there
        items = items_of(there.annotations, there.known, len(self._traces))
        self.query_one(AnnotationList).show_items(items)
        self.query_one("#label", Input).suggester = SuggestFromList(there.known)
        if event.changed:
            self.app.screen_stack[-2].post_message(Annotated(self._traces))

    @on(Failed)
    def _failed(self, event: Failed) -> None:
        self.say(str(event.error))

    def _put(self, kind: str, text: str) -> None:
        notes, traces, span = self._services.source.notes, self._traces, self._span
        self._run(
            lambda: notes.annotate(traces, span, "label" if kind == "label" else "note", text)
        )

    # Keys

    @on(Input.Submitted, "#label")
    def _label_typed(self, event: Input.Submitted) -> None:
        self.say("")
        if event.value.strip():
            self._put("label", event.value)
            event.input.value = ""

    @on(AnnotationList.Chosen)
    def _turn(self) -> None:
        item = self.query_one(AnnotationList).chosen
        if item is None:
            return
        if item.kind == "note":
            self.say(item.text)
        elif item.all:
            ids = [one.id for one in item.held]
            self._run(lambda: self._services.source.notes.drop(ids))
        else:
            self._put("label", item.text)

    @on(AnnotationList.Moved)
    def _moved(self, event: AnnotationList.Moved) -> None:
        if not isinstance(event, AnnotationList.Chosen):
            self._doomed = ""
            self.say("")

    def action_add_note(self) -> None:
        self.say("")
        if self._note.text.strip():
            self._put("note", self._note.text)
            self._note.text = ""
        else:
            self._note.focus()

    def action_drop(self) -> None:
        item = self.query_one(AnnotationList).chosen
        if item is None or not item.held:
            return
        ids = [one.id for one in item.held]
        if item.kind == "note" and self._doomed != ids[0]:
            self._doomed = ids[0]
            self.say("d again deletes the note.")
            return
        self.say("")
        self._run(lambda: self._services.source.notes.drop(ids))

    def action_cancel(self) -> None:
        if self._note.text.strip() and not self._leaving:
            self._leaving = True
            self.say("The note is not kept yet: ^s keeps it, Esc again drops it.")
        else:
            self.dismiss(None)

    @on(TextArea.Changed)
    def _writing(self) -> None:
        self._leaving = False
