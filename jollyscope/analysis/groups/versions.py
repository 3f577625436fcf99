"""Which version of a service came with a change: the resource attribute `service.version` (OpenTelemetry)."""

from __future__ import annotations

from typing import NamedTuple

from jollyscope.analysis.groups.segments import LEAST
from jollyscope.analysis.groups.series import Series
from jollyscope.query.filter import engine
from jollyscope.store.api import Reader

__all__ = ["Release", "release_at"]


class Release(NamedTuple):
    """A version that was first seen at a change, and the one that was there before it."""

    service: str
    before: str
    after: str

    def told(self) -> str:
        """As the end of a sentence."""
        return f"with version {self.after} of {self.service} (before: {self.before})"


class _Seen(NamedTuple):
    service: str
    version: str
    first: int
    calls: int


def release_at(reader: Reader, series: Series, at: int) -> Release | None:
    """The version that began in the points next to the one that a change begins at, and that makes
    up most of its service's calls from then on; None where there is none. Looks at the calls of five
    points on either side alone.
    """
    near = series.points[max(at - LEAST, 0) : at + LEAST]
    seen = _seen(reader, series, near[0].first, near[-1].last)
    low, high = series.points[at - 1].first, series.points[at].last
    best: tuple[int, Release] | None = None
    for new in seen:
        others = [row for row in seen if row.service == new.service and row != new]
        old = [row for row in others if row.first < low]
        if not (low <= new.first <= high) or not old or new.first == near[0].first:
            continue
        # Others lost calls to it: half of the stretch lies before the change.
        if new.calls * 4 < new.calls + sum(row.calls for row in others):
            continue
        before = max(old, key=lambda row: (row.calls, row.version))
        if best is None or new.calls > best[0]:
            best = new.calls, Release(new.service, before.version, new.version)
    return None if best is None else best[1]


def _seen(reader: Reader, series: Series, first: int, last: int) -> list[_Seen]:
    version = engine(reader).text_at("resource", "service.version")
    if series.source.of == "run":  # A trace is called like its root.
        table, column = "dwd_spans", "CASE WHEN parent_span_id IS NULL THEN name END"
    else:
        table, column = "dws_spans", series.source.grouping.column
    found = reader.query(
        f"SELECT service, {version.text} AS version, min(start_time) AS first, count(*) "
        f"FROM {table} WHERE {column} = ? AND start_time BETWEEN ? AND ? "
        "GROUP BY service, version ORDER BY service, version",
        [*version.values, series.name, first, last],
        since=first,
        until=last + 1,
    )
    return [
        _Seen(str(service or "the program"), str(version), int(began), int(number))
        for service, version, began, number in found.rows
        if version
    ]
