"""What an empty list says: how data gets in, or what hides what is there. No Textual."""

from __future__ import annotations

from rich.text import Text

from jollyscope.model.format import count
from jollyscope_tui.sources.narrowing import Hidden
from jollyscope_tui.view import View
from jollyscope_tui.widgets.cells import clean

__all__ = ["first_steps", "nothing_fits"]

_WAYS = (
    ("jollyscope demo", "runs a small real agent and records it"),
    ("jollyscope run -- python agent.py", "runs your agent and records it"),
    ("import jollyscope", "two lines in your own agent's program"),
    ('jollyscope.init(service="my-agent")', ""),
    ("jollyscope collect", "receives OTLP from any program"),
    ("jollyscope import FILE", "takes a trace file of another tool"),
    ("JOLLYSCOPE_HOME=DIR jollyscope", "looks where another agent recorded"),
)


def first_steps(url: str) -> Text:
    """For a store with nothing in it."""
    text = Text.assemble(("No traces yet", "bold"), f" in {clean(url)}.\n\nWays to get some:\n\n")
    for command, what in _WAYS:
        text.append(f"{command:<37}", "bold").append(what + "\n")
    return text.append("\nr reads again · l follows live · q quits", "dim")


def nothing_fits(view: View, hidden: Hidden) -> Text:
    """For a filter or a stretch of time that leaves nothing."""
    what = view.group
    text = Text.assemble((f"None of {count(hidden.stored)} {what} fits.\n\n", "bold"))
    if view.filter:
        text.append("filter  ").append(clean(view.filter), "bold")
        if view.bounded:
            text.append(f"\n        {count(hidden.at_other_times)} fit it at other times")
        text.append("\n")
    if view.bounded:
        text.append("time    ").append(clean(view.range), "bold")
        text.append(f"\n        {count(hidden.without_filter)} began then")
        text.append(", whatever the filter says\n" if view.filter else "\n")
    return text.append("\nBackspace shows all · / changes the filter · t the time", "dim")
