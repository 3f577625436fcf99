"""Single runs that took far longer, cost far more, or went on far longer than their like."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import NamedTuple

from jollyscope.analysis.groups.quantiles import MAD_TO_SD
from jollyscope.analysis.groups.samples import ENDED, MEASURES, Measure
from jollyscope.query.filter import engine
from jollyscope.query.scope import Scope
from jollyscope.store.api import EngineName, Reader

__all__ = ["Like", "Outlier", "limit", "outliers"]

LEAST, NAMES = 100, 20
"""Runs of a name that are enough to know their like, and names looked at, the commonest first."""
SHOWN = 5
"""Runs told of each name and measure, the farthest first."""
FALSE_ALARMS = 0.005
"""Half of the 1% that anomalies may take: the chance of any alarm where there is none, over all names
and measures together.
"""
FAR = math.log(2)
"""What takes less than twice the usual is not worth a line."""
FLOOR = 0.1
"""The least spread of logarithms that is believed: runs that all take 5 steps vary by none."""


_SHARES = (0.5, 0.75, 0.875)
_NORMAL = 0.705
_FORMS = (0.585, _NORMAL, 1.0)
"""Of logarithms of exponential, log-normal and Pareto's values, (q87.5 - q75) / (q75 - q50)."""


WIDER, HEAVIER = 5.0, 3.0
"""By how many times 1 / √n the limit is wider, and the tail is taken to be heavier, than it looks."""


class Like(NamedTuple):
    """What runs of a name are like: how many there are, and quantiles of the measure's logarithm."""

    runs: int
    q50: float
    q75: float
    q875: float


class Outlier(NamedTuple):
    """A run beyond the limit. `z` is its robust z-score: how many standard deviations its logarithm
    lies above the median, by the median absolute deviation of those above it.
    """

    name: str
    measure: Measure
    trace_id: str
    start_time: int
    value: float
    usual: float
    bound: float
    z: float
    beyond: int
    """How many runs of the name are beyond the bound."""
    runs: int


def spread(like: Like) -> float:
    """The standard deviation of the logarithms above the median: MAD of that half, scaled as for
    normal data.
    """
    return max(like.q75 - like.q50, FLOOR) * MAD_TO_SD


def limit(like: Like, chance: float) -> float:
    """The logarithm that none of so many runs is beyond but by `chance`, where there is no outlier.

    By the form of the tail, as the upper quartile's median excess over the spread tells it: that of
    exponential values (peaks over threshold; Pickands 1975), of log-normal ones by their median
    absolute deviation, of Pareto's, and what lies between. Both the form and the limit are widened by what
    quantiles of few runs may miss: at 1 %, of 4,000 clean samples each of 100 to 1,000 Pareto values 0.5 to
    1.1 % raise a false alarm, of exponential, log-normal and gamma ones up to 0.5 %. The price: of 200
    log-normal runs (σ = 0.5) one must take 43 times as long as half of them, and of 1,000 runs 22 times;
    without the margin for Pareto's it would be 18 and 14 times.
    """
    wide, excess = 1 + WIDER / math.sqrt(like.runs), max(like.q875 - like.q75, FLOOR * _NORMAL)
    times = math.log(max(like.runs / 4 / chance, 1.0)) / math.log(2) * wide
    score = NormalDist().inv_cdf((1 - chance) ** (1 / like.runs)) * wide
    limits = (
        like.q75 + math.log1p(math.expm1(excess) * times),
        like.q50 + score * spread(like),
        like.q75 + excess * times,
    )
    form = excess / max(like.q75 - like.q50, FLOOR) + HEAVIER / math.sqrt(like.runs)
    low = 0 if form < _NORMAL else 1
    part = (form - _FORMS[low]) / (_FORMS[low + 1] - _FORMS[low])
    more = max(limits[low + 1] - limits[low], 0.0)
    return max(limits[low] + min(max(part, 0.0), 1.0) * more, like.q50 + FAR)


def outliers(reader: Reader, scope: Scope) -> list[Outlier]:
    """The runs beyond their name's limits; a tenth of a name's runs, or more than five where that is
    fewer, are another kind of run and none. Raises `StoreError`.
    """
    likes = _likes(reader, scope)
    return [
        one
        for (measure, name), like in likes.items()
        for one in _beyond(reader, scope, measure, name, like, FALSE_ALARMS / len(likes))
    ]


def _likes(reader: Reader, scope: Scope) -> dict[tuple[Measure, str], Like]:
    """What the runs of the commonest names are like, by measure."""
    where = scope.condition("traces", engine(reader))
    columns = ", ".join(f"{measure.sql} AS {measure.name}" for measure in MEASURES)
    asked = ", ".join(_quantiles(measure.name, reader.dialect) for measure in MEASURES)
    table = reader.query(
        f"WITH held AS (SELECT name AS label, {columns} FROM ads_traces "
        f"WHERE {ENDED} AND name IS NOT NULL AND {where.sql}) "
        f"SELECT label, {asked} FROM held GROUP BY label HAVING count(*) >= {LEAST} "
        f"ORDER BY count(*) DESC, label LIMIT {NAMES}",
        where.parameters,
        **scope.promise("traces", where),
    )
    found: dict[tuple[Measure, str], Like] = {}
    for at, measure in enumerate(MEASURES):
        for name, *rest in table.rows:
            runs, *quantiles = rest[4 * at : 4 * at + 4]
            if int(runs) >= LEAST:
                found[measure, name] = Like(int(runs), *map(float, quantiles))
    return found


def _quantiles(column: str, dialect: EngineName) -> str:
    """SQL of how many there are of a measure, and of the quantiles of its logarithm."""
    only = f"FILTER (WHERE {column} > 0)"
    # An engine may take the logarithm before it looks at the condition.
    log = f"ln(CASE WHEN {column} > 0 THEN {column} END)"
    function = (
        f"quantile_cont({log}, {{}})"
        if dialect == "duckdb"
        else f"quantileExactInclusive({{}})({log})"
    )
    return ", ".join((f"count(*) {only}", *(f"{function.format(q)} {only}" for q in _SHARES)))


def _beyond(
    reader: Reader, scope: Scope, measure: Measure, name: str, like: Like, chance: float
) -> list[Outlier]:
    where = scope.condition("traces", engine(reader))
    bound = math.exp(limit(like, chance))
    table = reader.query(
        f"WITH held AS (SELECT trace_id, start_time, {measure.sql} AS measured FROM ads_traces "
        f"WHERE {ENDED} AND name = ? AND {where.sql}) "
        "SELECT trace_id, start_time, measured, count(*) OVER () FROM held WHERE measured > ? "
        f"ORDER BY measured DESC, trace_id LIMIT {SHOWN}",
        [name, *where.parameters, bound],
        **scope.promise("traces", where),
    )
    if not table.rows or int(table.rows[0][3]) > max(5, like.runs // 100):
        return []
    return [
        Outlier(
            name,
            measure,
            trace_id,
            int(start),
            float(value),
            math.exp(like.q50),
            bound,
            (math.log(value) - like.q50) / spread(like),
            int(beyond),
            like.runs,
        )
        for trace_id, start, value, beyond in table.rows
    ]
