"""`jollyscope import`"""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jollyscope_cli.options import AsJson, options_of
from jollyscope_cli.output import narrate, print_json
from jollyscope_cli.reading import opened
from jollyscope_cli.render.cells import clean

if TYPE_CHECKING:
    from jollyscope.receive.importers.api import FileReport, Summary
    from jollyscope.receive.importers.source import Source
    from jollyscope.store.api import Store

__all__ = ["import_"]

_EACH = 20
"""So many files are told of one by one; of further ones only those with problems."""


def import_(
    ctx: typer.Context,
    paths: Annotated[
        list[str],
        typer.Argument(metavar="PATH…", help="Files or folders; - reads standard input."),
    ],
    format_: Annotated[
        str | None,
        typer.Option(
            "--format", metavar="NAME", help="Read as this format; else the content tells."
        ),
    ] = None,
    service: Annotated[
        str | None, typer.Option(metavar="NAME", help="Name the service, whatever the files say.")
    ] = None,
    session: Annotated[
        str | None, typer.Option(metavar="ID", help="Put everything into this session.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what is there; import nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Read trace files of this and other tools.

    The format is found by content: OTLP in JSON or protobuf, Jaeger, Tempo, Zipkin, Langfuse, Phoenix,
    SWE-agent, chat transcripts, and JollyScope's own; gzip and zstd are unpacked. Importing a file twice
    changes nothing. What cannot be read is named and left out, and the exit code is then 1.
    """
    with opened(options_of(ctx).store) as store:
        _local(store)
        display = _Display(paths, quiet=as_json)
        summary = _imported(paths, store, display, dry_run, (format_, service, session))
        if not dry_run:
            store.load()
    if as_json:
        print_json(summary)
    _tell(summary, dry_run)
    if summary.failed:
        raise typer.Exit(1)


def _local(store: Store) -> None:
    from jollyscope.errors import UsageError
    from jollyscope.redact import redact

    if not store.capabilities.local:
        raise UsageError(
            f"Files are imported into a store on this machine, not into {redact(store.url)}.",
            hint="Name one with --store lake:///path/to/data.",
        )


def _imported(
    paths: list[str],
    store: Any,
    display: _Display,
    dry_run: bool,
    given: tuple[str | None, str | None, str | None],
) -> Summary:
    from jollyscope import config
    from jollyscope.receive.importers.api import Importer
    from jollyscope.receive.spool_sink import SpoolSink

    wanted, service, session = given
    with ExitStack() as stack:
        sink = None
        if not dry_run:
            sink = stack.enter_context(SpoolSink(store.home, config.load().spool))
        stack.enter_context(display)
        importer = Importer(
            sink,
            wanted=wanted,
            service=service,
            session=session,
            watcher=display,
            make_room=store.load,
        )
        try:
            return importer.run(paths)
        except KeyboardInterrupt:
            display.__exit__()
            narrate(_interrupted(importer.summary, dry_run))
            raise


def _interrupted(summary: Summary, dry_run: bool) -> str:
    if dry_run:
        return "Interrupted."
    files = len(summary.reports)
    return (
        f"Interrupted after {files:,} {'file' if files == 1 else 'files'}. What was imported stays; "
        "the same command again imports the rest and doubles nothing."
    )


def _tell(summary: Summary, dry_run: bool) -> None:
    from jollyscope.model.format import count

    parts = [
        f"{count(number)} {what if number != 1 else what[:-1]}"
        for what in ("spans", "metrics", "events")
        if (number := getattr(summary, what))
    ]
    did = "Found" if dry_run else "Imported"
    if not parts:
        narrate("Nothing to import." if dry_run else "Nothing was imported.")
    else:
        files = "1 file" if summary.files == 1 else f"{count(summary.files)} files"
        traces = "1 trace" if summary.traces == 1 else f"{count(summary.traces)} traces"
        where = f" in {traces}" if summary.traces else ""
        narrate(f"{did} {' and '.join(_listed(parts))}{where} from {files}.")
    if summary.skipped:
        narrate(f"{count(summary.skipped)} could not be read and were left out.")
    if summary.passed_over:
        files = "1 file is" if summary.passed_over == 1 else f"{summary.passed_over:,} files are"
        narrate(f"{files} no trace file and was passed over." if summary.passed_over == 1
                else f"{files} no trace files and were passed over.")  # fmt: skip
    if dry_run or not summary.spans:
        return
    if summary.trace_id:
        narrate(f"`jollyscope show {summary.trace_id[:12]}` draws it.")
    else:
        narrate("`jollyscope ls` lists them, `jollyscope` explores them.")


def _listed(parts: list[str]) -> list[str]:
    return [", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts


class _Display:
    """A progress bar by bytes where a person watches, and a line a file."""

    def __init__(self, paths: list[str], *, quiet: bool) -> None:
        self._paths = paths
        self._quiet = quiet
        self._bar: Any = None
        self._task: Any = None
        self._done = 0
        self._size = 0
        self._files = 0
        self.passed = False

    def __enter__(self) -> _Display:
        if sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
            self._start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _start(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn
        from rich.progress import TimeRemainingColumn as Left

        columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn())
        self._bar = Progress(*columns, Left(), console=Console(stderr=True), transient=True)
        self._task = self._bar.add_task("importing", total=_bytes(self._paths))
        self._bar.start()

    def began(self, source: Source) -> None:
        """A file is opened."""
        self._size = source.size
        if self._bar is not None:
            self._bar.update(self._task, description=clean(Path(source.name).name)[:40])

    def seen(self, count: int) -> None:
        """So many bytes of it have been read."""
        if self._bar is not None:
            self._bar.update(self._task, completed=self._done + count)

    def done(self, report: FileReport) -> None:
        """It is read, or it failed."""
        self._done += self._size
        self._files += 1
        for problem in report.problems:
            self._say(f"{report.file}: {problem}.")
        more = report.skipped - len(report.problems)
        if more > 0 and report.problems:
            self._say(f"{report.file}: and {more:,} more.")
        if self._quiet or report.note is not None or report.format is None:
            return
        if self._files <= _EACH:
            self._say(f"{report.file}: {report.title}, {_held(report)}")
        elif self._files == _EACH + 1:
            self._say("…")

    def _say(self, text: str) -> None:
        if self._bar is None:
            narrate(text)
        else:
            # It quotes the file.
            self._bar.console.print(clean(text), markup=False, highlight=False, soft_wrap=True)


def _held(report: FileReport) -> str:
    parts = [
        f"{number:,} {what if number != 1 else what[:-1]}"
        for what in ("spans", "metrics", "events")
        if (number := getattr(report, what))
    ]
    return ", ".join(parts) if parts else "nothing in it"


def _bytes(paths: list[str]) -> int | None:
    """Bytes of all files, or None where standard input or a pipe is among them."""
    from jollyscope.receive.importers.source import STDIN, found

    total = 0
    for path in paths:
        if path == STDIN or (
            Path(path).exists() and not Path(path).is_dir() and not Path(path).is_file()
        ):
            return None
        try:
            total += sum(source.size for source in found(path))
        except OSError:
            continue  # the importer tells of it
    return total
