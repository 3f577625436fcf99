"""`jollyscope tail`"""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from jollyscope_cli.options import FilterWords, options_of
from jollyscope_cli.output import colourful, narrate, on_terminal, width

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from jollyscope.query.tail import Ending, Item, Tail
    from jollyscope.transport.following import Follower, Kinds, Start

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

    if list_format:
        return _list_letters()
    now = time.time_ns()
    sieve = Sieve(" ".join(words or []), now=now, session=session)
    ending_on = Sieve(exit_on, now=now) if exit_on is not None else None
    goal = Goal(_positive("--count", count), _length(until_idle), _length(timeout))
    line = _liner(as_json, format_, group)
    follower = _follower(ctx, _start(last, since, beginning, offset, now), kinds, source, partition)
    try:
        tailed = Tail(follower, sieve, goal=goal, exit_on=ending_on)
        if line is None and not no_live and _lively():
            ending = _live(tailed, group)
        else:
            ending = _plain(tailed, line or _drawn(group))
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

    if options_of(ctx).store:
        raise UsageError(
            "Records are followed where they are written, not in a store.",
            hint="Leave --store out; JOLLYSCOPE_HOME names another data directory.",
        )
    home = data_dir()
    follower = open_follower(
        home, config.load(), start=start, source=source, kinds=_kinds(kinds), partition=partition
    )
    where = follower.standing.source
    narrate(f"Following {f'the spool in {home}' if where == 'spool' else where}. Ctrl-C ends it.")
    return follower


def _start(
    last: int | None, since: str | None, beginning: bool, offset: int | None, now: int
) -> Start:
    from jollyscope.errors import UsageError
    from jollyscope.query.times import parse_time
    from jollyscope.transport.following import Start

    given = [last is not None, since is not None, beginning, offset is not None]
    if sum(given) > 1:
        raise UsageError(
            "-n, --since, --from-beginning and --offset each say where to begin.",
            hint="Choose one.",
        )
    if last is not None:
        return Start.last(_positive("-n", last, least=0) or 0)
    if since is not None:
        return Start.since(parse_time(since, now))
    if offset is not None:
        return Start.offset(_positive("--offset", offset, least=0) or 0)
    return Start.beginning() if beginning else Start.now()


def _kinds(text: str) -> Kinds:
    from jollyscope.errors import UsageError
    from jollyscope.transport.following import KINDS

    wanted = [word.strip() for word in text.split(",")]
    unknown = [word for word in wanted if word not in KINDS]
    if unknown:
        raise UsageError(
            f"`{unknown[0]}` is no kind of record.", hint="There are span, event and metric."
        )
    return [kind for kind in KINDS if kind in wanted]


def _positive(option: str, number: int | None, least: int = 1) -> int | None:
    from jollyscope.errors import UsageError

    if number is not None and number < least:
        raise UsageError(f"{option} {number} is too few.", hint=f"It begins at {least}.")
    return number


def _length(text: str | None) -> float | None:
    from jollyscope.query.times import parse_length

    return None if text is None else parse_length(text)


def _list_letters() -> None:
    from jollyscope.query.tail import LETTERS

    for letter, (meaning, _) in LETTERS.items():
        print(f"%{letter}  {meaning}")
    print("%%  a percent sign")


def _lively() -> bool:
    return on_terminal() and os.environ.get("TERM") != "dumb"


def _liner(
    as_json: bool, template: str | None, group: bool
) -> Callable[[Sequence[Item]], bytes] | None:
    """How a batch is written; None: as lines of ours."""
    from jollyscope.errors import UsageError
    from jollyscope.query.tail import Template
    from jollyscope_cli.render.cells import clean
    from jollyscope_cli.render.moments import moment

    if as_json + (template is not None) + group > 1:
        raise UsageError("--json, --format and --group are forms of one line.", hint="Choose one.")
    if as_json:
        return lambda items: b"".join([item.line + b"\n" for item in items])
    if template is None:
        return None
    form = Template(template, moment)
    keep = "\n\t"
    return lambda items: _encoded(clean(form.line(item), keep) for item in items)


def _drawn(group: bool) -> Callable[[Sequence[Item]], bytes]:
    from jollyscope_cli.render.tail import Lines
    from jollyscope_cli.tailing.paint import painted

    lines = Lines(width() if on_terminal() else 0, group=group)
    colour = colourful()

    def draw(items: Sequence[Item]) -> bytes:
        return _encoded(painted(line, colour) for line in lines.lines(i.row for i in items))

    return draw


def _encoded(lines: Iterable[str]) -> bytes:
    return "".join([line + "\n" for line in lines]).encode(sys.stdout.encoding, "replace")


def _plain(tailed: Tail, line: Callable[[Sequence[Item]], bytes]) -> Ending:
    """Every record is written before the next is read: a slow reader makes this one wait."""
    told = ""
    while True:
        batch = tailed.step(_WAIT_S)
        if batch.items:
            sys.stdout.buffer.write(line(batch.items))
            sys.stdout.buffer.flush()
        trouble = tailed.follower.standing.sentence
        if trouble != told and trouble:
            narrate(trouble)
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
