"""The last two steps of `up`: ClickHouse's tables, and a span that goes all the way through."""

from __future__ import annotations

import msgspec

from jollyscope.backend.stack.canary import Flight, stored, through
from jollyscope.backend.stack.progress import Progress
from jollyscope.backend.stack.stack import Stack
from jollyscope.config import load
from jollyscope.model import format as fmt
from jollyscope.store.backend_state import BackendState, kafka_of
from jollyscope.store.clickhouse.ddl import Topics, newest
from jollyscope.store.clickhouse.replicas import make_database
from jollyscope.store.clickhouse.store import ClickHouseStore
from jollyscope.store.clickhouse.url import Address, parse_address

__all__ = ["Finisher", "topics_of"]


class Finisher:
    """Makes the schema and proves the pipeline; `flight` is how the canary went."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self.flight: Flight | None = None

    def __call__(self, stack: Stack, state: BackendState, timeout: float) -> None:
        """See `up.Finish`."""
        settings = load()
        store = ClickHouseStore(parse_address(state.addresses.clickhouse), settings.clickhouse)
        topics = topics_of(state.topics, state.profile)
        others = _others(stack, store.address) if state.profile == "cluster" else None
        migrate(store, topics, self._progress, others)
        self._progress.say("Sending a span through Kafka, Flink and ClickHouse.")
        kafka = kafka_of(settings.kafka, state)
        self.flight = through(kafka, stored(store), timeout=timeout)
        self._progress.say(f"It was stored {fmt.duration(self.flight.stored_ms)} later.")


def migrate(
    store: ClickHouseStore, topics: Topics, progress: Progress, others: list[Address] | None = None
) -> None:
    """Bring the database's schema up to date, and say so; with `others`, in copies there too."""
    if others is not None:
        make_database(store.address, others)
    was = store.migrate(topics)
    if was < newest():
        done = "made" if not was else f"brought from schema {was} to {newest()}"
        progress.say(f"ClickHouse's tables were {done}.")


def _others(stack: Stack, address: Address) -> list[Address]:
    """The other replicas, by the ports they publish."""
    return [
        msgspec.structs.replace(address, port=port.number)
        for service in stack.services()
        if service.name.startswith("clickhouse-")
        for port in service.ports
        if port.inside == 8123
    ]


def topics_of(prefix: str, profile: str) -> Topics:
    """Where ClickHouse reads, from within the stack's network."""
    brokers = ("kafka", "kafka-2", "kafka-3") if profile == "cluster" else ("kafka",)
    return Topics(
        brokers=",".join(f"{name}:9092" for name in brokers),
        group=prefix,
        spans=f"{prefix}.spans.clean",
        metrics=f"{prefix}.metrics",
        events=f"{prefix}.events,{prefix}.alerts",
        stats=f"{prefix}.stats",
        dead_letters=f"{prefix}.deadletter",
    )
