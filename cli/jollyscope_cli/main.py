"""The program `jollyscope`.

Start-up is a feature: `--version` is answered before anything is imported, and every command
imports what it needs when it runs.
"""

from __future__ import annotations

import sys

__all__ = ["main"]


def main(argv: list[str] | None = None) -> int:
    """Run the command line; the exit code (`jollyscope.errors.ExitCode`)."""
    args = sys.argv[1:] if argv is None else argv
    if args in (["--version"], ["-V"]):
        from jollyscope._version import __version__

        sys.stdout.write(f"jollyscope {__version__}\n")
        return 0
    try:
        from jollyscope_cli.failures import guarded

        return guarded(args)
    except KeyboardInterrupt:  # so early that nothing else is there to catch it
        return 130
