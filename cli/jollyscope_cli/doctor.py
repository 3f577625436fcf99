"""`jollyscope doctor`"""

from __future__ import annotations

import shutil
import sys

import typer

from jollyscope_cli.options import AsJson, options_of
from jollyscope_cli.output import colourful, interactive, paint, print_json

__all__ = ["doctor"]

_SIGNS = {"ok": ("✔", "green"), "warn": ("!", "yellow"), "fail": ("✖", "red")}


def doctor(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Check this installation, and say how to mend it.

    Looks at packages, settings, data directory, spool, store, terminal and environment. Every
    finding that is not ok says what to do. Exits with 1 when something fails.
    """
    from jollyscope.backend.doctor import Terminal, diagnose
    from jollyscope.errors import ExitCode

    size = shutil.get_terminal_size()
    shown = Terminal(interactive(), sys.stdout.encoding or "unknown", size.columns, size.lines)
    report = diagnose(options_of(ctx).store, shown)
    if as_json:
        print_json(report)
    else:
        broad = max(len(check.name) for check in report.checks)
        for check in report.checks:
            sign, style = _SIGNS[check.state]
            mark = paint(sign, style, colourful())
            sys.stdout.write(f"{mark} {check.name:{broad}}  {check.detail}\n")
            if check.fix and check.state != "ok":
                sys.stdout.write(f"  {'':{broad}}  → {check.fix}\n")
    if report.state == "fail":
        raise typer.Exit(ExitCode.FAILED)
