"""What `jollyscope export` says: what was written, and which fields there are."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from jollyscope_cli.output import narrate, on_terminal, print_json

if TYPE_CHECKING:
    from jollyscope.export.traces import Exported

__all__ = ["print_fields", "tell"]


def tell(done: Exported, output: str, as_json: bool) -> None:
    """How much was written, and where to."""
    from jollyscope.model.format import size

    counts = {"trace": done.traces, "span": done.spans, "row": done.rows}
    known = {one: count for one, count in counts.items() if count is not None}
    if as_json:
        found = {f"{one}s": count for one, count in known.items()}
        print_json({**found, "size": done.size, "files": [str(file) for file in done.files]})
    said = [f"{count:,} {one if count == 1 else one + 's'}" for one, count in known.items()]
    files = f" in {len(done.files):,} files" if len(done.files) > 1 else ""
    where = "" if output == "-" else f" to {output}"
    narrate(f"Wrote {', '.join(said)}, {size(done.size)}{files}{where}.")


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
        doc = f"{column.doc} ({column.unit})" if column.unit else column.doc
        sys.stdout.write(f"{column.name:<18} {column.type:<8} {doc}\n")
