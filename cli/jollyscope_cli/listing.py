"""The forms a list is printed in: each takes rows page by page and writes to stdout."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from jollyscope.query.fields import value
from jollyscope_cli.output import colourful, narrate, on_terminal, paint, width

__all__ = ["Sink", "pour", "sink"]


class Sink(Protocol):
    """Where rows go. `rows` may be called many times, `end` once."""

    def rows(self, rows: Sequence[Any]) -> None: ...
    def end(self) -> None: ...


def pour(pages: Iterable[Any], sink: Sink, limit: int) -> str:
    """Print every page; how many rows there were in words, empty for none."""
    printed, more = 0, False
    for page in pages:
        sink.rows(page.rows)
        printed += len(page.rows)
        more = page.next is not None
    sink.end()
    if more and limit:
        return f"the first {printed:,}; more lie behind, --limit 0 shows all"
    return f"{printed:,} in all" if printed else ""


def sink(form: str, row: type[Any], names: Sequence[str], now: int) -> Sink:
    """The sink for a form (`json`, `csv`, `tsv`, `table`); no names are the form's usual columns."""
    if form == "table":
        return TableSink(row, names, now)
    made = {"json": JsonSink, "csv": CsvSink, "tsv": TsvSink}[form]
    return made(names or row.__struct_fields__)


class JsonSink:
    """One JSON array."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = names
        self.begun = False
        self.pretty = on_terminal()

    def rows(self, rows: Sequence[Any]) -> None:
        import msgspec

        for row in rows:
            data = msgspec.json.encode({name: value(row, name) for name in self.names})
            if self.pretty:
                data = msgspec.json.format(data, indent=2)
            sys.stdout.write((",\n" if self.begun else "[") + data.decode())
            self.begun = True

    def end(self) -> None:
        sys.stdout.write("]\n" if self.begun else "[]\n")


class CsvSink:
    """RFC 4180 with a header."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = names
        self.writer = csv.writer(sys.stdout, lineterminator="\n")
        self.writer.writerow(self.names)

    def rows(self, rows: Sequence[Any]) -> None:
        self.writer.writerows([_text(value(row, name)) for name in self.names] for row in rows)

    def end(self) -> None:
        pass


class TsvSink:
    """Tab-separated with a header; tabs, line ends and controls in a value are escaped as in C."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = names
        sys.stdout.write("\t".join(self.names) + "\n")

    def rows(self, rows: Sequence[Any]) -> None:
        for row in rows:
            fields = (_text(value(row, name)).translate(_ESCAPED) for name in self.names)
            sys.stdout.write("\t".join(fields) + "\n")

    def end(self) -> None:
        pass


_ESCAPED = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0))} | {
    ord("\t"): "\\t",
    ord("\n"): "\\n",
    ord("\r"): "\\r",
    ord("\\"): "\\\\",
}


def _text(held: Any) -> str:
    if isinstance(held, list):
        return ",".join(held)  # pyright: ignore[reportUnknownArgumentType]
    return "" if held is None else str(held)


class TableSink:
    """An aligned table for a terminal's width. The first page decides the widths of all."""

    def __init__(self, row: type[Any], names: Sequence[str], now: int) -> None:
        self.row, self.names, self.now = row, names, now
        self.plan: Any = None
        self.colour = colourful()

    def rows(self, rows: Sequence[Any]) -> None:
        from jollyscope_cli.render import listing, table

        if not rows:
            return
        if self.plan is None:
            digits = listing.short_length([getattr(row, "trace_id", "") for row in rows])
            view = listing.View(self.now, digits)
            names = self.names or listing.DEFAULT[self.row].split()
            columns = listing.columns_of(names, view)
            cells = [[column.show(row) for column in columns] for row in rows]
            self.plan = table.layout(columns, cells, width())
            titles = [table.Cell(column.name, "bold") for column in self.plan.columns]
            sys.stdout.write(table.draw(self.plan, titles, self._styled) + "\n")
        for row in rows:
            shown = [column.show(row) for column in self.plan.columns]
            sys.stdout.write(table.draw(self.plan, shown, self._styled) + "\n")

    def end(self) -> None:
        if self.plan is not None and self.plan.dropped:
            names = ", ".join(self.plan.dropped)
            narrate(f"left out at this width: {names} (--columns picks, --json has all)")

    def _styled(self, text: str, style: str) -> str:
        return paint(text, style, self.colour)
