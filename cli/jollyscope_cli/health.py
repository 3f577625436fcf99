"""`jollyscope health`"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from jollyscope_cli.options import AsJson
from jollyscope_cli.output import colourful, narrate, paint, print_json

__all__ = ["health"]

_SIGNS = {
    "ok": ("✔", "green"),
    "degraded": ("!", "yellow"),
    "down": ("✖", "red"),
    "unknown": ("?", "yellow"),
}


def health(
    as_json: AsJson = False,
    deep: Annotated[
        bool, typer.Option("--deep", help="Send a span all the way through, and time it.")
    ] = False,
) -> None:
    """Ask every part of the backend how it is.

    Kafka and how far its readers are behind, Flink's jobs and checkpoints, ClickHouse, Grafana, the
    receiver, the disk. Exits with 4 unless all is well.
    """
    from jollyscope import config
    from jollyscope.backend.health import backend_health
    from jollyscope.errors import ExitCode
    from jollyscope.model.format import duration
    from jollyscope.paths import data_dir

    report = backend_health(data_dir(), config.load(), deep=deep)
    if as_json:
        print_json(report)
    else:
        broad = max((len(part.name) for part in report.parts), default=0)
        for part in report.parts:
            sign, style = _SIGNS[part.state]
            mark = paint(sign, style, colourful())
            took = paint(f"({duration(part.took_ms)})", "dim", colourful())
            sys.stdout.write(f"{mark} {part.name:{broad}}  {part.sentence} {took}\n")
            if part.hint and part.state != "ok":
                sys.stdout.write(f"  {'':{broad}}  → {part.hint}\n")
        narrate(report.sentence)
    if not report.well:
        raise typer.Exit(ExitCode.UNHEALTHY)
