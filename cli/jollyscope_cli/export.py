"""`jollyscope export`"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jollyscope_cli.complete import export_formats, export_tables
from jollyscope_cli.options import AsJson, FilterWords, Since, Until
from jollyscope_cli.output import narrate, on_terminal, print_json
from jollyscope_cli.progress import Progress
from jollyscope_cli.reading import reading

if TYPE_CHECKING:
    from jollyscope.export.anonymous import Guise
    from jollyscope.export.job import Job
    from jollyscope.export.traces import Exported
    from jollyscope.store.api import Reader, Store

__all__ = ["export"]


def export(
    ctx: typer.Context,
    words: FilterWords = None,
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", metavar="FILE", help="The file to write; - is stdout."),
    ] = None,
    format_: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="NAME",
            help="csv, parquet, jsonl and so on, whatever the file's name says.",
            autocompletion=export_formats,
        ),
    ] = None,
    table: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="For .csv, .parquet, .jsonl: steps, executions and so on, or all.",
            autocompletion=export_tables,
        ),
    ] = None,
    since: Since = None,
    until: Until = None,
    session: Annotated[
        str | None, typer.Option(metavar="ID", help="Only what belongs to this session.")
    ] = None,
    fields: Annotated[
        str | None,
        typer.Option(metavar="A,B,C", help="Only these fields of a table, `attr.KEY` among them."),
    ] = None,
    list_fields: Annotated[
        bool, typer.Option("--list-fields", help="List the fields of the table, and write nothing.")
    ] = False,
    sort: Annotated[
        str | None, typer.Option(metavar="FIELD", help="Sort a table, `-cost` the highest first.")
    ] = None,
    limit: Annotated[
        int, typer.Option(metavar="N", help="At most the newest or first N; 0 is all.")
    ] = 0,
    anonymize: Annotated[
        bool,
        typer.Option("--anonymize", help="Hide users, sessions and names behind stable words."),
    ] = False,
    salt: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="Make the words with this, not with the salt kept here."),
    ] = None,
    split_size: Annotated[
        str | None,
        typer.Option(metavar="SIZE", help="Several files, none larger: 100MB or 100000rows."),
    ] = None,
    bom: Annotated[
        bool, typer.Option("--bom", help="Begin a .csv with a byte order mark, for Excel.")
    ] = False,
    excel_safe: Annotated[
        bool,
        typer.Option(
            "--excel-safe", help="Keep spreadsheets from taking texts of a .csv for formulas."
        ),
    ] = False,
    whole_texts: Annotated[
        bool,
        typer.Option(
            "--whole-texts",
            help="Keep texts that a cell of an .xlsx cannot hold in a file beside it.",
        ),
    ] = False,
    fail_empty: Annotated[
        bool, typer.Option("--fail-empty", help="Exit with 3, and write nothing, if none match.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write executions, or tables of them, to files.

    The ending of the file's name says the format: .json is the document of `show --json` (several
    traces: an array), .jsonl one record a line, .otlp.json OTLP, .chat.jsonl conversations for
    fine-tuning; .csv and .parquet a table, by its rows a step; .xlsx a workbook of all tables with
    pivot tables and charts. A file is there whole or not at all. --json prints what was written.
    """
    from jollyscope.errors import UsageError
    from jollyscope.export.asked import STDOUT, Asked
    from jollyscope.export.forms import Look

    if list_fields:
        _list_fields(table or "steps", as_json)
        return
    if output is None:
        raise UsageError("Name the file to write.", hint="jollyscope export -o traces.jsonl")
    if output == STDOUT and as_json:
        raise UsageError("-o - and --json both write to stdout.", hint="Name a file.")
    asked = Asked(
        output=output, format=format_, table=table, filter=" ".join(words or []), since=since,
        until=until, session=session, fields=fields, sort=sort, limit=limit, split=split_size,
        look=Look(bom, excel_safe), empty=not fail_empty, whole_texts=whole_texts,
    )  # fmt: skip
    now = time.time_ns()
    asked.job(now)  # What is wrong with it is told before a store is opened.
    guise = _guise(salt) if anonymize or salt is not None else None
    with reading(ctx) as (store, reader):
        done = _written(store, reader, asked.job(now, guise, _shown(store.url)), output)
    _tell(done, output, as_json)


def _shown(url: str) -> str:
    from jollyscope.backend.redact import redact

    return redact(url)


def _guise(salt: str | None) -> Guise:
    from jollyscope.config import load
    from jollyscope.export.anonymous import Guise
    from jollyscope.export.salt import kept_salt, salt_of
    from jollyscope.paths import data_dir

    secret = kept_salt(data_dir()) if salt is None else salt_of(salt)
    return Guise(secret, tuple(load().export.redact))


def _written(store: Store, reader: Reader, job: Job, output: str) -> Exported:
    from jollyscope.export.asked import STDOUT
    from jollyscope.export.job import export as write
    from jollyscope.export.job import total_of
    from jollyscope.export.piping import export_out

    with Progress("exporting", "traces" if job.whole else "rows") as progress:
        total = total_of(reader, job) if progress.shown else None
        progress.at(0, total)

        def seen(done: int, _rows: int) -> None:
            progress.at(done, total)

        watch = seen if progress.shown else None
        if output == STDOUT:
            done = export_out(reader, store.state, job, sys.stdout.buffer, watch)
            sys.stdout.buffer.flush()
            return done
        return write(reader, store.state, job, Path(output).expanduser(), watch)


def _tell(done: Exported, output: str, as_json: bool) -> None:
    from jollyscope.model.format import size

    if as_json:
        found = {"traces": done.traces, "spans": done.spans, "rows": done.rows}
        known = {name: count for name, count in found.items() if count is not None}
        print_json({**known, "size": done.size, "files": [str(file) for file in done.files]})
    counts = [
        f"{count:,} {one if count == 1 else one + 's'}"
        for one, count in (("trace", done.traces), ("span", done.spans), ("row", done.rows))
        if count is not None
    ]
    files = f" in {len(done.files):,} files" if len(done.files) > 1 else ""
    where = "" if output == "-" else f" to {output}"
    narrate(f"Wrote {', '.join(counts)}, {size(done.size)}{files}{where}.")


def _list_fields(table: str, as_json: bool) -> None:
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
