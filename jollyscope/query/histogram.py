"""How much happened when: counts, errors, latency, tokens and cost by stretches of time."""

from __future__ import annotations

from typing import Literal

import msgspec

from jollyscope.errors import UsageError
from jollyscope.query.filter import engine
from jollyscope.query.groups import SOURCE, measures
from jollyscope.query.scope import Scope
from jollyscope.store.api import Reader

__all__ = ["WIDTHS", "Bucket", "Histogram", "histogram"]

_S = 10**9
_CLOCK = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200)
_DAYS = (1, 2, 7, 14, 28, 91, 182, 364, 728, 1820, 3640, 36400)
WIDTHS: tuple[int, ...] = (
    *(step * 10**power for power in range(3, 9) for step in (1, 2, 5)),
    *(seconds * _S for seconds in _CLOCK),
    *(days * 86400 * _S for days in _DAYS),
)
"""Widths of a bucket in ns, from a microsecond to a century: those that a clock is read by."""

_SUMS = (
    "count", "error_count", "p50_ms", "p95_ms", "p99_ms", "total_ms", "input_tokens", "output_tokens",
    "cost_usd",
)  # fmt: skip


class Bucket(msgspec.Struct, frozen=True, kw_only=True):
    """What began in `[start_time, end_time)`, Unix ns. Of nothing there are no durations."""

    start_time: int
    end_time: int
    count: int = 0
    error_count: int = 0
    p50_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None
    total_ms: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost_usd: float | None = None


class Histogram(msgspec.Struct, frozen=True, kw_only=True):
    """Buckets by time, empty ones too, each `width` ns wide; none where there is nothing."""

    of: Literal["traces", "spans"]
    width: int
    buckets: list[Bucket]


def histogram(
    reader: Reader,
    scope: Scope,
    *,
    of: Literal["traces", "spans"] = "traces",
    cells: int = 60,
) -> Histogram:
    """Traces, or ended spans, by when they began, in at most `cells` (2 or more) buckets.

    The stretch is the scope's; where it is open, as far as there are rows. Buckets begin at whole
    multiples of their width since 1970 in UTC.
    """
    if cells < 2:
        raise UsageError("A histogram has at least two cells.")
    since, until = _known(scope)
    dialect = engine(reader)
    where = scope.condition(of, dialect)
    how = measures(of, dialect)
    sums = ", ".join(f"{how[name]} AS {name}" for name in _SUMS)
    widths = " UNION ALL ".join(f"SELECT {width} AS wide" for width in WIDTHS)
    low = "min(start_time)" if since is None else f"least({int(since)}, min(start_time))"
    # A clock ahead of ours may have written rows from after now.
    high = "max(start_time)" if until is None else f"greatest({int(until) - 1}, max(start_time))"
    # Without a filter it is cheaper to read twice than to keep: 1 s for ten million spans, not 2.
    kept = "NOT MATERIALIZED " if dialect.name == "duckdb" and not scope.filter else ""
    table = reader.query(
        f"WITH held AS {kept}(SELECT * FROM {SOURCE[of]} WHERE {where.sql}), "
        f"reach AS (SELECT {low} AS low, {high} AS high FROM held), "
        f"chosen AS (SELECT min(low) AS low, min(high) AS high, min(wide) AS wide FROM reach "
        f"CROSS JOIN ({widths}) AS w WHERE wide >= (high - low) * 1.0 / {int(cells) - 1}) "
        "SELECT start_time - start_time % wide AS start, min(wide), min(low), min(high), "
        f"{sums} FROM held CROSS JOIN chosen WHERE wide IS NOT NULL "
        "GROUP BY start_time - start_time % wide ORDER BY start",
        where.parameters,
        **scope.promise(of, where),
    )
    if not table.rows:
        return Histogram(of=of, width=0, buckets=[])
    _, width, first, last = (int(n) for n in table.rows[0][:4])
    held = {int(row[0]): dict(zip(_SUMS, row[4:], strict=True)) for row in table.rows}
    starts = range(first - first % width, last + 1, width)
    buckets = [Bucket(start_time=at, end_time=at + width, **held.get(at, {})) for at in starts]
    return Histogram(of=of, width=width, buckets=buckets)


def _known(scope: Scope) -> tuple[int | None, int | None]:
    """The stretch that the scope names, the filter's own times included."""
    since, until = scope.stretch()
    if since is not None and until is None:
        until = max(scope.now, since) + 1
    return since, until
