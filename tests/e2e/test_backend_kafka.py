"""The probe of Kafka and the canary, against a real broker."""

from __future__ import annotations

from typing import Any

import pytest
from confluent_kafka import Consumer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from jollyscope.backend.probes.kafka import EXPECTED, probe_kafka
from jollyscope.backend.stack.canary import SERVICE, send, through
from jollyscope.backend.stack.trouble import BackendError
from jollyscope.config import KafkaConfig
from jollyscope.model.wire import decode
from tests.kafka_broker import Broker, free_ports


def made(broker: Broker, prefix: str, names: tuple[str, ...] = EXPECTED) -> KafkaConfig:
    admin: Any = AdminClient({"bootstrap.servers": broker.address})
    topics = [NewTopic(f"{prefix}.{name}", num_partitions=1) for name in names]
    for done in admin.create_topics(topics, operation_timeout=10).values():
        done.result(20)
    return KafkaConfig(brokers=broker.address, topics=prefix)


def consumer(broker: Broker, group: str) -> Consumer:
    return Consumer({
        "bootstrap.servers": broker.address, "group.id": group, "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
    })  # fmt: skip


def test_lag_and_missing_topics(kafka: Broker):
    config = made(kafka, "lagging", EXPECTED[:-1])
    found = probe_kafka(config)
    assert found.state == "degraded"
    assert found.sentence == "lagging.deadletter is missing."
    made(kafka, "lagging", EXPECTED[-1:])

    reader = consumer(kafka, "lagging_spans")
    try:
        reader.subscribe(["lagging.executions"])
        send(config, timeout=20)
        message = None
        while message is None:
            message = reader.poll(1)
        reader.commit(message, asynchronous=False)
        for _ in range(3):
            send(config, timeout=20)
        found = probe_kafka(config, much=4)
        assert found.state == "ok", found
        assert found.facts["brokers"] == 1
        assert found.facts["topics"] == len(EXPECTED)
        assert found.facts["lag"] == {"lagging_spans": 3}
        late = probe_kafka(config, much=3)
        assert late.state == "degraded"
        assert "lagging_spans is 3 messages behind" in late.sentence
    finally:
        reader.close()


def test_the_canary_is_a_record_and_is_timed(kafka: Broker):
    config = made(kafka, "canary")
    reader = consumer(kafka, "canary_reader")
    arrived: dict[str, Any] = {}

    def seen(trace_id: str) -> bool:
        message = reader.poll(0.5)
        if message is not None and message.error() is None:
            line = message.value()
            assert line is not None
            record = decode(line, "span")
            assert message.key() == record.trace_id.encode()
            arrived[record.trace_id] = record
        return trace_id in arrived

    try:
        reader.subscribe(["canary.executions"])
        flight = through(config, seen, timeout=30)
    finally:
        reader.close()
    assert arrived[flight.trace_id].service == SERVICE
    assert 0 < flight.acknowledged_ms <= flight.stored_ms


def test_a_canary_that_does_not_arrive(kafka: Broker):
    config = made(kafka, "lost")
    with pytest.raises(BackendError, match="is not in ClickHouse"):
        through(config, lambda _: False, timeout=5)


def test_no_broker():
    config = KafkaConfig(brokers=f"127.0.0.1:{free_ports(1)[0]}")
    found = probe_kafka(config, timeout=0.5)
    assert found.state == "down"
    assert "No broker answers" in found.sentence
    with pytest.raises(BackendError, match="does not take a span"):
        send(config, timeout=0.5)
