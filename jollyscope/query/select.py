"""How a list is asked for: sorted, a page at a time, the newest rows without reading the oldest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from jollyscope.store.api import Needle, Reader, Table

if TYPE_CHECKING:
    from jollyscope.query.filter import Condition

__all__ = ["Source", "Wanted", "count", "gist", "select"]

Row = tuple[Any, ...]

FEW = 1_000
"""Rows that are worth a second look for their wide columns."""


def gist(column: str, engine: str) -> str:
    """SQL of a text's first 200 characters, under its own name. ClickHouse's `substr` counts bytes."""
    return (
        f"{'substringUTF8' if engine == 'clickhouse' else 'substr'}({column}, 1, 200) AS {column}"
    )


class Source(NamedTuple):
    """What a list is of."""

    kind: Literal["traces", "spans", "sessions"]
    table: str
    key: tuple[str, ...]
    """Columns that tell a row from all others; the first one decides among equals of the sort."""
    columns: tuple[str, ...]
    cut: frozenset[str] = frozenset()
    """Columns of which 200 characters are enough."""

    def picked(self, engine: str) -> str:
        """The columns for SELECT."""
        return ", ".join(gist(c, engine) if c in self.cut else c for c in self.columns)


class Wanted(NamedTuple):
    """Which rows of it, and in which order."""

    since: int | None
    until: int | None
    equal: dict[str, str]
    """Columns and their only value."""
    where: Condition | None
    sort: str
    descending: bool
    limit: int
    after: tuple[Any, str] | None
    offset: int = 0
    """Rows left out before the first: of a place far down, where no key to go on from is known."""


def count(reader: Reader, source: Source, wanted: Wanted) -> int:
    """How many rows there are in all, or behind `after`; `limit` and `offset` do not matter."""
    where, values = _conditions(source, wanted)
    since, until = _promise(source, wanted)
    table = reader.query(
        f"SELECT count(*) FROM {source.table}" + (f" WHERE {' AND '.join(where)}" if where else ""),
        values,
        since=since,
        until=until,
        needles=_needles(wanted),
    )
    return int(table.rows[0][0])


def select(reader: Reader, source: Source, wanted: Wanted) -> list[Row]:
    """At most `limit` rows of all of the source's columns, in order."""
    newest = wanted.sort == "start_time" and wanted.descending and not wanted.offset
    if source.kind != "sessions" and newest:
        return _newest(reader, source, wanted)
    return _in_order(reader, source, wanted)


def _newest(reader: Reader, source: Source, wanted: Wanted) -> list[Row]:
    """One window of time after another, until there are enough rows.

    A window ends where the one before began, so that nothing is looked at twice: finding nothing
    in any costs little more than one look through all.
    """
    since, until = wanted.since, wanted.until
    if wanted.after is not None:
        last = int(wanted.after[0]) + 1
        until = last if until is None else min(until, last)
    cuts: list[int | None] = [
        cut
        for cut in ([] if _far(source, wanted) else reader.windows())
        if (since is None or cut > since) and (until is None or cut < until)
    ]
    found: list[Row] = []
    for cut in [*cuts, since]:
        window = wanted._replace(since=cut, until=until, limit=wanted.limit - len(found))
        found += _in_order(reader, source, window)
        if len(found) >= wanted.limit:
            break
        until = cut
    return found


def _far(source: Source, wanted: Wanted) -> bool:
    """Whether one row's condition looks at rows of any other time: each window would do so anew.

    Spans ask after their trace, which may be asked after all of its spans.
    """
    return source.kind == "spans" and _looks_around(wanted)


def _looks_around(wanted: Wanted) -> bool:
    """Whether the condition looks at other rows than the one in question."""
    return wanted.where is not None and "SELECT" in wanted.where.sql


def _in_order(reader: Reader, source: Source, wanted: Wanted) -> list[Row]:
    """Few rows with one look at the columns that decide, and one at all columns of those: reading
    every column of ten million rows to sort them takes seconds.
    """
    if source.kind == "sessions" or wanted.limit > FEW:
        return _sorted(reader, source, wanted, source.picked(reader.dialect)).rows
    if wanted.sort == "start_time" and not wanted.offset:
        # Not even the keys: reading those of every row takes as long as a test of an attribute.
        decided = _sorted(reader, source, wanted, "start_time", tied=True)
        if not decided.rows:
            return []
        starts = [row[0] for row in decided.rows]
        span = wanted._replace(since=min(starts), until=max(starts) + 1)
        return _sorted(
            reader, source, span, source.picked(reader.dialect), starts=list(dict.fromkeys(starts))
        ).rows
    deciding = ", ".join(dict.fromkeys((*source.key, "start_time", wanted.sort)))
    decided = _sorted(reader, source, wanted, deciding)
    if not decided.rows:
        return []
    at = decided.columns.index("start_time")
    width = len(source.key)
    return _whole(
        reader, source, [row[:width] for row in decided.rows], [row[at] for row in decided.rows]
    )


