"""The labels and notes in their dialog: labels to turn on and off, notes to read and delete."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from datetime import tzinfo
from typing import ClassVar, NamedTuple

from textual.binding import Binding, BindingType

from jollyscope.store.state import Annotation
from jollyscope_tui.when import date_and_clock
from jollyscope_tui.widgets.cells import Paint, clean, cut
from jollyscope_tui.widgets.line_list import LineList

__all__ = ["AnnotationList", "Item", "items_of"]


class Item(NamedTuple):
    """A label, which `held` of the things annotated have, or a note."""

    kind: str
    text: str
    held: list[Annotation]
    all: bool


def items_of(there: Sequence[Annotation], known: Sequence[str], number: int) -> list[Item]:
    """Labels on all or some of `number` things first, then those known elsewhere, then notes."""
    labels: dict[str, list[Annotation]] = {}
    for one in there:
        if one.kind == "label":
            labels.setdefault(one.text, []).append(one)
    on = [Item("label", text, labels[text], len(labels[text]) == number) for text in sorted(labels)]
    off = [Item("label", text, [], False) for text in known if text not in labels]
    notes = [Item("note", one.text, [one], True) for one in there if one.kind == "note"]
    return [*on, *off, *notes]


class AnnotationList(LineList):
    """Space or Enter turns a label on or off; the dialog hears of `Chosen`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space,enter", "choose", "Turn the label on or off"),
    ]
    DEFAULT_CSS = "AnnotationList { background: $surface; }"

    def __init__(self, tz: tzinfo | None) -> None:
        super().__init__()
        self._tz = tz
        self.items: list[Item] = []

    @property
    def chosen(self) -> Item | None:
        """The one under the cursor."""
        return self.items[self.cursor] if self.cursor < len(self.items) else None

    def show_items(self, items: Sequence[Item]) -> None:
        """These from now on; the cursor stays with what it was on."""
        before = self.chosen
        self.items = list(items)
        if before is not None:
            same = (
                n for n, i in enumerate(items) if (i.kind, i.text) == (before.kind, before.text)
            )
            self.cursor = next(same, self.cursor)
        self.redraw()

    def row_total(self) -> int:
        return len(self.items)

    def row_key(self, row: int) -> Hashable:
        item = self.items[row]
        return item.kind, item.text, len(item.held), item.all, row

    def paint_head(self, width: int) -> Paint:
        on = sum(bool(item.held) for item in self.items if item.kind == "label")
        notes = sum(item.kind == "note" for item in self.items)
        if not self.items:
            return [(" No labels or notes yet", "title")]
        told = f" {on:,} label{'s' * (on != 1)} · {notes:,} note{'s' * (notes != 1)}"
        return cut([(told, "title")], width)

    def paint_row(self, row: int, width: int) -> Paint:
        item = self.items[row]
        cursor = "▌" if row == self.cursor else " "
        if item.kind == "label":
            sign = "[x]" if item.all else "[-]" if item.held else "[ ]"
            style = "strong" if item.held else "muted"
            return cut([(f"{cursor}{sign} ", "key"), (clean(item.text), style)], width)
        one = item.held[0]
        said = clean(" ".join(one.text.split()))
        who = f"  {one.author} {date_and_clock(one.time, self._tz)}"
        return cut([(f"{cursor} ✎  ", "key"), (said, "text"), (clean(who), "muted")], width)
