"""The store on a ClickHouse server. See `store.api.Store` for what its methods promise.

Records come by Kafka: the server reads the topics itself, so there is nothing to load.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from jollyscope.config import ClickHouseConfig
from jollyscope.errors import StoreError
from jollyscope.store.api import Capabilities, StoreInfo
from jollyscope.store.clickhouse import ddl, upkeep
from jollyscope.store.clickhouse.connection import Client, connect, quoted, troubles
from jollyscope.store.clickhouse.reader import ClickHouseReader
from jollyscope.store.clickhouse.state import ClickHouseState
from jollyscope.store.clickhouse.url import Address
from jollyscope.store.clickhouse.writing import replay

__all__ = ["ClickHouseStore"]


class ClickHouseStore:
    """One database of a server."""

    def __init__(self, address: Address, settings: ClickHouseConfig | None = None) -> None:
        self.address = address
        self.url = address.shown
        self.settings = settings or ClickHouseConfig()
        self.capabilities = Capabilities(maintain=True, local=bool(address.folder))
        self._checked = False
        self.state = ClickHouseState(self._client)

    def reader(self, *, load: bool = True) -> ClickHouseReader:
        """A view; each of its questions sees what is there when it is asked."""
        if not self._checked:
            with self._client() as client:
                self._check(client)
            self._checked = True
        return ClickHouseReader(self.address, self.settings.timeout_s)

    def migrate(self, topics: ddl.Topics | None = None) -> int:
        """Make the database where there is none, and bring its schema up to date; the version it
        was at. Without `topics` it reads no Kafka.
        """
        with connect(self.address, database="") as client, troubles(self.address):
            client.command(f"CREATE DATABASE IF NOT EXISTS {quoted(self.address.database)}")
        with self._client() as client:
            return ddl.apply(client, topics=topics, settings=self.settings)

    def replay(self, spool: Path) -> int:
        """Every line of a spool into the store; lines written. Doing it twice changes no answer."""
        with self._client() as client:
            return replay(client, spool)

    def load(self) -> int:
        """Nothing waits here: 0."""
        return 0

    def compact(self) -> int:
        """Have the server merge its parts; parts replaced."""
        with self._client() as client:
            return upkeep.compact(client)

    def prune(self, *, older_than: int | None = None, max_bytes: int | None = None) -> int:
        """Drop records from before `older_than` (Unix ns) and the oldest above `max_bytes`."""
        with self._client() as client:
            return upkeep.prune(client, older_than, max_bytes)

    def info(self) -> StoreInfo:
        """What is there and what is wrong with it."""
        with self.reader() as reader:
            return upkeep.info(reader, self.url)

    def close(self) -> None:
        """Nothing is kept open between calls."""

    @contextmanager
    def _client(self) -> Generator[Client]:
        with (
            connect(self.address, timeout=self.settings.timeout_s) as client,
            troubles(self.address),
        ):
            yield client

    def _check(self, client: Client) -> None:
        version = ddl.applied(client)
        if version > ddl.newest():
            raise ddl.too_new(version)
        if version < ddl.newest():
            what = "has no tables of JollyScope" if not version else f"is at schema {version}"
            raise StoreError(
                f"The database {self.url} {what}.",
                hint="`jollyscope up` makes them, and brings older ones up to date.",
            )
