"""What options of `tail` mean: where it begins, which records, how long."""

from __future__ import annotations

from jollyscope.errors import UsageError
from jollyscope.query.times import parse_length, parse_time
from jollyscope.transport.following import KINDS, Kinds, Start

__all__ = ["at_least", "kinds_of", "length_of", "start_of"]


def start_of(
    last: int | None, since: str | None, beginning: bool, offset: int | None, now: int
) -> Start:
    """Where to begin; nothing given: now. `now` in Unix ns. Raises `UsageError`."""
    given = [last is not None, since is not None, beginning, offset is not None]
    if sum(given) > 1:
        raise UsageError(
            "-n, --since, --from-beginning and --offset each say where to begin.",
            hint="Choose one.",
        )
    if last is not None:
        return Start.last(at_least("-n", last, 0) or 0)
    if since is not None:
        return Start.since(parse_time(since, now))
    if offset is not None:
        return Start.offset(at_least("--offset", offset, 0) or 0)
    return Start.beginning() if beginning else Start.now()


def kinds_of(text: str) -> Kinds:
    """The kinds of `span,event`. Raises `UsageError`."""
    wanted = [word.strip() for word in text.split(",")]
    unknown = [word for word in wanted if word not in KINDS]
    if unknown:
        raise UsageError(
            f"`{unknown[0]}` is no kind of record.", hint="There are span, event and metric."
        )
    return [kind for kind in KINDS if kind in wanted]


def at_least(option: str, number: int | None, least: int = 1) -> int | None:
    """The number, if it is one that can be. Raises `UsageError`."""
    if number is not None and number < least:
        raise UsageError(f"{option} {number} is too few.", hint=f"It begins at {least}.")
    return number


def length_of(text: str | None) -> float | None:
    """Seconds. Raises `UsageError`."""
    return None if text is None else parse_length(text)
