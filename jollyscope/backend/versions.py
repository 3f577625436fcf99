"""What is installed here, as a bug report needs it."""

from __future__ import annotations

import platform
import sys
from importlib.metadata import PackageNotFoundError, version

import msgspec

from jollyscope._version import __version__

__all__ = ["DEPENDENCIES", "Versions", "versions"]

DEPENDENCIES = ("opentelemetry-sdk", "msgspec", "duckdb", "typer", "rich", "textual", "psutil")
"""Those whose version explains most surprises."""


class Versions(msgspec.Struct, frozen=True):
    """Versions by name; None for a package that is not installed."""

    jollyscope: str
    python: str
    platform: str
    dependencies: dict[str, str | None]


def versions() -> Versions:
    """The versions of this very process."""
    python = f"{platform.python_implementation()} {platform.python_version()}"
    found = {name: installed(name) for name in DEPENDENCIES}
    return Versions(__version__, f"{python} ({sys.executable})", platform.platform(), found)


def installed(name: str) -> str | None:
    """A distribution's version, or None."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None
