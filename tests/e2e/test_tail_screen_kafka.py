"""The tail screen on a real broker that dies and comes back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from jollyscope.config import KafkaConfig
from jollyscope.model.wire import encode
from jollyscope.store.backend_state import Addresses, BackendState, write_state
from jollyscope.transport.kafka import connect, ensure_topics, topics
from jollyscope.transport.spool import spool_dir
from jollyscope_tui.opening import Opening
from jollyscope_tui.sources.source import StoreSource
from tests.kafka_broker import Broker
from tests.tui import fakes
from tests.tui.conftest import explorer, lines_of, outside_tmux, steady_cursors, until

__all__ = ["outside_tmux", "steady_cursors"]

pytestmark = pytest.mark.slow


def backend(home: Path, broker: Broker) -> None:
    addresses = Addresses(
        kafka=broker.address, flink="", clickhouse="", grafana="", otlp_grpc="", otlp_http=""
    )
    write_state(home, BackendState(profile="small", addresses=addresses, started=1))


async def test_records_of_a_broker_are_heard_before_and_after_it_was_away(
    own_kafka: Callable[..., Broker], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker, home = own_kafka(), tmp_path / "home"
    broker.start()
    monkeypatch.setenv("JOLLYSCOPE_HOME", str(home))
    spool_dir(home).mkdir(parents=True)
    backend(home, broker)
    settings = KafkaConfig(brokers=broker.address, properties={"message.timeout.ms": "600000"})
    producer = connect(settings, queue_bytes=1 << 20, on_error=lambda error: None)
    ensure_topics(producer, settings, timeout=60)

    def say(first: int, last: int) -> None:
        for number in range(first, last + 1):
            span = fakes.span(number, None, number, 0.5, name=f"step {number}")
            producer.produce(topics("jollyscope")["span"], encode(span))
        producer.flush(0)

    def names() -> list[str]:
        return sorted(line.split("step ")[1][:2] for line in lines_of(app) if "step 1" in line)

    source = StoreSource(f"lake://{home}")
    app = explorer(source, opens=Opening(place="tail"))  # type: ignore[arg-type]
    try:
        async with app.run_test(size=(100, 24)) as pilot:
            await until(pilot, lambda: f"kafka {broker.address}" in lines_of(app)[0])
            say(10, 12)
            await until(pilot, lambda: names() == ["10", "11", "12"])
            await asyncio.to_thread(broker.kill)
            await until(pilot, lambda: any("again and again" in line for line in lines_of(app)))
            assert names() == ["10", "11", "12"]
            say(13, 15)  # waits in the producer
            await asyncio.to_thread(broker.start)
            await until(pilot, lambda: names() == ["10", "11", "12", "13", "14", "15"])
            await until(pilot, lambda: "◐ live" in lines_of(app)[0])
            assert not any("again and again" in line for line in lines_of(app))
            assert " 6 heard" in lines_of(app)[0]
    finally:
        source.close()