def _sorted(
    reader: Reader,
    source: Source,
    wanted: Wanted,
    columns: str,
    *,
    tied: bool = False,
    starts: Sequence[int] = (),
) -> Table:
    """The first rows; with `tied` any of those that are equal but for their key; of `starts` alone."""
    where, values = _conditions(source, wanted)
    if starts:
        where.append(f"start_time IN ({', '.join('?' * len(starts))})")
        values += starts
    way = "DESC" if wanted.descending else "ASC"
    nulls = "LAST" if wanted.descending else "FIRST"
    since, until = _promise(source, wanted)
    return reader.query(
        f"SELECT {columns} FROM {source.table}"
        + (f" WHERE {' AND '.join(where)}" if where else "")
        + f" ORDER BY {wanted.sort} {way} NULLS {nulls}"
        + ("" if tied else f", {source.key[0]} {way}")
        + f" LIMIT {int(wanted.limit)}"
        + (f" OFFSET {int(wanted.offset)}" if wanted.offset else ""),
        values,
        since=since,
        until=until,
        needles=_needles(wanted),
    )


def _whole(reader: Reader, source: Source, keys: Sequence[Row], starts: Sequence[int]) -> list[Row]:
    """All columns of the rows with these keys and start times, in this order."""
    marks = ", ".join("?" * len(keys))
    first, last = min(starts), max(starts)
    table = reader.query(
        f"SELECT {', '.join(source.key)}, {source.picked(reader.dialect)} FROM {source.table} "
        f"WHERE start_time IN ({marks}) AND {source.key[0]} IN ({marks})",
        [*starts, *(key[0] for key in keys)],
        since=first,
        until=last + 1,
    )
    width = len(source.key)
    found = {row[:width]: row[width:] for row in table.rows}
    return [found[key] for key in keys]


def _promise(source: Source, wanted: Wanted) -> tuple[int | None, int | None]:
    """Of which time rows matter: those asked for, and those that the condition looks at besides.

    A trace's spans start with it or later. A span's trace may have begun earlier, and its other
    spans at any time. What a session is made of is not said by its start.
    """
    if source.kind == "sessions":
        return None, None
    if not _looks_around(wanted):
        return wanted.since, wanted.until
    return (wanted.since if source.kind == "traces" else None), None


def _needles(wanted: Wanted) -> tuple[Needle, ...]:
    return wanted.where.needles if wanted.where is not None else ()


def _conditions(source: Source, wanted: Wanted) -> tuple[list[str], list[Any]]:
    where: list[str] = []
    values: list[Any] = []
    if wanted.since is not None:
        where.append("start_time >= ?")
        values.append(wanted.since)
    if wanted.until is not None:
        where.append("start_time < ?")
        values.append(wanted.until)
    for column, value in wanted.equal.items():
        where.append(f"{column} = ?")
        values.append(value)
    if wanted.where is not None:
        where.append(f"({wanted.where.sql})")
        values += wanted.where.parameters
    if wanted.after is not None:
        text, more = _behind(source.key[0], wanted)
        where.append(text)
        values += more
    return where, values


def _behind(key: str, wanted: Wanted) -> tuple[str, list[Any]]:
    """What comes after the row `after`. A null sorts as the least value either way, so that paging
    by key never skips a row.
    """
    assert wanted.after is not None
    sort, descending = wanted.sort, wanted.descending
    than = "<" if descending else ">"
    last, last_key = wanted.after
    if last is None:
        tie = f"({sort} IS NULL AND {key} {than} ?)"
        return (tie if descending else f"({tie} OR {sort} IS NOT NULL)"), [last_key]
    past = f"{sort} {than} ? OR ({sort} = ? AND {key} {than} ?)"
    text = f"({past} OR {sort} IS NULL)" if descending else f"({past})"
    return text, [last, last, last_key]
