"""Topics of the pipeline, and what stands between them and ClickHouse's engine.

ClickHouse's Kafka tables do not start within a process: a consumer stands in for them and writes what
it reads into tables of the same names, through the very views behind. As they do, it commits what it
has read once that is written, and begins where it last committed.
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from confluent_kafka import Consumer, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

__all__ = ["QUEUES", "Feeder", "make_topics"]

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


def make_topics(brokers: str, prefix: str) -> None:
    """All of them, of three partitions each."""
    names = ("executions", *QUEUES)
    topics = [NewTopic(f"{prefix}.{name}", num_partitions=3) for name in names]
    admin = AdminClient({"bootstrap.servers": brokers})
    made: Any = admin.create_topics(topics)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    for done in made.values():
        done.result(30)


class Feeder:
    """What ClickHouse's consumers do. Made, it is there and reads."""

    def __init__(self, brokers: str, prefix: str, client: Client) -> None:
        self._brokers, self._prefix, self._client = brokers, prefix, client
        self.join()

    def join(self) -> None:
        """ClickHouse is there and reads, from where it last committed."""
        self._consumer = Consumer({
            "bootstrap.servers": self._brokers, "group.id": f"{self._prefix}-clickhouse",
            "auto.offset.reset": "earliest", "enable.auto.commit": False,
            "reconnect.backoff.max.ms": 500,
        })  # fmt: skip
        self._consumer.assign(self._partitions(*QUEUES))

    def leave(self) -> None:
        """ClickHouse is away."""
        self._consumer.close()

    def feed(self, seconds: float, *, commit: bool = True) -> int:
        """As much as comes in that time; messages taken. Without `commit` it is as if the server died
        between writing and saying so.
        """
        found = self._consumer.consume(20_000, seconds)
        rows: defaultdict[str, list[list[Any]]] = defaultdict(list)
        for message in found:
            if message.error() is None:
                topic = str(message.topic())
                table = QUEUES[topic.removeprefix(f"{self._prefix}.")]
                rows[table].append([message.value(), topic, message.partition(), message.offset()])
        for table, block in rows.items():
            self._client.insert(table, block, column_names=COLUMNS)
        if rows and commit:
            # While the broker is away nothing can be committed; the next block's commit covers it.
            with suppress(KafkaException):
                self._consumer.commit(asynchronous=False)
        return sum(map(len, rows.values()))

    def held(self, name: str) -> int:
        """Messages that a topic has taken in."""
        ends = [self._consumer.get_watermark_offsets(p, 10) for p in self._partitions(name)]
        assert None not in ends
        return sum(high for _, high in ends)

    def _partitions(self, *names: str) -> list[TopicPartition]:
        return [TopicPartition(f"{self._prefix}.{name}", n) for name in names for n in range(3)]
