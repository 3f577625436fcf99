"""The keys of the screen that asked, by where they work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen, Screen

from jollyscope_tui.widgets.cells import Paint, wrap_paint
from jollyscope_tui.widgets.text_pane import TextPane

__all__ = ["Group", "HelpScreen", "Key", "key_lines", "keys_of", "sign"]

_SIGNS = {
    "question_mark": "?", "slash": "/", "space": "space", "less_than_sign": "<",
    "greater_than_sign": ">", "comma": ",", "full_stop": ".", "plus": "+", "equals_sign": "=",
    "minus": "-", "asterisk": "*", "underscore": "_", "left_square_bracket": "[",
    "right_square_bracket": "]", "up": "↑", "down": "↓", "left": "←", "right": "→",
    "pageup": "PgUp", "pagedown": "PgDn", "escape": "Esc", "enter": "Enter", "home": "Home",
    "end": "End", "tab": "Tab", "shift+tab": "Shift-Tab", "backspace": "⌫", "delete": "Del",
    "exclamation_mark": "!", "number_sign": "#", "at": "@", "ampersand": "&", "colon": ":",
    "semicolon": ";", "vertical_line": "|", "tilde": "~", "grave_accent": "`", "dollar_sign": "$",
    "percent_sign": "%", "circumflex_accent": "^", "left_curly_bracket": "{",
    "right_curly_bracket": "}", "left_parenthesis": "(", "right_parenthesis": ")",
    "apostrophe": "'", "quotation_mark": '"', "backslash": "\\",
}  # fmt: skip
_INSIDE = 59
"""Cells of a line: the width in `help.tcss` without border, padding and scrollbar."""
_MOUSE = "Mouse: click selects, ▸ folds, double click opens, wheel scrolls, drag the divider."


_OTHERWISE = {
    "app.focus_next": "Next pane",
    "app.focus_previous": "Previous pane",
    "screen.copy_text": "",
}
"""Textual's own descriptions, in our words; what is empty here does nothing: y copies."""


_EVERYWHERE = {"app.help", "app.focus_next", "app.focus_previous"}


class Key(NamedTuple):
    """An action, all its keys, and the widget, screen or app that does it."""

    names: list[str]
    description: str
    action: str
    node: object


class Group(NamedTuple):
    """Keys that work in one place."""

    title: str
    keys: list[Key]


def sign(key: str) -> str:
    """A key as it is printed on it: `slash` is `/`, `ctrl+d` is `^d`."""
    return _SIGNS.get(key, "^" + key[5:] if key.startswith("ctrl+") else key)


def keys_of(screen: Screen[object]) -> list[Group]:
    """Every action with all its keys: of the focused pane, of the screen, and everywhere."""
    groups = [Group("This pane", []), Group("This screen", []), Group("Everywhere", [])]
    held: dict[tuple[str, str], Key] = {}
    for active in screen.active_bindings.values():
        binding, node = active.binding, active.node
        description = _OTHERWISE.get(binding.action, binding.description)
        if not description or binding.system:
            continue
        known = held.get((binding.action, description))
        if known is not None:
            known.names.append(binding.key)
            continue
        key = Key([binding.key], description, binding.action, node)
        held[binding.action, description] = key
        general = isinstance(node, App) or binding.action in _EVERYWHERE
        groups[2 if general else 1 if isinstance(node, Screen) else 0].keys.append(key)
    return [group for group in groups if group.keys]


def key_lines(groups: Sequence[Group]) -> list[Paint]:
    """A heading for each place, and a line for each action."""
    lines: list[Paint] = []
    for group in groups:
        lines += [[(group.title, "heading")]]
        for key in group.keys:
            names = "  ".join(sign(name) for name in key.names)
            lines.append([(f"{names:<16}", "key"), (f" {key.description}", "text")])
        lines.append([("", "")])
    return lines


class HelpScreen(ModalScreen[None]):
    """Explains the screen below it."""

    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,enter", "dismiss", "Close"),
    ]

    def __init__(self, about: str, groups: Sequence[Group]) -> None:
        super().__init__()
        self._lines: list[Paint] = [
            [(about, "strong")], [("", "")], *key_lines(groups), [(_MOUSE, "muted")],
        ]  # fmt: skip

    def compose(self) -> ComposeResult:
        yield TextPane()

    def on_mount(self) -> None:
        pane = self.query_one(TextPane)
        pane.styles.height = 2 + sum(len(wrap_paint(line, _INSIDE)) for line in self._lines)
        pane.show_lines(self._lines)
        pane.focus()
