"""What leaves the explorer: text to the clipboard, and to the person's pager or editor."""

# Textual leaves the type of its apps open.
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from textual import on
from textual.app import App, SuspendNotSupported

from jollyscope.errors import UsageError
from jollyscope.model.format import size
from jollyscope_tui.clipboard import LARGEST, doubt, in_tmux, osc52
from jollyscope_tui.navigation import CopyAsked, PageAsked, TellAsked
from jollyscope_tui.notifying import desktop_command, osc_notification, run_quietly
from jollyscope_tui.pager import page

__all__ = ["Handing", "paged"]


class Handing(App[int]):
    """Copies, pages and notifies."""

    @on(CopyAsked)
    def _copy(self, event: CopyAsked) -> None:
        octets = len(event.text.encode("utf-8", "replace"))
        if not event.text:
            self.notify("Nothing to copy here.", timeout=2)
        elif octets > LARGEST:
            self.notify(
                f"{size(octets)} is more than terminals take ({size(LARGEST)}); o opens it.",
                severity="warning",
                markup=False,
            )
        else:
            self.copy_to_clipboard(event.text)
            if lost := doubt():
                self.notify(lost, severity="warning", markup=False)
                return
            via = " through tmux (needs `set -g set-clipboard on`)" if in_tmux() else ""
            self.notify(f"Copied {event.what}, {size(octets)}{via}.", timeout=3, markup=False)

    def copy_to_clipboard(self, text: str) -> None:
        self._clipboard = text
        if self._driver is not None:
            self._driver.write(osc52(text, tmux=in_tmux()))

    @on(TellAsked)
    def _tell(self, event: TellAsked) -> None:
        if event.how == "bell":
            self.bell()
        elif event.how == "desktop":
            self.run_worker(lambda: self._tell_desktop(event.text), thread=True, group="telling")

    def _tell_desktop(self, text: str) -> None:
        command = desktop_command("JollyScope", text)
        if (command is None or not run_quietly(command)) and self._driver is not None:
            sequence = osc_notification("JollyScope", text, tmux=in_tmux())
            self.call_from_thread(self._driver.write, sequence)

    @on(PageAsked)
    def _page(self, event: PageAsked) -> None:
        problem = ""
        try:
            with self.suspend():
                # Said when the screen is back: what is raised in here would leave it suspended.
                problem = paged(event)
        except SuspendNotSupported:
            self.notify("This terminal cannot be handed to a pager.", severity="warning")
        if problem:
            self.notify(problem, severity="error", markup=False)
        self.refresh()


def paged(event: PageAsked) -> str:
    """Show it; why that was not possible, else empty."""
    try:
        page(event.text, editor=event.editor, suffix=event.suffix)
    except UsageError as error:
        return str(error)
    except OSError as error:
        return f"It does not start: {error}."
    return ""
