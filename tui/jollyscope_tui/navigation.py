"""What screens and widgets ask of the app: they post these, and know nothing of each other."""

from __future__ import annotations

from textual.message import Message

from jollyscope.errors import JollyScopeError
from jollyscope_tui.notifying import Notify
from jollyscope_tui.view import View

__all__ = [
    "AnnotateAsked",
    "Annotated",
    "CompareAsked",
    "CopyAsked",
    "DashboardAsked",
    "ExportAsked",
    "LinkFailed",
    "ListAsked",
    "PageAsked",
    "TellAsked",
    "TermAsked",
    "TraceAsked",
]


class TraceAsked(Message):
    """Open a trace (an id or a prefix), at a span and a tab where given."""

    def __init__(self, trace: str, span: str | None = None, tab: str | None = None) -> None:
        super().__init__()
        self.trace = trace
        self.span = span
        self.tab = tab


class ListAsked(Message):
    """Open the list of traces as `view` says."""

    def __init__(self, view: View) -> None:
        super().__init__()
        self.view = view


class TermAsked(Message):
    """Go to the list and narrow its filter by one more term, such as `tool:search`."""

    def __init__(self, term: str) -> None:
        super().__init__()
        self.term = term


class CompareAsked(Message):
    """Open two traces side by side."""

    def __init__(self, left: str, right: str) -> None:
        super().__init__()
        self.left = left
        self.right = right


class DashboardAsked(Message):
    """Open the dashboard, over what `filter` leaves."""

    def __init__(self, filter: str = "") -> None:
        super().__init__()
        self.filter = filter


class ExportAsked(Message):
    """Ask where to write these traces, and write them."""

    def __init__(self, traces: list[str]) -> None:
        super().__init__()
        self.traces = traces


class AnnotateAsked(Message):
    """Ask for a note or labels on these traces, or on one span of one."""

    def __init__(self, traces: list[str], span: str | None = None) -> None:
        super().__init__()
        self.traces = traces
        self.span = span


class Annotated(Message):
    """Posted to the screen that asked: notes or labels on these traces have changed."""

    def __init__(self, traces: list[str]) -> None:
        super().__init__()
        self.traces = traces


class CopyAsked(Message):
    """This text goes to the clipboard; `what` names it."""

    def __init__(self, text: str, what: str) -> None:
        super().__init__()
        self.text = text
        self.what = what


class PageAsked(Message):
    """This text goes to the pager, or into the editor; `suffix` is of the file it is put in."""

    def __init__(self, text: str, *, editor: bool = False, suffix: str = ".txt") -> None:
        super().__init__()
        self.text = text
        self.editor = editor
        self.suffix = suffix


class TellAsked(Message):
    """This is news beyond the screen, by a bell or a notification."""

    def __init__(self, how: Notify, text: str) -> None:
        super().__init__()
        self.how = how
        self.text = text


class LinkFailed(Message):
    """What the command line named is not there."""

    def __init__(self, error: JollyScopeError) -> None:
        super().__init__()
        self.error = error
