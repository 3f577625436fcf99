"""The filter in force, and the place to type another: completed, checked and remembered."""

# Textual leaves the type of its apps and workers open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input, Static

from jollyscope.query.filter import Completion, FilterError, complete, parse
from jollyscope_tui.widgets.completions import Completions
from jollyscope_tui.widgets.filter_input import FilterInput
from jollyscope_tui.widgets.history import History
from jollyscope_tui.widgets.mistake import Mistake

__all__ = ["FilterBar"]

SAY_AFTER = 0.6
"""Seconds without a key before a mistake is said: half a word is no mistake yet."""
ASK_AFTER = 0.12
"""Seconds without a key before the store is asked for values."""
KEPT_VALUES = 500


class FilterBar(Vertical):
    """`text` is the filter in force. Typing changes nothing until Enter."""

    DEFAULT_CSS = """
    FilterBar { height: auto; }
    FilterBar Horizontal { height: 1; }
    FilterBar #sign { width: 2; }
    FilterBar FilterInput { width: 1fr; }
    FilterBar #range { width: auto; max-width: 45%; padding: 0 1; color: $foreground 60%; }
    FilterBar #range:hover { color: $foreground; }
    FilterBar Static { height: 1; }
    """

    class Asked(Message):
        """This filter is to be in force."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class ValuesWanted(Message):
        """The store's values of a field that begin so, for completion."""

        def __init__(self, field: str, prefix: str) -> None:
            super().__init__()
            self.field = field
            self.prefix = prefix

    class RangeClicked(Message):
        """A click on the stretch of time."""

    class Left(Message):
        """Typing is over: the list has the keys again."""

    def __init__(self, key: str = "/") -> None:
        """`key` is the one that goes into the line, as it is told there."""
        super().__init__()
        self._key = key
        self.text = ""
        self.history = History(())
        self._values: dict[tuple[str, str], list[str]] = {}
        self._missed: tuple[str, str] | None = None
        self._quiet: str | None = None
        self._pending: list[Timer] = []

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Static(self._key, id="sign")
            yield FilterInput(
                placeholder=f"filter: {self._key} to type one", compact=True, select_on_focus=False
            )
            yield Static("", id="range", markup=False)
        yield Completions()
        yield Mistake()

    @property
    def input(self) -> FilterInput:
        """The line."""
        return self.query_one(FilterInput)

    @property
    def offers(self) -> Completions:
        """The completions."""
        return self.query_one(Completions)

    def show_filter(self, text: str, earlier: Sequence[str]) -> None:
        """This filter is in force now; `earlier` ones can be had back."""
        self.text, self.history = text, History(earlier)
        self._set(text)
        self._hide()

    def show_range(self, words: str) -> None:
        """The stretch of time in force."""
        self.query_one("#range", Static).update(words)

    def give_values(self, field: str, prefix: str, values: list[str]) -> None:
        """What the store has: remembered, and offered if it is still wanted."""
        if len(self._values) >= KEPT_VALUES:
            self._values.pop(next(iter(self._values)))
        self._values[field, prefix] = values
        if self._missed == (field, prefix) and self.input.has_focus:
            self._offer()

    def forget_values(self) -> None:
        """The store has others now."""
        self._values.clear()

    def say(self, error: FilterError | None) -> None:
        """Point at a mistake in what is typed; None takes it back."""
        line = self.input
        left = line.content_region.x - self.region.x - int(line.scroll_x)
        self.query_one(Mistake).show_error(error, left, line.content_region.right - self.region.x)

    # Typing

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if event.value == self._quiet or not self.input.has_focus:
            return
        self._quiet = None
        self._stop()
        self.say(None)
        self._pending = [self.set_timer(SAY_AFTER, lambda: self._check())]
        self._offer()

    def _check(self) -> bool:
        """Whether what is typed is a filter; says what is wrong with it."""
        try:
            parse(self.input.value)
        except FilterError as error:
            self.say(error)
            return False
        self.say(None)
        return True

    def _offer(self, *, asked: bool = False) -> None:
        text, cursor = self.input.value, self.input.cursor_position
        # Before a word is begun, everything could follow: that is shown to who asks for it.
        if not asked and (not text[:cursor] or text[:cursor][-1] in " ("):
            self.offers.show_offers([], 0)
            return
        missed: list[tuple[str, str]] = []
        found = complete(text, cursor, lambda field, prefix: self._known(field, prefix, missed))
        typed = any(offer.text != text[offer.start : offer.end] for offer in found)
        column = 2 + cell_len(text[: found[0].start]) - int(self.input.scroll_x) if found else 0
        self.offers.show_offers(found if typed else [], max(0, column))
        self._missed = missed[0] if missed else None
        if missed:
            wanted = self.ValuesWanted(*missed[0])
            self._pending.append(self.set_timer(ASK_AFTER, lambda: self._ask(wanted)))

    def _ask(self, wanted: ValuesWanted) -> None:
        self.post_message(wanted)

    def _known(self, field: str, prefix: str, missed: list[tuple[str, str]]) -> list[str]:
        known = self._values.get((field, prefix))
        if known is None:
            missed.append((field, prefix))
        return known or []

    def _take(self, offer: Completion) -> None:
        text = self.input.value
        ended = offer.kind == "value" and offer.end == len(text)
        put = offer.text + (" " if ended else "")
        self._set(text[: offer.start] + put + text[offer.end :], offer.start + len(put))
        self._hide()
        if not ended:
            self._offer()

    def _set(self, text: str, cursor: int | None = None) -> None:
        self._quiet = text
        self.input.value = text
        self.input.cursor_position = len(text) if cursor is None else cursor

    def _hide(self) -> None:
        self._stop()
        self.offers.show_offers([], 0)
        self.say(None)

    def _stop(self) -> None:
        for timer in self._pending:
            timer.stop()
        self._pending = []

    # Keys and the mouse

    @on(FilterInput.Pressed)
    def _pressed(self, event: FilterInput.Pressed) -> None:
        event.stop()
        offers = self.offers
        if event.key in ("up", "down"):
            self._step(-1 if event.key == "up" else 1)
        elif event.key == "tab" and offers.display:
            self._take(offers.offer or offers.offers[0])
        elif event.key == "tab":
            self._offer(asked=True)
        elif event.key == "enter" and offers.display and offers.offer is not None:
            self._take(offers.offer)
        elif event.key == "enter":
            self._apply()
        elif event.key == "escape" and offers.display:
            offers.show_offers([], 0)
        else:
            self._set(self.text)
            self._hide()
            self.post_message(self.Left())

    def _step(self, step: int) -> None:
        if self.offers.display:
            self.offers.move(step)
            return
        found = self.history.step(step, self.input.value)
        if found is not None:
            self._set(found)
            self.say(None)

    def _apply(self) -> None:
        self.offers.show_offers([], 0)
        if self._check():
            self._stop()
            self.post_message(self.Asked(self.input.value.strip()))

    @on(Completions.Picked)
    def _picked(self, event: Completions.Picked) -> None:
        event.stop()
        self.input.focus()
        self._take(event.completion)

    def on_click(self, event: object) -> None:
        widget = getattr(event, "widget", None)
        if isinstance(widget, Static) and widget.id == "range":
            self.post_message(self.RangeClicked())
