"""Records written straight to a server: a spool's replay, and tests.

Lines go into the ODS tables, as Kafka's do, so that one way fills everything behind them. Delivering
the same line again changes no answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from jollyscope.model.records import RecordKind
from jollyscope.store.clickhouse.connection import Client
from jollyscope.transport.spool import segments

__all__ = ["Line", "replay", "write"]

BATCH = 50_000
"""Lines of one insert: 60 MB of spans, which become one part of each table."""


class Line(NamedTuple):
    """A record as it was written, and where it stood."""

    line: bytes
    partition: str = ""
    offset: int = 0


def write(client: Client, kind: RecordKind, lines: Iterable[Line], *, topic: str) -> int:
    """Lines of one kind into the store; how many. What is no record becomes a dead letter."""
    waiting: list[Line] = []
    written = 0
    for line in lines:
        waiting.append(line)
        if len(waiting) == BATCH:
            written += _insert(client, kind, waiting, topic)
            waiting = []
    return written + (_insert(client, kind, waiting, topic) if waiting else 0)


def replay(client: Client, spool: Path) -> int:
    """Every whole line of a spool's segments into the store; how many. May be done again."""
    written = 0
    for segment in segments(spool):
        with segment.path.open("rb") as file:
            data = file.read(segment.size)
        name = str(segment.path.relative_to(spool))
        written += write(client, segment.kind, _lines(data, name), topic="spool")
    return written


def _lines(data: bytes, name: str) -> Iterable[Line]:
    at = 0
    for line in data.split(b"\n")[:-1]:  # What stands behind the last newline is torn.
        if line.strip():
            yield Line(line, name, at)
        at += len(line) + 1


def _insert(client: Client, kind: RecordKind, lines: list[Line], topic: str) -> int:
    client.insert(
        f"ods_{kind}s",
        [[topic for _ in lines], *(list(column) for column in zip(*lines, strict=True))],
        column_names=["topic", "line", "partition", "offset"],
        column_type_names=["LowCardinality(String)", "String", "String", "Int64"],
        column_oriented=True,
    )
    return len(lines)
