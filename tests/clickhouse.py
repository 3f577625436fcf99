"""ClickHouse's real engine within the test's process.

It has one folder a process, so all tests share it, each with a database of its own.
"""

from __future__ import annotations

import tempfile
from functools import cache
from typing import TYPE_CHECKING

from jollyscope.store.clickhouse.url import Address

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

__all__ = ["address", "client", "emptied"]


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="jollyscope-clickhouse-", ignore_cleanup_errors=True)


def address(database: str) -> Address:
    """Where a store of that name is."""
    return Address(folder=_folder().name, database=database)


@cache
def client(database: str) -> Client:
    """A client of an empty database of that name; the same one for the same name."""
    import clickhouse_connect

    dsn = f"chdb://{_folder().name}"
    clickhouse_connect.get_client(dsn=dsn).command(f"CREATE DATABASE IF NOT EXISTS {database}")
    return clickhouse_connect.get_client(dsn=dsn, database=database)


def emptied(database: str) -> Client:
    """A client of a store's database whose tables hold nothing. Making one takes a second, emptying it
    a hundredth.
    """
    from jollyscope.store.clickhouse.store import ClickHouseStore

    _made(database, ClickHouseStore)
    found = client(database)
    held = found.query(
        "SELECT DISTINCT table FROM system.parts WHERE active AND rows > 0 "
        "AND database = currentDatabase() AND table <> 'schema_versions'"
    )
    for (table,) in held.result_rows:
        found.command(f"TRUNCATE TABLE {table}")
    return found


@cache
def _made(database: str, store: type) -> None:
    store(address(database)).migrate()
