"""Kafka's side of the records, against librdkafka's own mock of a cluster: the quick part. The real
broker is in tests/e2e/test_kafka_sink.py.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from jollyscope.config import KafkaConfig
from jollyscope.errors import UsageError
from jollyscope.model.records import EventRecord, MetricRecord, SpanRecord
from jollyscope.receive.kafka_sink import KafkaSink
from jollyscope.transport.kafka import connect, key_of, topics

TRACE = f"{7:032x}"


def span(number: int) -> SpanRecord:
    return SpanRecord(trace_id=TRACE, span_id=f"{number + 1:016x}", start_time=1, end_time=2)


@pytest.fixture
def cluster() -> Iterator[str]:
    """The address of a mock cluster that has the topics."""
    from confluent_kafka import Producer

    mock = Producer({"test.mock.num.brokers": "1", "log_level": "0"})
    for name in topics("jollyscope").values():
        mock.list_topics(name, timeout=5)  # makes it
    (broker,) = mock.list_topics(timeout=5).brokers.values()
    yield f"127.0.0.1:{broker.port}"
    mock.flush(0)  # it lives until here


def test_keys_keep_a_trace_together():
    assert key_of(span(1)) == TRACE
    assert key_of(EventRecord(record_id="r", time=1, trace_id=TRACE, service="s")) == TRACE
    assert key_of(EventRecord(record_id="r", time=1, service="s")) == "s"
    assert key_of(MetricRecord(record_id="r", time=1, name="n")) == "r"


@pytest.mark.parametrize(
    ("properties", "says"),
    [
        ({"acks": "1"}, "`acks` in kafka.properties is not to be set"),
        ({"enable.idempotence": "false"}, "in order and are not doubled"),
        ({"queue.buffering.max.messages": "1"}, "collect.queue_mb"),
        ({"no.such.thing": "1"}, 'No such configuration property: "no.such.thing"'),
        ({"socket.timeout.ms": "soon"}, "socket.timeout.ms"),
    ],
)
def test_settings_that_cannot_be_are_named(properties: dict[str, str], says: str):
    with pytest.raises(UsageError) as refused:
        KafkaSink(KafkaConfig(properties=properties), queue_bytes=1000)
    assert says in refused.value.message


def test_properties_of_the_user_are_used():
    config = KafkaConfig(properties={"test.mock.num.brokers": "1", "compression.type": "gzip"})
    producer: Any = connect(config, queue_bytes=1000, on_error=print)
    assert len(producer.list_topics(timeout=5).brokers) == 1


def test_a_batch_larger_than_the_bound_is_taken_alone(cluster: str):
    with KafkaSink(KafkaConfig(brokers=cluster), queue_bytes=10) as sink:
        assert sink.submit([span(n) for n in range(100)]).result(10) is None
        assert sink.waiting == 0


def test_closing_waits_for_what_was_taken(cluster: str):
    slow = KafkaConfig(brokers=cluster, properties={"linger.ms": "300"})
    sink = KafkaSink(slow, queue_bytes=1_000_000)
    done = [sink.submit([span(n)]) for n in range(20)]
    sink.close()
    assert [future.exception(0) for future in done] == [None] * 20


def test_after_a_fatal_error_there_is_a_new_producer(cluster: str):
    from confluent_kafka import KafkaError

    with KafkaSink(KafkaConfig(brokers=cluster), queue_bytes=1_000_000) as sink:
        first = sink._producer
        sink._on_error(KafkaError(KafkaError._FATAL, "out of order", fatal=True))
        deadline = time.monotonic() + 10
        while sink._producer is first:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        assert sink.submit([span(1)]).result(10) is None


def test_librdkafka_is_loaded_only_for_use():
    code = "import sys, jollyscope.receive.kafka_sink; print('confluent_kafka' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
