"""The line that says what is wrong with the store, there as long as it lasts."""

# Textual leaves the type of its widgets open.
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from textual.widgets import Static

from jollyscope.errors import JollyScopeError
from jollyscope_tui.widgets.cells import clean

__all__ = ["TroubleLine"]


class TroubleLine(Static):
    """Stands above everything else on the screen."""

    DEFAULT_CSS = """
    TroubleLine {
        dock: top;
        width: 1fr;
        height: auto;
        max-height: 3;
        padding: 0 1;
        background: $error 25%;
        color: $text-error;
        text-style: bold;
    }
    """

    def __init__(self, error: JollyScopeError) -> None:
        super().__init__(markup=False)
        self.tell(error)

    def tell(self, error: JollyScopeError) -> None:
        """Say this."""
        self.update(f"✖ {clean(str(error))}")
