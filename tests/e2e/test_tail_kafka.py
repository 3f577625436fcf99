"""Following Kafka, against a real broker that is killed and topics that grow on the way.

`TAIL_RECORDS=1000000` makes the stream as long as that.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from jollyscope.config import KafkaConfig
from jollyscope.transport.following import Follower, Heard, Start, follow_kafka
from jollyscope.transport.kafka import client_of, connect, ensure_topics, topics
from tests.kafka_broker import Broker

pytestmark = pytest.mark.slow

RECORDS = int(os.environ.get("TAIL_RECORDS", "30000"))
EXECUTIONS = topics("jollyscope")["span"]


@pytest.fixture
def follow(kafka: Broker, request: pytest.FixtureRequest) -> Iterator[Callable[..., Follower]]:
    """Follows topics of the test's own."""
    made: list[Follower] = []

    def make(start: Start, **more: Any) -> Follower:
        made.append(follow_kafka(config(kafka, request), start=start, **more))
        return made[-1]

    yield make
    for one in made:
        one.close()


def config(broker: Broker, request: pytest.FixtureRequest) -> KafkaConfig:
    return KafkaConfig(
        brokers=broker.address,
        topics=f"tail-{request.node.name.partition('[')[0]}",
        properties={"message.timeout.ms": "300000"},
    )


def producer_of(settings: KafkaConfig) -> Any:
    made = connect(settings, queue_bytes=64 << 20, on_error=lambda error: None)
    ensure_topics(made, settings, timeout=60)
    return made


def read(follower: Follower, number: int, seconds: float = 240) -> list[Heard]:
    """So many records, and whatever comes with the last of them."""
    found: list[Heard] = []
    deadline = time.monotonic() + seconds
    while len(found) < number:
        found += follower.poll(0.2)
        assert time.monotonic() < deadline, f"{len(found)} of {number}: {follower.standing}"
    return found


def numbers(heard: list[Heard]) -> list[int]:
    return [json.loads(one.line)["n"] for one in heard]


def grow(settings: KafkaConfig, topic: str, partitions: int) -> None:
    from confluent_kafka.admin import AdminClient
    from confluent_kafka.cimpl import NewPartitions

    admin = client_of(AdminClient, settings)
    for done in admin.create_partitions([NewPartitions(topic, partitions)]).values():
        done.result(60)


def knowing(settings: KafkaConfig, partitions: int) -> Any:
    """A producer that knows of all partitions."""
    while True:
        made = producer_of(settings)
        if (
            len(made.list_topics(EXECUTIONS, timeout=30).topics[EXECUTIONS].partitions)
            == partitions
        ):
            return made


def test_nothing_missed_nothing_doubled_over_a_kill_and_an_added_partition(
    own_kafka: Callable[..., Broker],
):
    """The lines say which partition they went to and their place in it."""
    broker = own_kafka()
    broker.start()
    settings = KafkaConfig(brokers=broker.address, properties={"message.timeout.ms": "600000"})
    follower = follow_kafka(settings, start=Start.now())
    read_some, read_half = threading.Event(), threading.Event()

    def produce() -> None:
        producer = producer_of(settings)
        places: Counter[int] = Counter()
        partitions = 3
        for number in range(RECORDS):
            if number == RECORDS // 3:
                read_some.wait(120)
                broker.kill()
                broker.start()
            if number == RECORDS * 2 // 3:
                producer.flush(240)
                read_half.wait(240)
                grow(settings, EXECUTIONS, 5)
                producer, partitions = knowing(settings, 5), 5
            partition = number % partitions
            line = b'{"p":%d,"at":%d}' % (partition, places[partition])
            places[partition] += 1
            while True:
                try:
                    producer.produce(EXECUTIONS, line, partition=partition)
                    break
                except BufferError:
                    producer.poll(0.1)
            producer.poll(0)
        producer.flush(240)

    thread = threading.Thread(target=produce)
    thread.start()
    try:
        seen: defaultdict[int, int] = defaultdict(int)
        deadline = time.monotonic() + 240 + RECORDS / 2_000
        while sum(seen.values()) < RECORDS:
            for heard in follower.poll(0.2):
                told = json.loads(heard.line)
                # In order, each once: the next of its partition is the only one that may come.
                assert told["at"] == seen[told["p"]]
                seen[told["p"]] += 1
            if sum(seen.values()) >= RECORDS // 10:
                read_some.set()
            if sum(seen.values()) >= RECORDS // 2:
                read_half.set()
            assert time.monotonic() < deadline, f"{dict(seen)}: {follower.standing}"
        assert set(seen) == {0, 1, 2, 3, 4}
        assert follower.poll(0) == []
        assert follower.standing.skipped == 0
    finally:
        read_some.set()
        read_half.set()
        thread.join()
        follower.close()


