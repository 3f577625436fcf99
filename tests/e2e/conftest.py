"""The real things that end-to-end tests run against."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import kafka_broker
from tests.kafka_broker import Broker


@pytest.fixture(scope="session")
def kafka_jars(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The class path of a broker."""
    lacking = kafka_broker.missing()
    if lacking:
        pytest.skip(lacking)
    base = tmp_path_factory.getbasetemp()
    # Under xdist every worker has a folder of its own in that of the run.
    return kafka_broker.classpath(base.parent if base.name.startswith("popen-") else base)


@pytest.fixture(scope="session")
def kafka(kafka_jars: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A broker for all tests of a worker; topics are told apart by their prefix."""
    broker = Broker(tmp_path_factory.mktemp("kafka"), kafka_jars)
    try:
        broker.start()
        yield broker
    finally:
        broker.stop()


@pytest.fixture
def own_kafka(kafka_jars: str, tmp_path: Path) -> Iterator[Callable[..., Broker]]:
    """Makes brokers for one test, not yet started, with settings of their own."""
    made: list[Broker] = []

    def make(**settings: str) -> Broker:
        named = {key.replace("_", "."): value for key, value in settings.items()}
        made.append(Broker(tmp_path / f"kafka-{len(made)}", kafka_jars, **named))
        return made[-1]

    yield make
    for broker in made:
        broker.stop()
