"""What runs were like hour by hour, and how hours and weekdays differ from each other."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from jollyscope.analysis.groups.quantiles import median
from jollyscope.analysis.groups.samples import ENDED
from jollyscope.query.clock import local
from jollyscope.query.filter import engine
from jollyscope.query.groups import measures
from jollyscope.query.scope import Scope
from jollyscope.store.api import Reader

__all__ = ["MEASURED", "Hour", "Measured", "Seasons", "hours", "seasons"]


class Hour(NamedTuple):
    """A local hour's ended runs. Tokens and cost are means of a run, None where none tells."""

    day: date
    hour: int
    runs: int
    failed: float
    p50_ms: float
    tokens: float | None
    usd: float | None


class Measured(NamedTuple):
    """One number of an hour; by logarithm, but of a `share`."""

    name: str
    unit: str
    title: str
    of: Callable[[Hour], float | None]
    share: bool = False

    def scaled(self, hour: Hour) -> float | None:
        """On the scale that is added on."""
        value = self.of(hour)
        if value is None or self.share:
            return value
        return math.log(value) if value > 0 else None


def _runs(hour: Hour) -> float | None:
    return float(hour.runs)


def _p50(hour: Hour) -> float | None:
    return hour.p50_ms


def _failed(hour: Hour) -> float | None:
    return hour.failed


def _tokens(hour: Hour) -> float | None:
    return hour.tokens


def _cost(hour: Hour) -> float | None:
    return hour.usd


MEASURED: tuple[Measured, ...] = (
    Measured("runs", "runs", "The number of runs an hour", _runs),
    Measured("duration", "ms", "The median duration of runs", _p50),
    Measured("errors", "share", "The share of runs that fail", _failed, share=True),
    Measured("tokens", "tokens", "The tokens of a run", _tokens),
    Measured("cost", "usd", "The cost of a run", _cost),
)


def hours(reader: Reader, scope: Scope) -> list[Hour]:
    """Every local hour in which a run began, the oldest first; at most a row for each hour of a
    scope. Raises `StoreError`.
    """
    dialect = engine(reader)
    where, how = scope.condition("traces", dialect), measures("traces", dialect)
    # Zones lie a quarter of an hour apart; hours are those of the zone at the newest run.
    newest = reader.query("SELECT max(start_time) FROM ads_traces").rows[0][0]
    shift = int((local(int(newest or 0)).utcoffset() or timedelta()).total_seconds()) % 3600
    begin = f"start_time - (start_time + {shift}000000000) % {3600 * 10**9}"
    table = reader.query(
        f"SELECT {begin} AS hour, count(*), "
        "count(*) FILTER (WHERE status = 'error' OR state = 'interrupted') * 1.0 / count(*), "
        f"{how['p50_ms']}, avg(coalesce(input_tokens, 0) + coalesce(output_tokens, 0)) "
        "FILTER (WHERE input_tokens IS NOT NULL OR output_tokens IS NOT NULL), avg(cost_usd) "
        f"FROM ads_traces WHERE {ENDED} AND {where.sql} GROUP BY {begin} ORDER BY hour",
        where.parameters,
        **scope.promise("traces", where),
    )
    return [_hour(*row) for row in table.rows]


def _hour(
    start: int, runs: int, failed: float, p50: float, tokens: float | None, usd: float | None
) -> Hour:
    at = local(int(start))
    return Hour(at.date(), at.hour, int(runs), float(failed), float(p50), tokens, usd)


class Seasons(NamedTuple):
    """A measure's values taken apart, as in a classical decomposition but with medians: day by day its
    level without the hours' part, and for each hour how far it was from its day's level.
    """

    days: list[tuple[int, float]]
    """The day's number, of which 0 is a Monday, and its level."""
    off: dict[int, list[float]]

    def profile(self) -> dict[int, float]:
        """By hour of the day, the usual distance from the day's level."""
        return {hour: median(values) for hour, values in sorted(self.off.items())}

    def weekdays(self, slope: float) -> dict[int, list[float]]:
        """By weekday, Monday 0, its levels without a trend of `slope` a day."""
        found: dict[int, list[float]] = {}
        for day, level in self.days:
            found.setdefault(day % 7, []).append(level - slope * (day - self.days[0][0]))
        return found


def seasons(every: Sequence[Hour], measured: Measured) -> Seasons:
    """The parts of a measure in these hours; days with fewer than three hours are left out, as the
    first and the last one may be cut short.
    """
    days: dict[int, dict[int, float]] = {}
    for hour in every:
        value = measured.scaled(hour)
        if value is not None:
            days.setdefault(hour.day.toordinal() - 1, {})[hour.hour] = value
    days = {day: held for day, held in days.items() if len(held) >= 3}
    off: dict[int, list[float]] = {}
    for held in days.values():
        level = median(list(held.values()))
        for hour, value in held.items():
            off.setdefault(hour, []).append(value - level)
    profile = {hour: median(values) for hour, values in off.items()}
    levels = [
        (day, median([value - profile[hour] for hour, value in held.items()]))
        for day, held in sorted(days.items())
    ]
    return Seasons(levels, off)
