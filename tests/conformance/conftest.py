"""Every store runs this suite. A store joins by a factory here: feed it records, read it back."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from itertools import groupby
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

from jollyscope.config import ClickHouseConfig
from jollyscope.model.records import Record
from jollyscope.model.wire import KIND_OF, encode, encode_lines
from jollyscope.store.api import Store
from jollyscope.store.clickhouse.ddl import apply
from jollyscope.store.clickhouse.store import ClickHouseStore
from jollyscope.store.lake.store import LakeStore
from jollyscope.transport.spool import SpoolWriter, spool_dir
from tests.clickhouse import address, emptied


class Subject(ABC):
    """A store under test and the way records reach it."""

    store: Store

    @abstractmethod
    def feed(self, records: Iterable[Record], *, load: bool = True) -> None:
        """Deliver records, in this order, and have the store take them in."""

    @abstractmethod
    def writer_dies(self) -> None:
        """What the store has heard as open will never close."""

    @abstractmethod
    def close(self) -> None:
        """Let go of everything."""


class Lake(Subject):
    """Records reach it through a spool."""

    def __init__(self, home: Path) -> None:
        self.store = LakeStore(home)
        self.home = home
        self.writer = SpoolWriter(spool_dir(home))

    def feed(self, records: Iterable[Record], *, load: bool = True) -> None:
        for record in records:
            self.writer.write(KIND_OF[type(record)], encode_lines([record]))
        if load:
            self.store.load()

    def writer_dies(self) -> None:
        self.writer.close()
        self.writer = SpoolWriter(spool_dir(self.home))

    def close(self) -> None:
        self.writer.close()
        self.store.close()


class ClickHouse(Subject):
    """Records reach it as a Kafka message does: a line each, into what stands for the Kafka tables."""

    DATABASE = "conformance"

    def __init__(self, home: Path) -> None:
        self.client = emptied(self.DATABASE)
        self.patient = True
        self.store = ClickHouseStore(address(self.DATABASE))

    def feed(self, records: Iterable[Record], *, load: bool = True) -> None:
        # In messages that come together, one kind after the other, as a consumer's blocks do.
        for kind, some in groupby(records, key=lambda record: KIND_OF[type(record)]):
            lines = [[encode(record), "topic", 0, n] for n, record in enumerate(some)]
            self.client.insert(
                f"ods_{kind}s_queue",
                lines,
                column_names=["line", "_topic", "_partition", "_offset"],
                column_type_names=["String", "LowCardinality(String)", "UInt64", "UInt64"],
            )

    def writer_dies(self) -> None:
        """Nothing will be heard for as long as it takes to call a span interrupted."""
        apply(self.client, settings=ClickHouseConfig(interrupted_s=0))
        self.patient = False

    def close(self) -> None:
        if not self.patient:
            apply(self.client)
        self.store.close()


FACTORIES: dict[str, Callable[[Path], Subject]] = {"clickhouse": ClickHouse, "lake": Lake}


class Maker:
    """Makes fresh subjects of one kind, for tests that need one an example."""

    def __init__(self, factory: Callable[[Path], Subject], home: Callable[[], Path], speed: int):
        self._factory = factory
        self._home = home
        self._speed = speed
        self._made: list[Subject] = []

    def __call__(self) -> Subject:
        self._made.append(self._factory(self._home()))
        return self._made[-1]

    def examples(self, count: int) -> settings:
        """How a property is tried on this store: `count` times where that takes no time."""
        return settings(
            max_examples=max(1, count // self._speed),
            deadline=None,
            suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
            # The same example is tried again on the other store.
            database=None,
            # Where a question is dear, what failed is told as it was found.
            phases=[p for p in Phase if self._speed == 1 or p is Phase.generate],
        )

    def close(self) -> None:
        for subject in self._made:
            subject.close()


SLOWNESS = {"clickhouse": 12, "lake": 1}
"""A question costs ClickHouse 100 ms before it looks at a row: the views are planned anew each time."""


@pytest.fixture(params=sorted(FACTORIES))
def make(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    maker = Maker(
        FACTORIES[request.param], lambda: tmp_path_factory.mktemp("store"), SLOWNESS[request.param]
    )
    yield maker
    maker.close()


@pytest.fixture
def subject(make: Maker) -> Subject:
    return make()