@pytest.fixture
def filled(kafka: Broker, request: pytest.FixtureRequest) -> tuple[KafkaConfig, Any]:
    """Thirty spans with a time of their own each, ten a partition, and an event."""
    settings = config(kafka, request)
    producer = producer_of(settings)
    base = time.time_ns() // 1_000_000 - 60_000
    for number in range(30):
        producer.produce(
            f"{settings.topics}.executions", b'{"n":%d}' % number,
            partition=number % 3, timestamp=base + number * 1000,
        )  # fmt: skip
    producer.produce(f"{settings.topics}.events", b'{"n":99}', partition=0, timestamp=base)
    producer.flush(60)
    return settings, (producer, base)


def test_every_start(filled: tuple[KafkaConfig, Any], follow: Callable[..., Follower]):
    settings, (producer, base) = filled
    spans = {"kinds": ["span"]}
    now = follow(Start.now(), **spans)
    assert sorted(numbers(read(follow(Start.beginning()), 31))) == [*range(30), 99]
    assert numbers(read(follow(Start.last(7), **spans), 7)) == list(range(23, 30))
    since = follow(Start.since((base + 12_000) * 1_000_000), **spans)
    assert sorted(numbers(read(since, 18))) == list(range(12, 30))
    assert sorted(numbers(read(follow(Start.offset(8), **spans), 6))) == list(range(24, 30))
    one = read(follow(Start.offset(2), partition=1, **spans), 8)
    assert numbers(one) == list(range(7, 30, 3))
    assert one[0].written == (base + 7000) * 1_000_000
    producer.produce(f"{settings.topics}.executions", b'{"n":30}')
    producer.flush(60)
    assert numbers(read(now, 1)) == [30]


def test_the_broker_keeps_no_trace_of_a_follower(
    kafka: Broker, filled: tuple[KafkaConfig, Any], follow: Callable[..., Follower]
):
    from confluent_kafka.admin import AdminClient

    follower = follow(Start.beginning(), group="watchers")
    read(follower, 31)
    follower.close()
    groups = client_of(AdminClient, filled[0]).list_consumer_groups().result(60)
    assert [one.group_id for one in groups.valid] == []


def test_what_the_broker_has_deleted_is_counted(
    filled: tuple[KafkaConfig, Any], follow: Callable[..., Follower]
):
    from confluent_kafka.admin import AdminClient
    from confluent_kafka.cimpl import TopicPartition

    settings, _ = filled
    admin = client_of(AdminClient, settings)
    topic = f"{settings.topics}.executions"
    for done in admin.delete_records([TopicPartition(topic, 0, 4)]).values():
        done.result(60)
    follower = follow(Start.offset(0), partition=0, kinds=["span"])
    assert numbers(read(follower, 6)) == list(range(12, 30, 3))
    assert follower.standing.skipped == 4


def test_a_broker_that_is_away_is_told_and_found_when_it_is_there(
    own_kafka: Callable[..., Broker],
):
    broker = own_kafka()
    settings = KafkaConfig(brokers=broker.address)
    follower = follow_kafka(settings, start=Start.now())
    try:
        standing = follower.standing
        assert not standing.connected
        assert standing.source == f"kafka {broker.address}"
        assert "again and again" in standing.sentence
        assert follower.poll(0) == []
        broker.start()
        producer = producer_of(settings)
        producer.produce(EXECUTIONS, b'{"n":1}')
        producer.flush(60)
        assert numbers(read(follower, 1)) == [1]
        assert follower.standing.connected
    finally:
        follower.close()
