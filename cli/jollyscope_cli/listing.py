"""The forms a list is printed in: each takes rows page by page and writes to stdout."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from jollyscope.query.fields import value
from jollyscope_cli.output import colourful, narrate, on_terminal, paint, width

if TYPE_CHECKING:
    from jollyscope.query.annotating import Labels
    from jollyscope_cli.render.table import Column

__all__ = ["Sink", "TableSink", "plain", "pour", "sink"]

Get = Callable[[Any, str], Any]


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


def sink(
    form: str, row: type[Any], names: Sequence[str], now: int, labels: Labels | None = None
) -> Sink:
    """The sink for a form (`json`, `csv`, `tsv`, `table`); no names are the form's usual columns.
    `labels` has those of the page that is being printed.
    """

    def labelled(row: Any) -> list[str]:
        return labels.of(row) if labels else []

    if form != "table":

        def get(row: Any, name: str) -> Any:
            return labelled(row) if name == "labels" else value(row, name)

        return plain(form, names or row.__struct_fields__, get)

    def columns(rows: Sequence[Any]) -> list[Column]:
        from jollyscope_cli.render import listing

        digits = listing.short_length([getattr(row, "trace_id", "") for row in rows])
        wanted = names or listing.DEFAULT[row].split()
        first, *others = listing.columns_of(wanted, listing.View(now, digits, labelled))
        return [first._replace(rank=0), *others]  # What a line is about stays at any width.

    return TableSink(columns)


def plain(form: str, names: Sequence[str], get: Get) -> Sink:
    """The sink for a form that programs read; `get` gives a row's value by its name."""
    return {"json": JsonSink, "csv": CsvSink, "tsv": TsvSink}[form](names, get)


class JsonSink:
    """One JSON array."""

    def __init__(self, names: Sequence[str], get: Get) -> None:
        self.names, self.get = names, get
        self.begun = False
        self.pretty = on_terminal()

    def rows(self, rows: Sequence[Any]) -> None:
        import msgspec

        for row in rows:
            data = msgspec.json.encode(
                {name: self.get(row, name) for name in self.names}, enc_hook=str
            )
            if self.pretty:
                data = msgspec.json.format(data, indent=2)
            sys.stdout.write((",\n" if self.begun else "[") + data.decode())
            self.begun = True

    def end(self) -> None:
        sys.stdout.write("]\n" if self.begun else "[]\n")


class CsvSink:
    """RFC 4180 with a header."""

    def __init__(self, names: Sequence[str], get: Get) -> None:
        self.names, self.get = names, get
        self.writer = csv.writer(sys.stdout, lineterminator="\n")
        self.writer.writerow(self.names)

    def rows(self, rows: Sequence[Any]) -> None:
        self.writer.writerows([_text(self.get(row, name)) for name in self.names] for row in rows)

    def end(self) -> None:
        pass


class TsvSink:
    """Tab-separated with a header; tabs, line ends and controls in a value are escaped as in C."""

    def __init__(self, names: Sequence[str], get: Get) -> None:
        self.names, self.get = names, get
        sys.stdout.write("\t".join(self.names) + "\n")

    def rows(self, rows: Sequence[Any]) -> None:
        for row in rows:
            fields = (_text(self.get(row, name)).translate(_ESCAPED) for name in self.names)
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
    """An aligned table for a terminal's width. The first page decides the columns and widths of all."""

    def __init__(
        self, columns: Callable[[Sequence[Any]], list[Column]], else_: str = "--columns picks, "
    ) -> None:
        self.columns, self.else_ = columns, else_
        self.plan: Any = None
        self.colour = colourful()

    def rows(self, rows: Sequence[Any]) -> None:
        from jollyscope_cli.render import table

        if not rows:
            return
        if self.plan is None:
            columns = self.columns(rows)
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
            narrate(f"left out at this width: {names} ({self.else_}--json has all)")

    def _styled(self, text: str, style: str) -> str:
        return paint(text, style, self.colour)
