"""What holds for every command: which store, whether tracebacks show, and arguments they share."""

from __future__ import annotations

import re
from typing import Annotated, Any, NamedTuple, cast

import typer

from jollyscope_cli.complete import filter_words, list_words, run_ids, trace_ids

__all__ = [
    "GLOBAL",
    "AsCsv",
    "AsJson",
    "Everything",
    "FilterWords",
    "ListWords",
    "OptionalRun",
    "Options",
    "RunArgument",
    "Since",
    "TraceOrSpan",
    "Until",
    "hoist",
    "options_of",
    "wants_debug",
]


class Options(NamedTuple):
    """The global options of this run."""

    store: str | None = None
    debug: bool = False


GLOBAL = {"--store": True, "--debug": False}
"""Options that may stand before or after the command, and whether each takes a value."""

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
AsCsv = Annotated[bool, typer.Option("--csv", help="Print CSV.")]
FILTERED = ("ls", "stats", "analyze", "tail", "export")
"""Commands that take a filter."""

Everything = Annotated[
    bool, typer.Option("--all", help="Look at all times, however large the store is.")
]
ListWords = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[KIND] [FILTER]",
        help="What to list (traces), and a filter: `status:error tool:search*`.",
        autocompletion=list_words,
    ),
]
FilterWords = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="FILTER",
        help="Only what fits: `status:error tool:search*`.",
        autocompletion=filter_words,
    ),
]
Since = Annotated[
    str | None, typer.Option(metavar="TIME", help="From then on: 15m, 2h, 3d (ago) or ISO 8601.")
]
Until = Annotated[str | None, typer.Option(metavar="TIME", help="Before then; written likewise.")]


def _run() -> Any:
    # One each: some versions of Typer change the object while they read it.
    return typer.Argument(
        metavar="TRACE|SPAN|SESSION", help="An id, or its beginning.", autocompletion=run_ids
    )


RunArgument = Annotated[str, _run()]
OptionalRun = Annotated[str | None, _run()]
TraceOrSpan = Annotated[
    str,
    typer.Argument(metavar="TRACE|SPAN", help="An id, or its beginning.", autocompletion=trace_ids),
]


def options_of(ctx: typer.Context) -> Options:
    """The global options of this run."""
    return cast(Options, ctx.find_root().obj)


def hoist(args: list[str]) -> list[str]:
    """Global options moved to the front, so that `jollyscope ls --store URL` works as well.

    What follows `--`, or is the command line of `run`, belongs to somebody else and stays. A
    negated term of a filter (`ls -status:ok`) is put so that it is not taken for options.
    """
    end = _ours(args)
    front: list[str] = []
    rest: list[str] = []
    left = args[:end]
    while left:
        arg = left.pop(0)
        name, equals, _ = arg.partition("=")
        if name not in GLOBAL:
            rest += ["NOT", arg[1:]] if _negated(arg, rest) else [arg]
            continue
        front.append(arg)
        if GLOBAL[name] and not equals and left:
            front.append(left.pop(0))
    return [*front, *rest, *args[end:]]


def _negated(arg: str, before: list[str]) -> bool:
    """Whether it is a term like `-status:ok`, given to a command that takes a filter."""
    command = next((word for word in before if not word.startswith("-")), "")
    return command in FILTERED and re.match(r"-[A-Za-z][\w.]*(!=|[:=<>])", arg) is not None


def wants_debug(args: list[str]) -> bool:
    """Whether `--debug` is among `args`, known even where they cannot be parsed."""
    return "--debug" in args[: _ours(args)]


def _ours(args: list[str]) -> int:
    """How many of the arguments are this program's own, from the front."""
    command, value = "", False
    for at, arg in enumerate(args):
        if arg == "--":
            return at
        if value or arg.startswith("-"):
            value = not value and GLOBAL.get(arg, False)
            continue
        if command == "run":
            return at
        command = command or arg
    return len(args)
