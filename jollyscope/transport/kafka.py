"""Kafka's side of the records: which topic, which key, and a producer that keeps the promise.

A record goes to `<prefix>.executions`, `.metrics` or `.events` as one message: its line of JSON, the
same bytes as in the spool without the newline. The key is the trace id, so a trace stays in one
partition and in order; a metric or event without a trace goes by its service, else by its own id.

Acknowledged means written by every in-sync replica (`acks=all`); the idempotent producer keeps
doubles and disorder out while librdkafka retries by itself. Its properties:
https://github.com/confluentinc/librdkafka/blob/master/CONFIGURATION.md
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from jollyscope.config import KafkaConfig
from jollyscope.errors import JollyScopeError, UsageError
from jollyscope.model.records import Record, RecordKind

if TYPE_CHECKING:
    from confluent_kafka import Producer

__all__ = ["NoBrokerError", "client_of", "connect", "ensure_topics", "key_of", "topics"]

_SUFFIX: dict[RecordKind, str] = {"span": "executions", "metric": "metrics", "event": "events"}

MOST_BYTES = 32 << 20
"""`max.message.bytes` of topics made here: a record of the largest request the receiver takes."""

_OURS = {
    "bootstrap.servers": "kafka.brokers names the brokers",
    "acks": "a sender is answered when every in-sync replica has the record",
    "request.required.acks": "a sender is answered when every in-sync replica has the record",
    "enable.idempotence": "records stay in order and are not doubled",
    "queue.buffering.max.messages": "collect.queue_mb bounds what waits",
    "queue.buffering.max.kbytes": "collect.queue_mb bounds what waits",
    "message.max.bytes": "the topic's own max.message.bytes is what counts",
    "delivery.report.only.error": "a sender is answered for every record",
}
"""Properties that cannot be set, and why."""

_DEFAULTS = {
    "compression.type": "zstd",
    # What senders of OTLP wait for an answer by default is 10 s; they are told before that.
    "message.timeout.ms": "8000",
    # Java's way from key to partition, so that other producers put the same trace beside.
    "partitioner": "murmur2_random",
    "reconnect.backoff.max.ms": "1000",  # a broker that is back is used at once, not after 10 s
    "client.id": "jollyscope",
}

# librdkafka otherwise writes to stderr itself. Its lines are for who asks for them.
_log = logging.getLogger("jollyscope.kafka")
_log.addHandler(logging.NullHandler())


class NoBrokerError(JollyScopeError):
    """No broker answers, or none lets us in."""


def topics(prefix: str) -> dict[RecordKind, str]:
    """The topic of every kind of record."""
    return {kind: f"{prefix}.{suffix}" for kind, suffix in _SUFFIX.items()}


def key_of(record: Record) -> str:
    """What keeps records together: those of one key stay in order."""
    own = getattr(record, "record_id", "")
    return record.trace_id or record.service or own


def connect(config: KafkaConfig, *, queue_bytes: int, on_error: Any) -> Producer:
    """A producer, not yet connected; `on_error` is called from `poll` with a `KafkaError`.

    Raises `UsageError` for a property that librdkafka does not know, or that is not to be set.
    """
    from confluent_kafka import Producer

    ours = {
        "acks": "all",
        "enable.idempotence": True,
        # The caller bounds what waits. These lie well above, so that a batch is taken whole.
        "queue.buffering.max.messages": 0,
        "queue.buffering.max.kbytes": min(2**31 - 1, 2 * (queue_bytes >> 10) + (1 << 20)),
        # Only the broker's own bound counts, on what is left after compression.
        "message.max.bytes": 1_000_000_000,
        "error_cb": on_error,
    }
    return _made(Producer, config, _DEFAULTS, ours)


def ensure_topics(producer: Producer, config: KafkaConfig, *, timeout: float = 5.0) -> None:
    """Create the topics that are missing, with the broker's own number of partitions and replicas.

    Raises `NoBrokerError` when nobody answers within `timeout` seconds, `JollyScopeError` when a
    topic is missing and may not be created.
    """
    from confluent_kafka import KafkaException

    try:
        known = producer.list_topics(timeout=timeout).topics
    except KafkaException as error:
        raise NoBrokerError(
            f"No Kafka broker answers at {config.brokers}: {_reason(error)}.",
            hint="Start one, or name another with JOLLYSCOPE_KAFKA_BROKERS.",
        ) from None
    missing = [name for name in topics(config.topics).values() if name not in known]
    if missing:
        _create(config, missing, timeout)


def client_of(kind: Any, config: KafkaConfig, ours: Mapping[str, Any] | None = None) -> Any:
    """Another client of the same brokers, such as an `AdminClient`; `ours` are properties that are
    not for anybody to change. Raises `UsageError`.
    """
    return _made(kind, config, {}, {**(ours or {})})


def _create(config: KafkaConfig, missing: list[str], timeout: float) -> None:
    from confluent_kafka import KafkaError, KafkaException
    from confluent_kafka.admin import AdminClient
    from confluent_kafka.cimpl import NewTopic  # where the type stubs have it

    admin: Any = client_of(AdminClient, config)
    wanted = {"max.message.bytes": str(MOST_BYTES)}
    new = [NewTopic(name, config=wanted) for name in missing]
    for name, done in admin.create_topics(new, operation_timeout=timeout).items():
        try:
            done.result(timeout * 2)
        except KafkaException as error:
            if error.args[0].code() == KafkaError.TOPIC_ALREADY_EXISTS:  # another was faster
                continue
            raise JollyScopeError(
                f"The Kafka topic {name} is missing and cannot be created: {_reason(error)}.",
                hint="Create it, or let this user create topics.",
            ) from None


def _made(client: Any, config: KafkaConfig, defaults: dict[str, str], ours: dict[str, Any]) -> Any:
    from confluent_kafka import KafkaException

    for name in config.properties.keys() & _OURS.keys():
        raise UsageError(f"`{name}` in kafka.properties is not to be set: {_OURS[name]}.")
    settings = {"bootstrap.servers": config.brokers, **defaults, **config.properties, **ours}
    try:
        return client(settings, logger=_log)
    except KafkaException as error:
        raise UsageError(
            f"Kafka's client refuses its settings: {_reason(error)}.",
            hint="Check kafka.brokers and kafka.properties; `jollyscope config` shows them.",
        ) from None


def _reason(error: Any) -> str:
    return str(error.args[0].str()).rstrip(".")
