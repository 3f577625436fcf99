"""The patterns of what a store's runs were asked, and how the runs of each went."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from jollyscope.analysis.groups.samples import ENDED
from jollyscope.analysis.queries.patterns import Pattern, Patterns
from jollyscope.analysis.queries.sums import Asked, Sums
from jollyscope.analysis.queries.words import HEAD
from jollyscope.query.filter import engine
from jollyscope.query.scope import Scope
from jollyscope.store.api import EngineName, Reader

__all__ = ["Queries", "queries"]

SAMPLE = 10_000
"""Runs that patterns are learnt from: those whose ids have the least digests, the same in every store."""
_KNOWN = 50_000
"""Texts whose pattern is remembered at a time."""


class Queries(NamedTuple):
    """Patterns with the sums of their runs, those of the most runs first; the sums of the runs whose input
    is of none, and of those without any.
    """

    found: list[tuple[Pattern, Sums]]
    other: Sums
    silent: Sums


def queries(reader: Reader, scope: Scope) -> Queries:
    """What the ended runs of a scope were asked. Raises `StoreError`.

    The store is read twice, a sample for the patterns and every run for the sums, and memory does not grow
    with the runs: 50,000 whose inputs are 100 characters of prose, none like another, took 12 s of a core
    and 170 MB; a sentence with slots takes a fifth of that.
    """
    patterns = Patterns(_sample(reader, scope))
    sums = [Sums() for _ in patterns.found]
    other, silent = Sums(), Sums()
    known: dict[str, int | None] = {}
    for run in _runs(reader, scope):
        text = run.input
        if not text or text.isspace():
            silent.add(run)
            continue
        if text not in known:
            if len(known) >= _KNOWN:
                known.clear()
            known[text] = patterns.of(text)
        place = known[text]
        (other if place is None else sums[place]).add(run)
    found = [
        (pattern, held) for pattern, held in zip(patterns.found, sums, strict=True) if held.runs
    ]
    found.sort(key=lambda one: (-one[1].runs, one[0].template))
    return Queries(found, other, silent)


def _beginning(dialect: EngineName) -> str:
    return f"{'substringUTF8' if dialect == 'clickhouse' else 'substr'}(input, 1, {HEAD})"


def _sample(reader: Reader, scope: Scope) -> list[str]:
    where = scope.condition("traces", engine(reader))
    digest = "hex(MD5(trace_id))" if reader.dialect == "clickhouse" else "upper(md5(trace_id))"
    table = reader.query(
        f"SELECT {_beginning(reader.dialect)} FROM ads_traces WHERE {ENDED} AND trim(input) <> '' "
        f"AND {where.sql} ORDER BY {digest} LIMIT {SAMPLE}",
        where.parameters,
        **scope.promise("traces", where),
    )
    return [str(row[0]) for row in table.rows]


def _runs(reader: Reader, scope: Scope) -> Iterator[Asked]:
    where = scope.condition("traces", engine(reader))
    sql = (
        f"SELECT trace_id, {_beginning(reader.dialect)} AS asked, "
        "status = 'error' OR state = 'interrupted' AS failed, step_count, duration_ms, "
        "CASE WHEN input_tokens IS NOT NULL OR output_tokens IS NOT NULL "
        "THEN coalesce(input_tokens, 0) + coalesce(output_tokens, 0) END AS tokens, cost_usd "
        f"FROM ads_traces WHERE {ENDED} AND {where.sql}"
    )
    with reader.answer(sql, where.parameters) as answer:
        for rows in answer.rows():
            for trace_id, text, failed, steps, ms, tokens, usd in rows:
                yield Asked(str(trace_id), text, bool(failed), int(steps), float(ms), tokens, usd)
