"""The keys of the screen that asked."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen, Screen

from jollyscope_tui.widgets.cells import Paint, wrap_paint
from jollyscope_tui.widgets.text_pane import TextPane

__all__ = ["HelpScreen", "key_lines", "sign"]

_SIGNS = {
    "question_mark": "?", "slash": "/", "space": "space", "less_than_sign": "<",
    "greater_than_sign": ">", "comma": ",", "full_stop": ".", "plus": "+", "equals_sign": "=",
    "minus": "-", "asterisk": "*", "underscore": "_", "left_square_bracket": "[",
    "right_square_bracket": "]", "up": "↑", "down": "↓", "left": "←", "right": "→",
    "pageup": "PgUp", "pagedown": "PgDn", "escape": "Esc", "enter": "Enter", "home": "Home",
    "end": "End", "tab": "Tab",
}  # fmt: skip
_INSIDE = 59
"""Cells of a line: the width in `help.tcss` without border, padding and scrollbar."""
_MOUSE = "Mouse: click selects, ▸ folds, double click opens, wheel scrolls, drag the divider."


def sign(key: str) -> str:
    """A key as it is printed on it: `slash` is `/`, `ctrl+d` is `^d`."""
    return _SIGNS.get(key, "^" + key[5:] if key.startswith("ctrl+") else key)


def key_lines(screen: Screen[object]) -> list[Paint]:
    """A line for each action with all its keys, the focused widget's first."""
    keys: dict[tuple[str, str], list[str]] = {}
    for active in screen.active_bindings.values():
        binding = active.binding
        if binding.description and not binding.system:
            keys.setdefault((binding.action, binding.description), []).append(sign(binding.key))
    return [
        [(f"{'  '.join(names):<16}", "key"), (description, "text")]
        for (_action, description), names in keys.items()
    ]


class HelpScreen(ModalScreen[None]):
    """Explains the screen below it."""

    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,enter", "dismiss", "Close"),
    ]

    def __init__(self, about: str, lines: list[Paint]) -> None:
        super().__init__()
        self._lines: list[Paint] = [
            [(about, "strong")], [("", "")], *lines, [("", "")], [(_MOUSE, "muted")],
        ]  # fmt: skip

    def compose(self) -> ComposeResult:
        yield TextPane()

    def on_mount(self) -> None:
        pane = self.query_one(TextPane)
        pane.styles.height = 2 + sum(len(wrap_paint(line, _INSIDE)) for line in self._lines)
        pane.show_lines(self._lines)
        pane.focus()
