"""`jollyscope tail`"""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from jollyscope_cli.options import FilterWords, options_of
from jollyscope_cli.output import narrate, on_terminal, width

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from jollyscope.query.tail import Ending, Item, Tail
    from jollyscope.transport.following import Follower, Start

__all__ = ["tail"]

_WAIT_S = 0.5


def tail(
    ctx: typer.Context,
    words: FilterWords = None,
    last: Annotated[
        int | None,
        typer.Option("--last", "-n", metavar="N", help="Begin with the N youngest records."),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Begin then: 15m, 2h, 3d (ago) or ISO 8601."),
    ] = None,
    beginning: Annotated[
        bool,
        typer.Option("--from-beginning", help="Begin with the oldest record that is still there."),
    ] = False,
    session: Annotated[
        str | None, typer.Option(metavar="ID", help="Only what belongs to this session.")
    ] = None,
    kinds: Annotated[
        str, typer.Option(metavar="A,B", help="Which records: span, event, metric.")
    ] = "span,event",
    format_: Annotated[
        str | None,
        typer.Option("--format", metavar="TEXT", help="Lines of your own: '%t %s %n %d'."),
    ] = None,
    list_format: Annotated[
        bool, typer.Option("--list-format", help="List the letters of --format.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print records as received, one a line.")
    ] = False,
    group: Annotated[
        bool, typer.Option("--group", help="Name a session once, its lines below it.")
    ] = False,
    no_live: Annotated[
        bool, typer.Option("--no-live", help="Print a line at a step's start and one at its end.")
    ] = False,
    exit_on: Annotated[
        str | None,
        typer.Option(
            metavar="FILTER", help="End at the first record that fits, with exit code 10."
        ),
    ] = None,
    until_idle: Annotated[
        str | None, typer.Option(metavar="TIME", help="End when nothing came for so long: 5s.")
    ] = None,
    timeout: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            help="End after so long; with code 124 if --count or --until-idle did not come about.",
        ),
    ] = None,
    count: Annotated[
        int | None, typer.Option(metavar="N", help="End after so many records.")
    ] = None,
    source: Annotated[
        Literal["spool", "kafka"] | None,
        typer.Option(
            metavar="spool|kafka",
            help="What to follow; else Kafka where a backend runs or kafka.brokers is set.",
        ),
    ] = None,
    offset: Annotated[
        int | None, typer.Option(metavar="N", help="Kafka: begin at this offset.")
    ] = None,
    partition: Annotated[
        int | None, typer.Option(metavar="N", help="Kafka: only this partition of each topic.")
    ] = None,
) -> None:
    """Show records as they come, one line each.

    A filter keeps what fits it: `tail step:act status:error`. On a terminal what runs stands below,
    space pauses, / searches what went by, q ends. Ends with exit code 0, 10 (--exit-on), 124
    (--timeout came first) or 130 (Ctrl-C).
    """
    from jollyscope.query.tail import EXIT_CODES, Goal, Sieve, Tail
    from jollyscope_cli.tailing.asked import at_least, length_of, start_of
    from jollyscope_cli.tailing.forms import drawn, form_of

    if list_format:
        return _list_letters()
    now = time.time_ns()
    sieve = Sieve(" ".join(words or []), now=now, session=session)
    ending_on = Sieve(exit_on, now=now) if exit_on is not None else None
    goal = Goal(at_least("--count", count), length_of(until_idle), length_of(timeout))
    line = form_of(as_json, format_, group)
    follower = _follower(
        ctx, start_of(last, since, beginning, offset, now), kinds, source, partition
    )
    try:
        tailed = Tail(follower, sieve, goal=goal, exit_on=ending_on)
        if line is None and not no_live and _lively():
            ending = _live(tailed, group)
        else:
            ending = _plain(tailed, line or drawn(group))
        _end(tailed, ending, goal.most)
    finally:
        follower.close()
    raise typer.Exit(EXIT_CODES[ending] if ending else 0)


def _follower(
    ctx: typer.Context, start: Start, kinds: str, source: Literal["spool", "kafka"] | None,
    partition: int | None,
) -> Follower:  # fmt: skip
    from jollyscope import config
    from jollyscope.errors import UsageError
    from jollyscope.paths import data_dir
    from jollyscope.query.tail import open_follower
    from jollyscope_cli.tailing.asked import kinds_of

    if options_of(ctx).store:
        raise UsageError(
            "Records are followed where they are written, not in a store.",
            hint="Leave --store out; JOLLYSCOPE_HOME names another data directory.",
        )
    home = data_dir()
    follower = open_follower(
        home, config.load(), start=start, source=source, kinds=kinds_of(kinds), partition=partition
    )
    where = follower.standing.source
    narrate(f"Following {f'the spool in {home}' if where == 'spool' else where}. Ctrl-C ends it.")
    return follower


def _list_letters() -> None:
    from jollyscope.query.tail import LETTERS

    for letter, (meaning, _) in LETTERS.items():
        print(f"%{letter}  {meaning}")
    print("%%  a percent sign")


def _lively() -> bool:
    return on_terminal() and os.name == "posix" and os.environ.get("TERM") != "dumb"


def _plain(tailed: Tail, line: Callable[[Sequence[Item]], bytes]) -> Ending:
    """Every record is written before the next is read: a slow reader makes this one wait."""
    told = ""
    while True:
        batch = tailed.step(_WAIT_S)
        if batch.items:
            sys.stdout.buffer.write(line(batch.items))
            sys.stdout.buffer.flush()
        trouble = tailed.follower.standing.sentence
        if trouble != told:
            narrate(trouble or "It is there now.")
        told = trouble
        if batch.ending is not None:
            return batch.ending


def _live(tailed: Tail, group: bool) -> Ending | None:
    from jollyscope_cli.render.tail import Lines
    from jollyscope_cli.tailing.live import Live

    return Live(tailed, Lines(width(), group=group)).run()


def _end(tailed: Tail, ending: Ending | None, wanted: int | None) -> None:
    """What a person should know about how it went."""
    skipped = tailed.follower.standing.skipped
    if skipped:
        narrate(f"warning: skipped {skipped:,}: torn, or deleted before they could be read.")
    if tailed.unreadable:
        narrate(f"warning: left out {tailed.unreadable:,} that are no records.")
    if ending == "found":
        narrate("Ended by --exit-on: the last line fits it.")
    elif ending == "missed":
        got = f"{tailed.shown:,} of {wanted:,} records came" if wanted else "records kept coming"
        narrate(f"Ended by --timeout: {got}.")
