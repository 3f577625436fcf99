"""How `tail` writes where nothing moves: as received, by a template, or as lines."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence

from jollyscope.errors import UsageError
from jollyscope.query.tail import Item, Template
from jollyscope_cli.output import colourful, on_terminal, width
from jollyscope_cli.render.cells import clean
from jollyscope_cli.render.moments import moment
from jollyscope_cli.render.tail import Lines

__all__ = ["Form", "drawn", "form_of"]

Form = Callable[[Sequence[Item]], bytes]
"""Writes a batch."""


def form_of(as_json: bool, template: str | None, group: bool) -> Form | None:
    """How batches are written; None: as lines of ours. Raises `UsageError`."""
    if as_json + (template is not None) + group > 1:
        raise UsageError("--json, --format and --group are forms of one line.", hint="Choose one.")
    if as_json:
        return lambda items: b"".join([item.line + b"\n" for item in items])
    if template is None:
        return None
    form = Template(template, moment)
    keep = "\n\t"
    return lambda items: _encoded(clean(form.line(item), keep) for item in items)


def drawn(group: bool) -> Form:
    """Lines of ours: the terminal's width, in a pipe as long as they are."""
    from jollyscope_cli.tailing.paint import painted  # Rich, which the other forms do without

    lines = Lines(width() if on_terminal() else 0, group=group)
    colour = colourful()

    def draw(items: Sequence[Item]) -> bytes:
        return _encoded(painted(line, colour) for line in lines.lines(i.row for i in items))

    return draw


def _encoded(lines: Iterable[str]) -> bytes:
    return "".join([line + "\n" for line in lines]).encode(sys.stdout.encoding, "replace")
