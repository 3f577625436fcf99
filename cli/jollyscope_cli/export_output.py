"""What `jollyscope export` says: what was written, and which fields there are."""

from __future__ import annotations

import sys
from textwrap import fill
from typing import TYPE_CHECKING

from jollyscope_cli.output import narrate, on_terminal, print_json, width

if TYPE_CHECKING:
    from jollyscope.export.asked import Asked
    from jollyscope.export.traces import Exported

__all__ = ["print_fields", "tell"]


def tell(done: Exported, asked: Asked, as_json: bool) -> None:
    """How much was written, and where to."""
    from jollyscope.model.format import size

    counts = {"trace": done.traces, "span": done.spans, "row": done.rows}
    known = {one: count for one, count in counts.items() if count is not None}
    if as_json:
        talks = {} if done.conversations is None else {"conversations": done.conversations}
        found = talks | {f"{one}s": count for one, count in known.items()}
        print_json({**found, "size": done.size, "files": [str(file) for file in done.files]})
    said = ", ".join(_counted(count, one) for one, count in known.items())
    if done.conversations is not None:
        said = f"{_counted(done.conversations, 'conversation')} ({said})"
    narrate(f"Wrote {said}, {size(done.size)}{_where(done, asked)}.")


def _counted(count: int, one: str) -> str:
    return f"{count:,} {one if count == 1 else one + 's'}"


def _where(done: Exported, asked: Asked) -> str:
    """The file, the folder, or the first and the last of several pieces."""
    if asked.output == "-":
        return ""
    number = len(done.files)
    files = f" in {number:,} files" if number > 1 else ""
    if asked.split is None:
        return f"{files} to {asked.output}"
    first, *rest = map(str, done.files)
    return f"{files} to {first}" + (f" … {rest[-1]}" if rest else "")


def print_fields(table: str, as_json: bool) -> None:
    """The fields of a table."""
    from jollyscope.export.choice import table_named
    from jollyscope.export.tables import TABLES, Column
    from jollyscope_cli.listing import plain

    columns = TABLES[table_named(table)]
    if as_json or not on_terminal():
        sink = plain("json" if as_json else "tsv", Column._fields, getattr)
        sink.rows(columns)
        sink.end()
        return
    for column in columns:
        # A time is a time in every format: what the store counts it in is nobody's concern here.
        unit = f" ({column.unit})" if column.unit and column.type != "time" else ""
        head = f"{column.name:<18} {column.type:<8} "
        sys.stdout.write(
            fill(column.doc + unit, width(), initial_indent=head, subsequent_indent=" " * len(head))
            + "\n"
        )
