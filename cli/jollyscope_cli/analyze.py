"""`jollyscope analyze`"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from jollyscope_cli.complete import analysis_names
from jollyscope_cli.options import AsJson, Everything, FilterWords, Since, Until
from jollyscope_cli.output import form_of, narrate, print_json, width
from jollyscope_cli.progress import Progress
from jollyscope_cli.reading import reading

if TYPE_CHECKING:
    from jollyscope.analysis.report import Report

__all__ = ["analyze"]


def analyze(
    ctx: typer.Context,
    words: FilterWords = None,
    only: Annotated[
        str | None,
        typer.Option(
            metavar="NAMES",
            help="Only these analyses, with commas between.",
            autocompletion=analysis_names,
        ),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(metavar="FILTER", help="Compare with the runs of this filter."),
    ] = None,
    slo: Annotated[
        list[str] | None,
        typer.Option(
            metavar="OBJECTIVE",
            help="Hold runs to an objective: `p95 duration < 10s`, `success > 99%`.",
        ),
    ] = None,
    since: Since = None,
    until: Until = None,
    everything: Everything = False,
    names: Annotated[
        bool, typer.Option("--list", help="Name every analysis, and how each is done.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Find what makes runs slow, dear or fail, the most worthwhile first.

    A filter says which runs; a trace's id, or its first digits, one alone. `saves` is what the runs
    would be shorter and cheaper by in all, at most. The line below a finding is the filter that lists
    the runs behind it, for `jollyscope ls`.
    """
    from jollyscope.analysis.asked import asked
    from jollyscope.analysis.report import chosen, report
    from jollyscope.query.request import anything_stored
    from jollyscope.query.scope import scope
    from jollyscope.redact import redact
    from jollyscope_cli.ls import FIRST_RUN
    from jollyscope_cli.render.moments import moment

    if names:
        _names(as_json)
        return
    analyses = chosen((only or "").replace(" ", "").split(","))
    text = " ".join(words or [])
    now = time.time_ns()
    wanted = scope("", now=now, since=since, until=until)
    with reading(ctx) as (store, reader):
        request = asked(reader, text, wanted, everything=everything, against=against, slo=slo or ())
        with Progress("analysing", "runs") as progress:
            found = report(reader, request, analyses, progress.at)
        _print(found, as_json)
        if not found.totals.runs and not text and not anything_stored(reader):
            narrate(FIRST_RUN)
            return
        told = [redact(store.url), request.scope.told(moment), _said(found)]
        narrate(" · ".join(part for part in told if part))


def _said(found: Report) -> str:
    runs = found.totals.runs
    if not runs:
        return "nothing matches"
    within = "1 run" if runs == 1 else f"{runs:,} runs"
    return (
        f"{within}, {len(found.found):,} found" if found.found else f"{within}, nothing stands out"
    )


def _print(found: Report, as_json: bool) -> None:
    form = form_of(as_json, False)
    if form == "json":
        print_json([one.document() for one in found.found])
    elif form == "table":
        from jollyscope_cli.render.analyze import show

        show(found.found, width())
    else:
        from jollyscope_cli.listing import plain

        sink = plain(form, _COLUMNS, lambda one, name: one.document()[name])
        sink.rows(found.found)
        sink.end()


_COLUMNS = ["severity", "analysis", "saves_ms", "saves_usd", "what", "filter"]


def _names(as_json: bool) -> None:
    """Every analysis with what it shows and its method."""
    from jollyscope.analysis.report import ANALYSES

    form = form_of(as_json, False)
    if form == "table":
        from jollyscope_cli.render.analyze import show_names

        show_names(ANALYSES, width())
        return
    from jollyscope_cli.listing import plain

    sink = plain(form, ["name", "title", "method"], getattr)
    sink.rows(ANALYSES)
    sink.end()
