"""ClickHouse's real engine within the test's process.

It has one folder a process, so all tests share it, each with a database of its own.
"""

from __future__ import annotations

import tempfile
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

__all__ = ["client"]


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="jollyscope-clickhouse-", ignore_cleanup_errors=True)


@cache
def client(database: str) -> Client:
    """A client of an empty database of that name; the same one for the same name."""
    import clickhouse_connect

    dsn = f"chdb://{_folder().name}"
    clickhouse_connect.get_client(dsn=dsn).command(f"CREATE DATABASE IF NOT EXISTS {database}")
    return clickhouse_connect.get_client(dsn=dsn, database=database)
