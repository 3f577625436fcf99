"""What may follow in the filter being typed, below the word it would replace."""

from __future__ import annotations

from textual import events
from textual.message import Message
from textual.strip import Strip

from jollyscope.query.filter import Completion
from jollyscope_tui.widgets.cells import Paint, clean, fit, paint_width
from jollyscope_tui.widgets.palette import Palette

__all__ = ["Completions"]

SHOWN = 8
WIDEST = 56


class Completions(Palette):
    """A small list over what is below. `chosen` is -1 while nobody chose."""

    DEFAULT_CSS = """
    Completions { overlay: screen; constrain: inside none; height: 1; width: 20; display: none; }
    Completions .paint--head, Completions > .paint--head { background: $panel; }
    """

    class Picked(Message):
        """A click on one."""

        def __init__(self, completion: Completion) -> None:
            super().__init__()
            self.completion = completion

    def __init__(self) -> None:
        super().__init__()
        self.offers: list[Completion] = []
        self.chosen = -1
        self._top = 0

    def show_offers(self, offers: list[Completion], column: int) -> None:
        """Offer these at a column of the bar; none hides it."""
        self.offers, self.chosen, self._top = offers, -1, 0
        self.display = bool(offers)
        if not offers:
            return
        widest = max(paint_width(_line(offer)) for offer in offers)
        self.styles.width = min(WIDEST, widest + 2)
        self.styles.height = min(SHOWN, len(offers)) + (len(offers) > SHOWN)
        self.styles.offset = (column, 0)
        self.refresh()

    def move(self, step: int) -> None:
        """Choose the next or the one before, from either end on around."""
        count = len(self.offers)
        if self.chosen < 0 and step < 0:
            self.chosen = 0
        self.chosen = (self.chosen + step) % count
        self._top = max(min(self._top, self.chosen), self.chosen - SHOWN + 1)
        self.refresh()

    @property
    def offer(self) -> Completion | None:
        """The chosen one."""
        return self.offers[self.chosen] if 0 <= self.chosen < len(self.offers) else None

    def render_line(self, y: int) -> Strip:
        width, at = self.size.width, self._top + y
        if y >= SHOWN:
            left = f" {self.chosen + 1 or '–'} of {len(self.offers)}"
            return self.paint_strip([(fit(left, width), "muted")], width, "head")
        if at >= len(self.offers):
            return self.paint_strip([], width, "head")
        sign = "▌" if at == self.chosen else " "
        paint: Paint = [(sign, "strong"), *_line(self.offers[at])]
        return self.paint_strip(paint, width, "cursor" if at == self.chosen else "head")

    def on_click(self, event: events.Click) -> None:
        event.stop()
        at = self._top + event.y
        if event.y < SHOWN and at < len(self.offers):
            self.post_message(self.Picked(self.offers[at]))


def _line(offer: Completion) -> Paint:
    style = {"field": "key", "operator": "literal", "value": "string"}.get(offer.kind, "text")
    text = clean(offer.text.rstrip())
    meaning = f"  {clean(offer.meaning)}" if offer.meaning else ""
    return [(fit(text, 40) if len(text) > 40 else text, style), (meaning, "muted")]
