"""Records into a real Kafka broker: whole, keyed, in order; and what its absence means."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any
from uuid import uuid4

import pytest

from jollyscope.config import KafkaConfig
from jollyscope.errors import JollyScopeError
from jollyscope.model.records import EventRecord, MetricRecord, Record, SpanRecord
from jollyscope.model.wire import KIND_OF, decode, encode
from jollyscope.receive.kafka_sink import KafkaSink
from jollyscope.receive.sink import OverloadedError, RefusedError, SinkDownError
from jollyscope.transport.kafka import NoBrokerError, topics
from tests.kafka_broker import Broker, free_ports

MB = 1 << 20
Own = Callable[..., Broker]


def settings(broker: Broker, **properties: str) -> KafkaConfig:
    named = {key.replace("_", "."): value for key, value in properties.items()}
    return KafkaConfig(brokers=broker.address, topics=f"t{uuid4().hex[:8]}", properties=named)


def span(trace: int, number: int, text: str = "") -> SpanRecord:
    return SpanRecord(
        trace_id=f"{trace + 1:032x}", span_id=f"{number + 1:016x}",
        start_time=number, end_time=number + 1, name="想 👥", input=text,
    )  # fmt: skip


def everything(config: KafkaConfig, topic: str) -> list[tuple[int, bytes, bytes]]:
    """All of a topic: partition, key and value of every message, in order within a partition."""
    from confluent_kafka import Consumer, TopicPartition

    consumer = Consumer({"bootstrap.servers": config.brokers, "group.id": "test"})
    found: list[tuple[int, bytes, bytes]] = []
    try:
        for partition in consumer.list_topics(topic, timeout=30).topics[topic].partitions:
            place = TopicPartition(topic, partition, 0)
            _, end = consumer.get_watermark_offsets(place, timeout=30)
            consumer.assign([place])
            last = -1
            while last < end - 1:
                message = consumer.poll(30)
                assert message is not None
                assert message.error() is None, message.error()
                last = message.offset()
                found.append((partition, message.key(), message.value()))
            consumer.unassign()
    finally:
        consumer.close()
    return found


def test_records_arrive_whole_keyed_and_in_order(kafka: Broker):
    config = settings(kafka)
    names = topics(config.topics)
    spans = [span(number % 7, number, "北京 ☀\n" * (number % 50)) for number in range(3000)]
    trace = spans[0].trace_id
    metrics = [
        MetricRecord(record_id="m1", name="cpu", time=1, service="api", value=0.5),
        MetricRecord(record_id="m2", name="cpu", time=1),
        MetricRecord(record_id="m3", name="cpu", time=1, service="api", trace_id=trace),
    ]
    events = [EventRecord(record_id="e1", time=1, body={"a": [1, 2.5]}, trace_id=trace)]
    records: list[Record] = [*spans, *metrics, *events]
    with KafkaSink(config, queue_bytes=64 * MB) as sink:
        done = [sink.submit(records[first : first + 100]) for first in range(0, len(records), 100)]
        for future in done:
            assert future.result(30) is None
        assert sink.waiting == 0
        assert sink.submit([]).result(1) is None
    came = everything(config, names["span"])
    assert sorted(value for *_, value in came) == sorted(map(encode, spans))
    partitions: dict[bytes, set[int]] = {}
    order: dict[bytes, list[int]] = {}
    for partition, key, value in came:
        record = decode(value)
        assert key.decode() == record.trace_id
        partitions.setdefault(key, set()).add(partition)
        order.setdefault(key, []).append(record.start_time)
    assert all(len(found) == 1 for found in partitions.values())
    assert len(set.union(*partitions.values())) > 1
    assert all(found == sorted(found) for found in order.values())
    keyed = {value: key.decode() for _, key, value in everything(config, names["metric"])}
    assert keyed == dict(zip(map(encode, metrics), ["api", "m2", trace], strict=True))
    assert [(k.decode(), v) for _, k, v in everything(config, names["event"])] == [
        (trace, encode(events[0]))
    ]


def test_topics_are_made_once_and_others_are_used_as_they_are(kafka: Broker):
    from confluent_kafka.admin import AdminClient, NewTopic

    config = settings(kafka)
    admin = AdminClient({"bootstrap.servers": kafka.address})
    name = topics(config.topics)["span"]
    admin.create_topics([NewTopic(name, num_partitions=1)], operation_timeout=30)[name].result(30)
    for _ in range(2):
        KafkaSink(config, queue_bytes=MB).close()
    known = admin.list_topics(timeout=30).topics
    assert [len(known[topic].partitions) for topic in topics(config.topics).values()] == [1, 3, 3]


def test_a_large_record_is_taken_where_the_topic_is_ours(kafka: Broker):
    config = settings(kafka)
    text = "".join(uuid4().hex for _ in range(150_000))  # 4.8 MB that zstd halves at best
    with KafkaSink(config, queue_bytes=MB) as sink:
        assert sink.submit([span(0, 0, text), span(0, 1)]).result(30) is None
    came = everything(config, topics(config.topics)["span"])
    assert [decode(value).input for *_, value in came] == [text, ""]


def test_a_record_beyond_the_topics_bound_is_refused_and_the_others_are_kept(kafka: Broker):
    from confluent_kafka.admin import AdminClient, NewTopic

    config = settings(kafka)
    admin = AdminClient({"bootstrap.servers": kafka.address})
    name = topics(config.topics)["span"]
    admin.create_topics([NewTopic(name)], operation_timeout=30)[name].result(30)
    text = "".join(uuid4().hex for _ in range(150_000))
    with KafkaSink(config, queue_bytes=64 * MB) as sink:
        batch = [span(0, 0), span(0, 1, text), *(span(0, n) for n in range(2, 100))]
        with pytest.raises(RefusedError) as refused:
            sink.submit(batch).result(30)
        assert refused.value.count == 1
        assert name in refused.value.message
        assert sink.waiting == 0
        assert sink.submit([span(0, 100)]).result(30) is None
    came = {decode(value).start_time for *_, value in everything(config, name)}
    assert came == {0, *range(2, 101)}


def test_no_broker_is_said_at_once():
    (port,) = free_ports(1)
    began = time.monotonic()
    with pytest.raises(NoBrokerError) as failed:
        KafkaSink(KafkaConfig(brokers=f"127.0.0.1:{port}"), queue_bytes=MB)
    assert time.monotonic() - began < 10
    assert f"127.0.0.1:{port}" in failed.value.message
    assert failed.value.hint


def test_while_the_broker_is_away_little_waits_and_senders_are_told(own_kafka: Own):
    broker = own_kafka()
    broker.start()
    config = settings(broker, message_timeout_ms="2000")
    with KafkaSink(config, queue_bytes=MB) as sink:
        sink.submit([span(0, 0)]).result(30)
        broker.kill()
        taken, told = until_pushed_back(sink)
        assert told.retry_after > 0
        assert sink.waiting <= MB
        assert len(taken) > 50
        for future in taken:
            with pytest.raises(SinkDownError) as down:
                future.result(30)
            assert broker.address in down.value.message
        assert sink.waiting == 0
        broker.start()
        sent_until_taken(sink, [span(0, 20_000)])
    came = [
        decode(value).start_time for *_, value in everything(config, f"{config.topics}.executions")
    ]
    assert came[0] == 0
    assert came[-1] == 20_000


def test_closing_while_the_broker_is_away_ends_in_time_and_fails_what_waits(own_kafka: Own):
    broker = own_kafka()
    broker.start()
    sink = KafkaSink(settings(broker), queue_bytes=MB)
    sink.submit([span(0, 0)]).result(30)
    broker.kill()
    waiting = sink.submit([span(0, 1)])
    began = time.monotonic()
    sink.close(0.5)
    assert time.monotonic() - began < 5
    assert isinstance(waiting.exception(0), SinkDownError)
    with pytest.raises(SinkDownError):
        sink.submit([span(0, 2)])
    sink.close()


def until_pushed_back(sink: KafkaSink) -> tuple[list[Future[None]], OverloadedError]:
    taken: list[Future[None]] = []
    while True:
        try:
            taken.append(sink.submit([span(0, 1, "x" * 1000) for _ in range(10)]))
        except OverloadedError as error:
            return taken, error


def sent_until_taken(sink: KafkaSink, batch: list[Any], pauses: list[str] | None = None) -> None:
    """As a sender does that is told to come back."""
    deadline = time.monotonic() + 60
    while True:
        assert time.monotonic() < deadline, "the broker is back and takes nothing"
        try:
            sink.submit(batch).result(30)
            return
        except (OverloadedError, SinkDownError) as error:
            if pauses is not None:
                pauses.append(type(error).__name__)
            time.sleep(0.05)  # a sender's pause before it tries again


@pytest.mark.slow
def test_a_broker_killed_and_restarted_loses_nothing_that_was_acknowledged(own_kafka: Own):
    broker = own_kafka()
    broker.start()
    config = settings(broker, message_timeout_ms="1000")
    acknowledged: list[str] = []
    pauses: list[str] = []
    stop = threading.Event()

    def send(trace: int) -> None:
        number = 0
        while not stop.is_set():
            batch = [span(trace, trace * 10**9 + number + n, "x" * 2000) for n in range(20)]
            sent_until_taken(sink, batch, pauses)
            acknowledged.extend(record.span_id for record in batch)
            number += 20

    def wait_for_more(of: list[str], count: int, kind: str = "") -> None:
        before, deadline = len(of), time.monotonic() + 60
        while sum(kind in one for one in of[before:]) < count:
            assert time.monotonic() < deadline, "nothing moves"
            time.sleep(0.01)

    with KafkaSink(config, queue_bytes=100_000) as sink:
        senders = [threading.Thread(target=send, args=(n,), daemon=True) for n in range(4)]
        for sender in senders:
            sender.start()
        for _ in range(2):
            wait_for_more(acknowledged, 2000)
            broker.kill()
            wait_for_more(pauses, 1, "SinkDownError")
            assert sink.waiting <= 100_000
            broker.start()
            wait_for_more(acknowledged, 1000)
        stop.set()
        for sender in senders:
            sender.join(60)
            assert not sender.is_alive()
    came = everything(config, topics(config.topics)["span"])
    stored = {decode(value).span_id for *_, value in came}
    print(f"{len(acknowledged)} acknowledged, {len(came)} messages, {len(pauses)} pushed back")
    assert set(acknowledged) <= stored
    assert len(acknowledged) == len(set(acknowledged)) > 6000
    assert "OverloadedError" in pauses


def test_errors_are_for_people():
    for error in (SinkDownError("x."), RefusedError("x.", count=1), NoBrokerError("x.")):
        assert isinstance(error, JollyScopeError)


def test_kinds_have_their_topics():
    assert topics("p") == {"span": "p.executions", "metric": "p.metrics", "event": "p.events"}
    assert set(topics("p")) == set(KIND_OF.values())
