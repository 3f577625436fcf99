"""What analyses found, to read in full and to go on from."""

# Textual leaves the type of its apps and workers open.
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from collections.abc import Hashable, Sequence
from pathlib import PurePath
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from jollyscope.analysis.report import Found
from jollyscope_tui.screens.choosing import Dialog
from jollyscope_tui.widgets.cells import Paint, clean, fit
from jollyscope_tui.widgets.finding_lines import finding_row, finding_text
from jollyscope_tui.widgets.line_list import LineList
from jollyscope_tui.widgets.row_panel import RowPanel

__all__ = ["FindingsDialog"]


class _Findings(RowPanel[Found]):
    """One line each."""

    def __init__(self, title: str, found: Sequence[Found]) -> None:
        super().__init__()
        self._title = title
        self.rows = list(found)

    def about(self, row: Found) -> Hashable:
        return row.analysis.name, row.finding.what

    def row_key(self, row: int) -> Hashable:
        return row, self.has_focus

    def paint_head(self, width: int) -> Paint:
        return [(fit(f" {self._title}", width), "title")]

    def paint_row(self, row: int, width: int) -> Paint:
        return finding_row(self.rows[row], width, here=row == self.cursor)

    def paint_blank(self, width: int) -> Paint:
        return [(" nothing stands out", "muted")] if not self.rows else []


class FindingsDialog(Dialog[Found]):
    """Findings, the gravest first, and the whole of the one under the cursor. Enter gives it."""

    CSS_PATH: ClassVar[list[str | PurePath]] = ["choosing.tcss", "findings.tcss"]

    def __init__(self, title: str, found: Sequence[Found]) -> None:
        super().__init__()
        self._title, self._found = title, found

    def compose(self) -> ComposeResult:
        with Vertical():
            yield _Findings(self._title, self._found)
            yield Static(id="whole", markup=False)
            yield Static("Enter goes there · Esc closes", classes="hint")

    def on_mount(self) -> None:
        self.query_one(_Findings).focus()
        self.call_after_refresh(self._show_whole)

    def on_resize(self) -> None:
        self.call_after_refresh(self._show_whole)

    @on(LineList.Moved)
    def _show_whole(self) -> None:
        found, whole = self.query_one(_Findings).selected, self.query_one("#whole", Static)
        if found is None:
            whole.update("")
            return
        lines = finding_text(found, max(20, whole.size.width))
        whole.update(Text("\n".join(clean("".join(text for text, _ in line)) for line in lines)))

    @on(LineList.Chosen)
    def _chosen(self) -> None:
        self.dismiss(self.query_one(_Findings).selected)
