"""Retention, merging, and a server's account of what it holds."""

from __future__ import annotations

from typing import Any

from jollyscope.store.api import Reader, StoreInfo
from jollyscope.store.clickhouse.connection import Client

__all__ = ["compact", "info", "prune"]

_TIMED = {
    "dwd_spans_data": "start_time",
    "dwd_open_spans_data": "start_time",
    "dwd_metrics_data": "time",
    "dwd_events_data": "time",
    "dwd_dead_letters_data": "time",
}
_MERGED = (*_TIMED, "trace_states", "dws_windows")
_NOW = {"mutations_sync": 2, "lightweight_deletes_sync": 2}


def compact(client: Client) -> int:
    """Merge what can be merged, and forget spans that have ended since; parts replaced."""
    before = _parts(client)
    for table in _MERGED:
        cleanup = " CLEANUP" if table == "dwd_open_spans_data" else ""
        client.command(f"OPTIMIZE TABLE {table} FINAL{cleanup}")
    return max(0, before - _parts(client))


def _parts(client: Client) -> int:
    return int(str(client.command(
        "SELECT count() FROM system.parts WHERE active AND database = currentDatabase()"
    )))  # fmt: skip


def prune(client: Client, older_than: int | None, max_bytes: int | None) -> int:
    """Drop what began before `older_than` (Unix ns) and the oldest above `max_bytes`; spans removed."""
    cut = older_than
    if max_bytes is not None:
        fits = _fitting(client, max_bytes)
        cut = fits if cut is None else max(cut, fits)
    if cut is None:
        return 0
    before = _spans(client)
    for table, column in _TIMED.items():
        _delete(client, table, f"{column} < {{cut:Int64}}", cut)
    # What is left of a trace is a trace of its own: its row is made anew of its spans.
    touched = "trace_id IN (SELECT trace_id FROM trace_states WHERE first < {cut:Int64})"
    client.command("DROP TABLE IF EXISTS trace_states_kept_back")
    client.command("CREATE TABLE trace_states_kept_back AS trace_states")
    client.command(
        f"INSERT INTO trace_states_kept_back {_states(f'dwd_spans_data FINAL WHERE {touched}')}",
        parameters={"cut": cut},
    )
    _delete(client, "trace_states", touched, cut)
    client.command("INSERT INTO trace_states SELECT * FROM trace_states_kept_back")
    client.command("DROP TABLE trace_states_kept_back")
    return before - _spans(client)


def _states(spans: str) -> str:
    from jollyscope.store.clickhouse.ddl import render

    source = f"(SELECT *, now64(3) AS received FROM {spans})"
    return render("{trace_states:" + source + "}", {})


def _delete(client: Client, table: str, where: str, cut: int) -> None:
    client.command(
        f"DELETE FROM {table} WHERE {where}", parameters={"cut": cut}, settings=dict(_NOW)
    )


def _spans(client: Client) -> int:
    return int(str(client.command("SELECT count() FROM dwd_spans")))


def _fitting(client: Client, most: int) -> int:
    """The time from which on everything takes at most `most` bytes, as if all spans were alike."""
    held = int(str(client.command(
        "SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND database = currentDatabase() "
        "AND table NOT LIKE 'ods%'"
    )))  # fmt: skip
    spans = _spans(client)
    if held <= most or not spans:
        return -(2**62)
    keep = spans * most // held
    if not keep:
        return 2**63 - 1
    found = client.command(
        "SELECT min(start_time) FROM (SELECT start_time FROM dwd_spans ORDER BY start_time DESC "
        f"LIMIT {keep})"
    )
    return int(str(found))


_COUNTS = """
SELECT
    (SELECT count() FROM dwd_spans),
    (SELECT count() FROM dwd_open_spans),
    (SELECT count() FROM ads_traces),
    (SELECT count() FROM dwd_metrics),
    (SELECT count() FROM dwd_events),
    (SELECT count() FROM dwd_dead_letters),
    (SELECT minOrNull(start_time) FROM dwd_spans),
    (SELECT maxOrNull(start_time) FROM dwd_spans)
"""
_SIZES = """
SELECT count(), sum(bytes_on_disk) FROM system.parts
WHERE active AND database = currentDatabase()
"""


def info(reader: Reader, url: str) -> StoreInfo:
    """What is there and what is wrong with it."""
    counts: tuple[Any, ...] = reader.query(_COUNTS).rows[0]
    parts, size = reader.query(_SIZES).rows[0]
    version = reader.query("SELECT version()").rows[0][0]
    problems = list(reader.notes)
    if counts[5]:
        problems.append(
            f"{counts[5]} line{' was' if counts[5] == 1 else 's were'} refused; "
            "`dwd_dead_letters` has them with the reasons."
        )
    return StoreInfo(
        url=url,
        engine=f"ClickHouse {version}",
        spans=counts[0],
        open_spans=counts[1],
        traces=counts[2],
        metrics=counts[3],
        events=counts[4],
        dead_letters=counts[5],
        oldest=counts[6],
        newest=counts[7],
        parts=parts,
        bytes=size,
        spool_bytes=0,
        waiting_bytes=0,
        problems=problems,
    )
