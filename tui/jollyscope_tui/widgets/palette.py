"""Style names of painted lines, resolved against the theme.

Painters are pure and name their styles (`think`, `muted`); a widget that shows them has the class
`paint` and gets a Rich style for each name from `app.tcss` (`.paint--think`). Colours are blended
to opaque here, so that a light and a dark theme both keep their contrast.
"""

# Textual leaves the type of its apps and workers open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from jollyscope_tui.widgets.cells import Paint

__all__ = ["NAMES", "PAINT_CLASSES", "Palette"]

NAMES = (
    "user_input", "think", "act", "observe", "response", "other",
    "error", "running", "interrupted", "warning", "ok",
    "text", "muted", "strong", "key", "string", "number", "literal", "title", "match", "tab",
    "heading", "emphasis", "code", "link", "fold",
)  # fmt: skip


PAINT_CLASSES = {f"paint--{name}" for name in (*NAMES, "cursor", "head")}
"""Textual inherits these along first bases only: a class with another first base names them too."""


class Palette(Widget):
    """A widget whose lines are painted by name. `row` backgrounds: plain, `cursor`, `head`."""

    COMPONENT_CLASSES = PAINT_CLASSES

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, lambda _theme: self.forget_styles())

    def notify_style_update(self) -> None:
        self.forget_styles()
        super().notify_style_update()

    def forget_styles(self) -> None:
        """The theme or the focus changed: styles are looked up again."""
        self._styles = None

    _styles: dict[tuple[str, str], Style] | None = None

    def paint_style(self, name: str, row: str = "") -> Style:
        """The Rich style of a name on a row background."""
        if self._styles is None:
            self._styles = {}
        style = self._styles.get((name, row))
        if style is None:
            style = self._styles[name, row] = self._resolve(name, row)
        return style

    def _resolve(self, name: str, row: str) -> Style:
        _, background = self.background_colors
        bold = italic = underline = False
        colour = self.styles.color
        if row:
            under = self.get_component_styles(f"paint--{row}")
            background = background + under.background
            bold = bool(under.text_style.bold)
        if name:
            over = self.get_component_styles(f"paint--{name}")
            colour = over.color
            bold = bold or bool(over.text_style.bold)
            italic, underline = bool(over.text_style.italic), bool(over.text_style.underline)
            if over.has_rule("background"):
                background = background + over.background
        return Style(
            color=(background + colour).rich_color,
            bgcolor=background.rich_color,
            bold=bold or None,
            italic=italic or None,
            underline=underline or None,
        )

    def paint_strip(self, paint: Paint, width: int, row: str = "") -> Strip:
        """The painted line, cut or padded to `width` cells."""
        strip = Strip([_segment(text, self.paint_style(name, row)) for text, name in paint])
        return strip.adjust_cell_length(width, self.paint_style("", row))


@lru_cache(4096)
def _segment(text: str, style: Style) -> Segment:
    return Segment(text, style)
