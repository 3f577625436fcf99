"""`jollyscope stats`"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from jollyscope_cli.complete import stat_names
from jollyscope_cli.options import AsCsv, AsJson, Everything, FilterWords, Since, Until
from jollyscope_cli.output import form_of, narrate, print_json, width
from jollyscope_cli.reading import reading

if TYPE_CHECKING:
    from jollyscope.query.groups import GroupRow
    from jollyscope.query.overview import Overview, StatsBy
    from jollyscope.query.scope import Scope
    from jollyscope.store.api import Reader

__all__ = ["stats"]

LIMIT = 20
NOTHING = "nothing matches"


def stats(
    ctx: typer.Context,
    words: FilterWords = None,
    by: Annotated[
        Literal["step", "tool", "model", "user", "service", "session", "error", "time"] | None,
        typer.Option(help="A row each: step, tool, model, user, service, session, error or time."),
    ] = None,
    since: Since = None,
    until: Until = None,
    everything: Everything = False,
    sort: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN",
            help="Sort by a column, `-p95` the highest first; else by count, or time.",
            autocompletion=stat_names,
        ),
    ] = None,
    limit: Annotated[
        int, typer.Option(metavar="N", help="At most so many rows; 0 shows all.")
    ] = LIMIT,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Count and sum what is recorded, as a table and a plot.

    Without --by a little of everything. Steps, tools, models, services and errors are counted over
    ended spans; users, sessions and time over whole traces. `total` is the time of all of them
    together. Times of --by time are UTC in a pipe.
    """
    from jollyscope.errors import UsageError
    from jollyscope.query.request import anything_stored
    from jollyscope.query.scope import bounded, scope
    from jollyscope.redact import redact
    from jollyscope_cli.ls import FIRST_RUN
    from jollyscope_cli.render.moments import moment

    if limit < 0:
        raise UsageError(f"A limit of {limit} is no limit.", hint="0 shows all.")
    form, now = form_of(as_json, as_csv), time.time_ns()
    wanted = scope(" ".join(words or []), now=now, since=since, until=until)
    with reading(ctx) as (store, reader):
        within = wanted if everything else bounded(reader, wanted)
        if by is None:
            said = _overview(reader, within, form)
        else:
            said = _table(reader, by, within, sort, limit, form)
        if said == NOTHING and not within.narrowed and not anything_stored(reader):
            narrate(FIRST_RUN)
            return
        told = [redact(store.url), within.told(moment), said]
        narrate(" · ".join(part for part in told if part))


def _table(
    reader: Reader, by: StatsBy, within: Scope, sort: str | None, limit: int, form: str
) -> str:
    from jollyscope.query.fields import sort_key
    from jollyscope.query.groups import GroupRow
    from jollyscope.query.overview import stats

    field, descending = sort_key(GroupRow, sort or ("key" if by == "time" else "-count"))
    page = stats(reader, by, within, sort=field, descending=descending, limit=limit)
    if form == "table":
        from jollyscope_cli.listing import TableSink
        from jollyscope_cli.render.stats import columns

        plotted = field if field not in ("key", "error_share") else "count"
        sink: Any = TableSink(lambda rows: columns(by, rows, plotted, width()), "")
    else:
        sink = _plain(form, [by, *_SUMS])
    sink.rows(page.rows)
    sink.end()
    if page.next is not None:
        return f"the first {len(page.rows):,}; more lie behind, --limit 0 shows all"
    return f"{len(page.rows):,} in all" if page.rows else NOTHING


_SUMS = (
    "count", "error_count", "error_share", "p50_ms", "p95_ms", "p99_ms", "total_ms",
    "input_tokens", "output_tokens", "cost_usd",
)  # fmt: skip


def _plain(form: str, names: list[str]) -> Any:
    """Rows for programs; the first column is the key, or of several tables the part it is from."""
    from jollyscope_cli.listing import plain

    def get(row: GroupRow, name: str) -> Any:
        return getattr(row, name) if name in _SUMS else row.key

    return plain(form, names, get)


def _overview(reader: Reader, within: Scope, form: str) -> str:
    from jollyscope.query.overview import overview

    cells = max(2, min(width(), 120) - 10) if form == "table" else 60
    found = overview(reader, within, cells=cells)
    if form == "json":
        print_json(_document(found))
    elif form == "table":
        from jollyscope_cli.canvas import put
        from jollyscope_cli.render.stats import drawn

        put(drawn(found, width()))
    else:
        _parts(found, form)
    return "" if found.total else NOTHING


def _rows(found: Overview) -> dict[str, list[GroupRow]]:
    from jollyscope.query.overview import timed

    return {
        "total": [found.total] if found.total else [],
        "time": timed(found.time),
        "tool": found.tools.rows,
        "model": found.models.rows,
        "error": found.errors.rows,
    }


def _document(found: Overview) -> dict[str, Any]:
    """By part its rows; the one of `total` alone, null where there is nothing."""
    return {
        part: [{part: row.key} | {name: getattr(row, name) for name in _SUMS} for row in rows]
        if part != "total"
        else ({name: getattr(rows[0], name) for name in _SUMS} if rows else None)
        for part, rows in _rows(found).items()
    }


def _parts(found: Overview, form: str) -> None:
    """All tables as one, whose first column says which each row is of."""
    from jollyscope_cli.listing import plain

    def get(row: tuple[str, GroupRow], name: str) -> Any:
        part, held = row
        return part if name == "part" else getattr(held, name)

    sink = plain(form, ["part", "key", *_SUMS], get)
    sink.rows([(part, row) for part, rows in _rows(found).items() for row in rows])
    sink.end()
