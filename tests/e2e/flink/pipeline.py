"""Kafka, Flink and ClickHouse's engine as one pipeline.

ClickHouse's Kafka tables do not start within a process: a consumer stands in for them and writes what
it reads into tables of the same names, through the very views behind. As they do, it commits what it
has read once that is written, and begins where it last committed.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from jollyscope.config import KafkaConfig
from jollyscope.store.clickhouse.store import ClickHouseStore
from tests.clickhouse import address, emptied
from tests.e2e.flink.cluster import Cluster
from tests.kafka_broker import Broker

QUEUES = {
    "spans.clean": "ods_spans_queue",
    "metrics": "ods_metrics_queue",
    "events": "ods_events_queue",
    "alerts": "ods_events_queue",
    "stats": "dws_windows_queue",
    "deadletter": "dwd_dead_letters_queue",
}
"""Which table reads which topic."""
COLUMNS = ["line", "_topic", "_partition", "_offset"]


class Pipeline:
    """What a record passes between a sink and a store. Topics have three partitions each."""

    def __init__(self, broker: Broker, cluster: Cluster, prefix: str) -> None:
        self.broker, self.cluster, self.prefix = broker, cluster, prefix
        self.config = KafkaConfig(brokers=broker.address, topics=prefix)
        self.client = emptied("pipeline")
        self.store = ClickHouseStore(address("pipeline"))
        names = [f"{prefix}.{name}" for name in ("executions", *QUEUES)]
        admin = AdminClient({"bootstrap.servers": broker.address})
        made = admin.create_topics([NewTopic(name, num_partitions=3) for name in names])
        for done in made.values():
            done.result(30)
        self.join()

    def join(self) -> None:
        """ClickHouse is there and reads, from where it last committed."""
        self._consumer = Consumer({
            "bootstrap.servers": self.broker.address, "group.id": f"{self.prefix}-clickhouse",
            "auto.offset.reset": "earliest", "enable.auto.commit": False,
            "reconnect.backoff.max.ms": 500,
        })  # fmt: skip
        self._consumer.assign(self._partitions(*QUEUES))

    def leave(self) -> None:
        """ClickHouse is away."""
        self._consumer.close()

    def _partitions(self, *names: str) -> list[TopicPartition]:
        return [TopicPartition(f"{self.prefix}.{name}", n) for name in names for n in range(3)]

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

    def feed(self, seconds: float, *, commit: bool = True) -> int:
        """What ClickHouse's consumers do: as much as comes in that time; messages taken. Without
        `commit` it is as if the server died between writing and saying so.
        """
        found = self._consumer.consume(20_000, seconds)
        rows: defaultdict[str, list[list[Any]]] = defaultdict(list)
        for message in found:
            if message.error() is None:
                topic = str(message.topic())
                table = QUEUES[topic.removeprefix(f"{self.prefix}.")]
                rows[table].append([message.value(), topic, message.partition(), message.offset()])
        for table, block in rows.items():
            self.client.insert(table, block, column_names=COLUMNS)
        if rows and commit:
            # While the broker is away nothing can be committed; the next block's commit covers it.
            with suppress(KafkaException):
                self._consumer.commit(asynchronous=False)
        return sum(map(len, rows.values()))

    def feed_until(self, holds: Callable[[], bool], otherwise: str, timeout: float = 300) -> None:
        """Feed the store until it holds, and what comes in the second after."""
        deadline = time.monotonic() + timeout
        while not holds():
            self.feed(0.2)
            assert time.monotonic() < deadline, f"{otherwise}\n{self.cluster.said()}"
        self.feed(1.0)

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

    def held(self, name: str) -> int:
        """Messages that a topic has taken in."""
        ends = [self._consumer.get_watermark_offsets(p, 10) for p in self._partitions(name)]
        assert None not in ends
        return sum(high for _, high in ends)

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
        self._consumer.close()
