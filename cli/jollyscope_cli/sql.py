"""`jollyscope sql`"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jollyscope_cli.options import AsCsv, AsJson
from jollyscope_cli.output import form_of, narrate, print_json
from jollyscope_cli.reading import reading

if TYPE_CHECKING:
    from jollyscope.store.api import Reader, Table
    from jollyscope_cli.listing import Sink

__all__ = ["sql"]

LIMIT = 1000


def sql(
    ctx: typer.Context,
    query: Annotated[
        str | None, typer.Argument(metavar="QUERY", help="A SELECT; - reads it from stdin.")
    ] = None,
    limit: Annotated[
        int, typer.Option(metavar="N", help="At most so many rows; 0 shows all.")
    ] = LIMIT,
    timeout: Annotated[
        int, typer.Option(metavar="S", help="Stop the query after so many seconds; 0 never does.")
    ] = 60,
    schema: Annotated[
        bool, typer.Option("--schema", help="List the tables, views and columns instead.")
    ] = False,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Ask the store with SQL, read-only.

    One SELECT over the views and tables of docs/schema.md; no file, network or setting can be
    reached from it. Its memory is bound by the setting `lake.memory_mb`. Aligned on a terminal;
    tab-separated in a pipe.
    """
    from jollyscope.errors import UsageError
    from jollyscope.query.sql import ask
    from jollyscope.redact import redact

    form = form_of(as_json, as_csv)
    if not schema and query is None:
        raise UsageError(
            "There is no query.", hint='jollyscope sql "SELECT …"; --schema lists what is there.'
        )
    with reading(ctx) as (store, reader):
        if schema:
            _schema(reader, form)
            return
        table, more = ask(reader, _text(query or ""), limit=limit, seconds=timeout)
        _sink(form, table).rows(table.rows)
        shown = f"{len(table.rows):,} row{'' if len(table.rows) == 1 else 's'}"
        if more:
            shown = f"the first {shown}; more lie behind, --limit 0 shows all"
        narrate(f"{redact(store.url)} · {shown}")


def _text(query: str) -> str:
    return sys.stdin.read() if query == "-" else query


class _Whole:
    """A sink that is given all its rows at once."""

    def __init__(self, sink: Sink) -> None:
        self.sink = sink

    def rows(self, rows: Sequence[Any]) -> None:
        self.sink.rows(rows)
        self.sink.end()


def _sink(form: str, table: Table) -> _Whole:
    from jollyscope_cli.listing import TableSink, plain

    names = list(_unique(table.columns))
    if form == "table":
        return _Whole(TableSink(lambda rows: _columns(names, rows), ""))
    at = {name: place for place, name in enumerate(names)}
    return _Whole(plain(form, names, lambda row, name: _value(row[at[name]], form)))


def _unique(names: Sequence[str]) -> Iterator[str]:
    """Names of columns, where two are the same with a number behind the second."""
    seen: dict[str, int] = {}
    for name in names:
        seen[name] = count = seen.get(name, 0) + 1
        yield name if count == 1 else f"{name}_{count}"


def _columns(names: Sequence[str], rows: Sequence[Any]) -> list[Any]:
    from jollyscope_cli.render.table import Column

    def column(place: int, name: str) -> Column:
        held = [row[place] for row in rows if row[place] is not None]
        number = bool(held) and all(isinstance(v, int | float) for v in held)
        return Column(name, _cell(place), number, least=6, most=60)

    return [column(place, name) for place, name in enumerate(names)]


def _cell(place: int) -> Callable[[Any], Any]:
    from jollyscope_cli.render.table import Cell

    def show(row: Any) -> Cell:
        held = row[place]
        return Cell("-", "dim") if held is None else Cell(_value(held, "table"))

    return show


def _value(held: Any, form: str) -> Any:
    """What a form gets: JSON its own types, the others text."""
    import msgspec

    if form == "json":
        # Beyond 64 bits no JSON reader is sure to keep a number.
        return str(held) if isinstance(held, int) and abs(held) >= 2**63 else held
    if held is None or isinstance(held, str):
        return held
    if isinstance(held, list | dict):
        return msgspec.json.encode(held, enc_hook=str).decode()
    return held.hex() if isinstance(held, bytes) else str(held)


def _schema(reader: Reader, form: str) -> None:
    """Every table and view with its columns and what they mean."""
    from jollyscope.store.schema import MEANINGS, columns, meaning

    found = [
        (table, column, kind, *(meaning(table, column) or ("", "")))
        for table in MEANINGS
        for column, kind in columns(reader, table)
    ]
    names = ["table", "column", "type", "unit", "meaning"]
    if form == "json":
        print_json([dict(zip(names, row, strict=True)) for row in found])
    elif form == "table":
        _read_aloud(found)
    else:
        from jollyscope_cli.listing import plain

        _Whole(plain(form, names, lambda row, name: row[names.index(name)])).rows(found)


def _read_aloud(found: Sequence[tuple[str, ...]]) -> None:
    """The schema for a person, a table below its name."""
    from jollyscope_cli.output import colourful, paint, width
    from jollyscope_cli.render.cells import cut

    last = ""
    for table, column, kind, unit, meaning in found:
        if table != last:
            sys.stdout.write(("\n" if last else "") + paint(table, "bold", colourful()) + "\n")
            last = table
        told = f"{meaning} ({unit})" if unit else meaning
        sys.stdout.write(cut(f"  {column:20} {kind:10} {told}", width()) + "\n")
