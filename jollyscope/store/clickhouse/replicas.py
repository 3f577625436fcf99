"""Copies of a database on several servers: its engine is `Replicated`, and so are its tables.

https://clickhouse.com/docs/engines/database-engines/replicated: a change of the schema on one server
is made on all, agreed on through Keeper. Tables keep their rows in step by engines of their own,
which take their place in Keeper from the table's UUID when they are given none.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from jollyscope.store.clickhouse.connection import Client, connect, quoted, troubles
from jollyscope.store.clickhouse.url import Address

__all__ = ["engines_for", "make_database"]

_ENGINE = re.compile(r"(?<=ENGINE = )(\w*MergeTree)\b")


def make_database(address: Address, servers: list[Address] | None = None) -> None:
    """Make the database with copies, here and on the other `servers`, where it is not there yet.

    The servers' macros `shard` and `replica` tell them apart. Raises `StoreError`.
    """
    for one in (address, *(servers or [])):
        with connect(one, database="") as client, troubles(one):
            client.command(
                f"CREATE DATABASE IF NOT EXISTS {quoted(one.database)} "
                f"ENGINE = Replicated('/clickhouse/databases/{one.database}', '{{shard}}', '{{replica}}')"
            )


def engines_for(client: Client) -> Callable[[str], str]:
    """What turns a table's engine into that of the client's database: its own, or with copies."""
    engine = client.command("SELECT engine FROM system.databases WHERE name = currentDatabase()")
    return _with_copies if engine == "Replicated" else str


def _with_copies(sql: str) -> str:
    return _ENGINE.sub(r"Replicated\1", sql)
