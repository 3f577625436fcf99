"""`jollyscope export`"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jollyscope_cli.complete import export_formats
from jollyscope_cli.options import AsJson, FilterWords, Since, Until
from jollyscope_cli.output import narrate, print_json
from jollyscope_cli.reading import reading

if TYPE_CHECKING:
    from jollyscope.export.forms import Form
    from jollyscope.export.traces import Exported
    from jollyscope.query.scope import Scope
    from jollyscope.store.api import Reader, Store

__all__ = ["export"]

STDOUT = "-"


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
            help="json, jsonl or otlp.json, whatever the file's name says.",
            autocompletion=export_formats,
        ),
    ] = None,
    since: Since = None,
    until: Until = None,
    session: Annotated[
        str | None, typer.Option(metavar="ID", help="Only what belongs to this session.")
    ] = None,
    limit: Annotated[
        int, typer.Option(metavar="N", help="At most the newest N traces; 0 is all.")
    ] = 0,
    fail_empty: Annotated[
        bool, typer.Option("--fail-empty", help="Exit with 3, and write nothing, if none match.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write whole traces to a file, newest first, with their labels and notes.

    The ending of the file's name says the format: .json is the document of `show --json` (several
    traces: an array), .jsonl one record a line, .otlp.json OTLP. The file is there whole or not at all.
    --json prints what was written.
    """
    from jollyscope.errors import UsageError
    from jollyscope.export.forms import form_named, form_of
    from jollyscope.query.scope import scope

    if output is None:
        raise UsageError("Name the file to write.", hint="jollyscope export -o traces.jsonl")
    if limit < 0:
        raise UsageError(f"A limit of {limit} is no limit.", hint="0 is all.")
    if output == STDOUT and as_json:
        raise UsageError("-o - and --json both write to stdout.", hint="Name a file.")
    named = "jsonl" if output == STDOUT and format_ is None else format_
    form = form_of(output) if named is None else form_named(named)
    within = scope(
        " ".join(words or []), now=time.time_ns(), since=since, until=until, session=session
    )
    with reading(ctx) as (store, reader):
        done = _written(store, reader, within, limit, output, form, fail_empty)
    _tell(done, output, as_json)


def _written(
    store: Store,
    reader: Reader,
    within: Scope,
    limit: int,
    output: str,
    form: Form,
    fail_empty: bool,
) -> Exported:
    from jollyscope.errors import NotFoundError
    from jollyscope.export.traces import export_file, export_stream, matching, number_of

    with _Progress() as progress:
        if progress.shown:
            progress.total(number_of(reader, within, limit))
        traces = matching(reader, store.state, within, limit)
        if output != STDOUT:
            path = Path(output).expanduser()
            return export_file(traces, path, form, empty=not fail_empty, watch=progress.at)
        if fail_empty and not number_of(reader, within, 1):
            raise NotFoundError("No trace matches; nothing was written.")
        done = export_stream(traces, sys.stdout.buffer, form, progress.at)
        sys.stdout.buffer.flush()
        return done


def _tell(done: Exported, output: str, as_json: bool) -> None:
    from jollyscope.model.format import size

    if as_json:
        print_json({**done._asdict(), "file": output})
    traces = "1 trace" if done.traces == 1 else f"{done.traces:,} traces"
    spans = "1 span" if done.spans == 1 else f"{done.spans:,} spans"
    where = "" if output == STDOUT else f" to {output}"
    narrate(f"Wrote {traces}, {spans}, {size(done.size)}{where}.")


class _Progress:
    """A bar by traces where a person watches stderr."""

    def __init__(self) -> None:
        self.shown = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self._bar: Any = None
        self._task: Any = None

    def __enter__(self) -> _Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def total(self, traces: int) -> None:
        """Show the bar, which is full at so many traces."""
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
        from rich.progress import TimeRemainingColumn as Left

        columns = (TextColumn("exporting"), BarColumn(), MofNCompleteColumn(), TextColumn("traces"))
        self._bar = Progress(*columns, Left(), console=Console(stderr=True), transient=True)
        self._task = self._bar.add_task("exporting", total=traces)
        self._bar.start()

    def at(self, traces: int, spans: int) -> None:
        """So many are written."""
        if self._bar is not None:
            self._bar.update(self._task, completed=traces)
