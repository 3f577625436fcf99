"""`jollyscope export`"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from jollyscope_cli import export_options as given
from jollyscope_cli.ending import ending_in_order
from jollyscope_cli.options import AsJson, FilterWords, Since, Until
from jollyscope_cli.output import on_terminal
from jollyscope_cli.progress import Progress
from jollyscope_cli.reading import reading

if TYPE_CHECKING:
    from jollyscope.export.anonymous import Guise
    from jollyscope.export.asked import Asked
    from jollyscope.export.job import Job
    from jollyscope.export.traces import Exported
    from jollyscope.store.api import Reader, Store

__all__ = ["export"]


def export(
    ctx: typer.Context,
    words: FilterWords = None,
    output: given.Output = None,
    format_: given.FormatName = None,
    table: given.Table = None,
    since: Since = None,
    until: Until = None,
    session: given.Session = None,
    fields: given.Fields = None,
    list_fields: given.ListFields = False,
    sort: given.Sort = None,
    limit: given.Limit = 0,
    anonymize: given.Anonymize = False,
    salt: given.Salt = None,
    split_size: given.SplitSize = None,
    bom: given.Bom = False,
    excel_safe: given.ExcelSafe = False,
    whole_texts: given.WholeTexts = False,
    fail_empty: given.FailEmpty = False,
    as_json: AsJson = False,
) -> None:
    """Write executions, or tables of them, to files.

    The ending of the file's name says the format: .json is the document of `show --json` (several
    traces: an array), .jsonl one record a line, .otlp.json OTLP, .chat.jsonl conversations for
    fine-tuning; .csv and .parquet a table, by its rows a step; .xlsx a workbook of all tables with
    pivot tables and charts. A file is there whole or not at all. --json prints what was written.
    """
    from jollyscope.export.asked import Asked
    from jollyscope.export.forms import Look
    from jollyscope_cli.export_output import print_fields, tell

    if list_fields:
        print_fields(table or "steps", as_json)
        return
    asked = Asked(
        output=_target(output, as_json), format=format_, table=table, filter=" ".join(words or []),
        since=since, until=until, session=session, fields=fields, sort=sort, limit=limit,
        split=split_size, look=Look(bom, excel_safe), empty=not fail_empty, whole_texts=whole_texts,
    )  # fmt: skip
    done = _exported(ctx, asked, salt, anonymize or salt is not None)
    tell(done, asked, as_json)


def _target(output: str | None, as_json: bool) -> str:
    from jollyscope.errors import UsageError
    from jollyscope.export.asked import STDOUT

    if output is None:
        raise UsageError("Name the file to write.", hint="jollyscope export -o traces.jsonl")
    if output == STDOUT and as_json:
        raise UsageError("-o - and --json both write to stdout.", hint="Name a file.")
    return output


def _exported(ctx: typer.Context, asked: Asked, salt: str | None, hide: bool) -> Exported:
    from jollyscope.errors import UsageError
    from jollyscope.export.asked import STDOUT
    from jollyscope.redact import redact

    now = time.time_ns()
    form = asked.job(now).form  # What is wrong with it is told before a store is opened.
    if asked.output == STDOUT and form.binary and on_terminal():
        raise UsageError(
            f"{form.suffix} is nothing for a terminal.", hint="Name a file, or write to a pipe."
        )
    guise = _guise(salt) if hide else None
    with ending_in_order(), reading(ctx) as (store, reader):
        return _written(store, reader, asked.job(now, guise, redact(store.url)), asked.output)


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

    if output == STDOUT:
        # Without a bar: what reads the pipe may write to the terminal that the bar would be on.
        done = export_out(reader, store.state, job, sys.stdout.buffer)
        sys.stdout.buffer.flush()
        return done
    with Progress("exporting", "traces" if job.whole else "rows") as progress:
        total = total_of(reader, job) if progress.shown else None
        progress.at(0, total)

        def seen(done: int, _rows: int) -> None:
            progress.at(done, total)

        watch = seen if progress.shown else None
        return write(reader, store.state, job, Path(output).expanduser(), watch)
