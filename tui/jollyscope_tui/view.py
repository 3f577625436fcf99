"""What a list shows: remembered, saved under a name, and written as a command line."""

from __future__ import annotations

import shlex
from difflib import get_close_matches
from typing import Literal, cast, get_args

import msgspec

from jollyscope.errors import UsageError
from jollyscope.query.fields import SHORT, sort_key
from jollyscope.query.filter import parse
from jollyscope.query.listing import SessionRow, TraceRow
from jollyscope.query.times import parse_time

__all__ = ["ALL", "COLUMN_NAMES", "Grouping", "View", "view_from"]

Grouping = Literal["traces", "sessions"]

ALL = "all"
"""As `View.since`: all times, where None lets a large store bound a costly question by itself."""

COLUMN_NAMES = (
    "when", "status", "input", "output", "steps", "tools", "tokens", "cost", "time", "bar", "labels",
    "session", "user", "service", "models", "spans", "errors", "trace",
)  # fmt: skip
"""What the columns of the list are called, in the order they stand in."""

_WRITTEN = {field: name for name, field in SHORT.items()}


class View(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`since` and `until` as a person writes them (`15m`, ISO 8601; None is open), `sort` a column of
    the row, `columns` the names of those on show (none: those that fit).
    """

    filter: str = ""
    since: str | None = None
    until: str | None = None
    sort: str = "start_time"
    descending: bool = True
    group: Grouping = "traces"
    columns: tuple[str, ...] = ()

    @property
    def narrowed(self) -> bool:
        """Whether it leaves anything out."""
        return bool(self.filter) or self.bounded

    @property
    def bounded(self) -> bool:
        """Whether it is about some stretch of time only."""
        return self.since not in (None, ALL) or self.until is not None

    @property
    def range(self) -> str:
        """The stretch of time in words."""
        since = self.since if self.since != ALL else None
        if since and self.until:
            return f"{since} – {self.until}"
        if since:
            return f"last {since}" if since[0].isdigit() and len(since) < 8 else f"since {since}"
        return f"until {self.until}" if self.until else "all times"

    def command(self) -> str:
        """The command line that opens the explorer on this view."""
        words = ["jollyscope", "ui"]
        words += ["--filter", self.filter] if self.filter or self == View() else []
        words += self._times() + self._sorted()
        words += ["--group", self.group] if self.group != "traces" else []
        words += ["--columns", ",".join(self.columns)] if self.columns else []
        return shlex.join(words)

    def ls_command(self) -> str:
        """The command line that prints the same rows."""
        words = ["jollyscope", "ls", self.group] + ([self.filter] if self.filter else [])
        times = ["--all"] if self.since == ALL and not self.until else self._times()
        return shlex.join(words + times + self._sorted())

    def _times(self) -> list[str]:
        words = ["--since", self.since] if self.since else []
        return words + (["--until", self.until] if self.until else [])

    def _sorted(self) -> list[str]:
        if (self.sort, self.descending) == ("start_time", True):
            return []
        name = _WRITTEN.get(self.sort, self.sort)
        return [f"--sort={'-' if self.descending else ''}{name}"]


def view_from(
    *,
    now: int,
    filter: str | None = None,
    since: str | None = None,
    until: str | None = None,
    sort: str | None = None,
    group: str | None = None,
    columns: str | None = None,
) -> View | None:
    """The view that a command line's options ask for; None where there are none. `now` in Unix ns.

    Raises `UsageError` (`FilterError` for the filter) that says what is wrong.
    """
    if (filter, since, until, sort, group, columns) == (None,) * 6:
        return None
    parse(filter or "")
    for time in (since if since != ALL else None, until):
        if time is not None:
            parse_time(time, now)
    rows = _grouping(group or "traces")
    field, descending = sort_key(SessionRow if rows == "sessions" else TraceRow, sort or "-when")
    return View(
        filter=filter or "",
        since=since,
        until=until,
        sort=field,
        descending=descending,
        group=rows,
        columns=_columns(columns) if columns is not None else (),
    )


def _grouping(name: str) -> Grouping:
    if name not in get_args(Grouping):
        raise UsageError(
            f"Rows cannot be grouped by `{name}`.", hint=f"Write {' or '.join(get_args(Grouping))}."
        )
    return cast(Grouping, name)


def _columns(text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(text.replace(" ", "").split(",")))
    for name in names:
        if name not in COLUMN_NAMES:
            near = get_close_matches(name, COLUMN_NAMES, n=1)
            said = f"Did you mean `{near[0]}`? " if near else ""
            raise UsageError(
                f"There is no column `{name}`.", hint=f"{said}Columns: {', '.join(COLUMN_NAMES)}."
            )
    return names
