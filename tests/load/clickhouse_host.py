"""ClickHouse's engine as a process of its own: it reads Kafka's topics and answers over HTTP.

    python -m tests.load.clickhouse_host FOLDER BROKERS PREFIX DATABASE

says `ready <port>`, and ends with its stdin.
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import clickhouse_connect

from jollyscope.store.clickhouse.store import ClickHouseStore
from jollyscope.store.clickhouse.url import Address
from tests.e2e.flink.feeding import Feeder
from tests.load.clickhouse_http import HttpDoor

__all__ = ["main"]

FLUSH = 1.0
"""Seconds that messages gather before they are written, as in ClickHouse's Kafka tables of `compose/`."""


def main(folder: Path, brokers: str, prefix: str, database: str) -> None:
    """Feed and answer until stdin ends."""
    ClickHouseStore(Address(folder=str(folder), database=database)).migrate()
    dsn = f"chdb://{folder}"
    client = clickhouse_connect.get_client(dsn=dsn, database=database)  # pyright: ignore[reportUnknownMemberType]
    feeder = Feeder(brokers, prefix, client)
    door = HttpDoor(folder)
    print("ready", door.port, flush=True)
    over = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
    while not over.is_set():
        feeder.feed(FLUSH)
    door.close()
    feeder.leave()


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
