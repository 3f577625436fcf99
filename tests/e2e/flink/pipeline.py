"""Kafka, Flink and ClickHouse's engine as one pipeline."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from confluent_kafka import Producer

from jollyscope.config import KafkaConfig
from jollyscope.store.clickhouse.store import ClickHouseStore
from tests.clickhouse import address, emptied
from tests.e2e.flink.cluster import Cluster
from tests.e2e.flink.feeding import Feeder, make_topics
from tests.kafka_broker import Broker


class Pipeline:
    """What a record passes between a sink and a store. Topics have three partitions each."""

    def __init__(self, broker: Broker, cluster: Cluster, prefix: str) -> None:
        self.broker, self.cluster, self.prefix = broker, cluster, prefix
        self.config = KafkaConfig(brokers=broker.address, topics=prefix)
        self.client = emptied("pipeline")
        self.store = ClickHouseStore(address("pipeline"))
        make_topics(broker.address, prefix)
        self.feeder = Feeder(broker.address, prefix, self.client)

    def produce(self, lines: list[tuple[bytes, bytes]]) -> None:
        """Key and line each, as they are, into the spans' topic; all of it acknowledged."""
        failed: list[Any] = []
        producer = Producer({
            "bootstrap.servers": self.broker.address, "acks": "all", "compression.type": "zstd",
            "enable.idempotence": True, "partitioner": "murmur2_random", "linger.ms": 5,
            "queue.buffering.max.messages": 1_000_000,
        })  # fmt: skip
        for key, line in lines:
            producer.produce(
                f"{self.prefix}.executions", line, key,
                on_delivery=lambda error, _: failed.append(error) if error else None,
            )  # fmt: skip
            producer.poll(0)
        assert producer.flush(120) == 0
        assert not failed, failed[0]

    def feed_until(self, holds: Callable[[], bool], otherwise: str, timeout: float = 300) -> None:
        """Feed the store until it holds, and what comes in the second after."""
        deadline = time.monotonic() + timeout
        while not holds():
            self.feeder.feed(0.2)
            assert time.monotonic() < deadline, f"{otherwise}\n{self.cluster.said()}"
        self.feeder.feed(1.0)

    def told(self, closed: int) -> None:
        """Feed the store until it holds that many spans, and no more."""
        self.feed_until(lambda: self.closed() >= closed, f"fewer than {closed} spans")
        assert self.closed() == closed

    def closed(self) -> int:
        """Spans that can be asked for."""
        return self.ask("SELECT count() FROM dwd_spans")

    def letters(self) -> int:
        """Dead letters likewise."""
        return self.ask("SELECT count() FROM dwd_dead_letters")

    def ask(self, sql: str) -> Any:
        """One value of the store."""
        return self.client.query(sql).result_rows[0][0]

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.client.query(sql).result_rows]

    def messages(self, name: str) -> list[tuple[int, bytes, bytes]]:
        """All of a topic: partition, key and value."""
        from tests.e2e.test_kafka_sink import everything

        return everything(self.config, f"{self.prefix}.{name}")

    def close(self) -> None:
        self.feeder.leave()
