"""What the explorer remembers from one time to the next: a small JSON file of the person's own."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any

import msgspec

from jollyscope.paths import make_private
from jollyscope_tui.view import View

__all__ = ["Memory", "Remembered"]


class Remembered(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Every field has the default of a first start."""

    theme: str | None = None
    view: View = View()
    """The list's last view."""
    range: str | None = "1h"
    """The dashboard's stretch of time, as `View.since`."""
    facets: bool = True
    """Whether a wide list has them at its side."""
    histogram: bool = True
    """Whether a large list has one above it."""
    filters: tuple[str, ...] = ()
    """Filters that were in force, the latest last."""
    mode: str = "all"
    """Which rows a trace opens with."""
    tab: str = "Overview"
    share: float = 0.5
    """The tree's part of a trace's width."""
    detail: bool = True


class Memory:
    """Holds what is remembered and keeps `file` the same; None keeps nothing beyond this run."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self.now = _read(file)

    def change(self, **fields: Any) -> None:
        """Remember other values of some fields. A file that cannot be written is let be."""
        changed = msgspec.structs.replace(self.now, **fields)
        if changed == self.now:
            return
        self.now = changed
        if self._file is None:
            return
        fresh = self._file.with_name(f".{self._file.name}.{secrets.token_hex(4)}")
        try:
            make_private(self._file.parent)
            with open(fresh, "xb", opener=_private) as file:
                file.write(msgspec.json.encode(changed))
            os.replace(fresh, self._file)
        except OSError:
            fresh.unlink(missing_ok=True)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _read(file: Path | None) -> Remembered:
    """What the file says; a first start where it is missing, spoilt or from another version."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=Remembered) if file else Remembered()
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return Remembered()
