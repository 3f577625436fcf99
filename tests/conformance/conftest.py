"""Every store runs this suite. A store joins by a factory here: feed it records, read it back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from jollyscope.model.records import Record
from jollyscope.model.wire import KIND_OF, encode_lines
from jollyscope.store.api import Store
from jollyscope.store.lake.store import LakeStore
from jollyscope.transport.spool import SpoolWriter, spool_dir


class Subject:
    """A store under test and the way records reach it."""

    def __init__(self, store: Store, home: Path) -> None:
        self.store = store
        self.home = home
        self.writer = SpoolWriter(spool_dir(home))

    def feed(self, records: Iterable[Record], *, load: bool = True) -> None:
        """Deliver records, in this order, and have the store take them in."""
        for record in records:
            self.writer.write(KIND_OF[type(record)], encode_lines([record]))
        if load:
            self.store.load()

    def writer_dies(self) -> None:
        """What the store has heard as open will never close."""
        self.writer.close()
        self.writer = SpoolWriter(spool_dir(self.home))


def lake(home: Path) -> Subject:
    return Subject(LakeStore(home), home)


FACTORIES: dict[str, Callable[[Path], Subject]] = {"lake": lake}


@pytest.fixture(params=sorted(FACTORIES))
def make(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    """A maker of fresh subjects, for tests that need one an example."""
    made: list[Subject] = []

    def fresh() -> Subject:
        subject = FACTORIES[request.param](tmp_path_factory.mktemp("store"))
        made.append(subject)
        return subject

    yield fresh
    for subject in made:
        subject.writer.close()
        subject.store.close()


@pytest.fixture
def subject(make: Callable[[], Subject]) -> Subject:
    return make()
