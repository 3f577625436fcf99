"""What `stats` asks: one table of sums, or a little of everything."""

from __future__ import annotations

from typing import Literal, cast

import msgspec

from jollyscope.model.document import iso
from jollyscope.query.groups import By, GroupRow, grouped
from jollyscope.query.histogram import Histogram, histogram
from jollyscope.query.listing import Page
from jollyscope.query.scope import Scope
from jollyscope.store.api import Reader

__all__ = ["BY", "Overview", "StatsBy", "overview", "stats", "timed"]

StatsBy = Literal["step", "tool", "model", "user", "service", "session", "error", "time"]
BY: tuple[StatsBy, ...] = (
    "step", "tool", "model", "user", "service", "session", "error", "time",
)  # fmt: skip


class Overview(msgspec.Struct, frozen=True):
    """The sums over all traces of a scope (None where there are none), the traces over time, and the
    commonest tools, models and errors.
    """

    total: GroupRow | None
    time: Histogram
    tools: Page[GroupRow]
    models: Page[GroupRow]
    errors: Page[GroupRow]


def overview(reader: Reader, scope: Scope, *, cells: int = 60, limit: int = 5) -> Overview:
    """A little of everything: `cells` columns of time, the first `limit` of each table."""
    total = grouped(reader, "total", scope, limit=0).rows
    return Overview(
        total[0] if total else None,
        histogram(reader, scope, cells=cells),
        grouped(reader, "tool", scope, limit=limit),
        grouped(reader, "model", scope, limit=limit),
        grouped(reader, "error", scope, limit=limit),
    )


def stats(
    reader: Reader, by: StatsBy, scope: Scope, *, sort: str, descending: bool, limit: int
) -> Page[GroupRow]:
    """One table of sums. By time there are at most `limit` stretches (0: 60) and none is left out."""
    if by != "time":
        return grouped(reader, cast("By", by), scope, sort=sort, descending=descending, limit=limit)
    rows = timed(histogram(reader, scope, cells=max(2, limit or 60)))
    if sort != "key":
        known = [row for row in rows if getattr(row, sort) is not None]
        known.sort(key=lambda row: getattr(row, sort), reverse=descending)
        rows = known + [row for row in rows if getattr(row, sort) is None]
    elif descending:
        rows.reverse()
    return Page(rows)


def timed(held: Histogram) -> list[GroupRow]:
    """A histogram as a table, whose keys are the times at which the buckets begin."""
    return [
        GroupRow(
            key=iso(bucket.start_time),
            error_share=bucket.error_count / bucket.count if bucket.count else 0.0,
            **{
                name: getattr(bucket, name)
                for name in GroupRow.__struct_fields__
                if name not in ("key", "error_share")
            },
        )
        for bucket in held.buckets
    ]
