"""One span sent through the whole pipeline, and timed: Kafka, Flink, Kafka, ClickHouse."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from typing import Any

import msgspec

from jollyscope.backend.stack.trouble import BackendError
from jollyscope.config import KafkaConfig
from jollyscope.errors import JollyScopeError
from jollyscope.model.records import SpanRecord
from jollyscope.model.wire import encode
from jollyscope.store.clickhouse.store import ClickHouseStore
from jollyscope.transport.kafka import connect, topics

__all__ = ["SERVICE", "Flight", "send", "stored", "through"]

SERVICE = "jollyscope-canary"
"""The service that canary spans name, so that a filter leaves them out (`-service:jollyscope-canary`)."""
_LOOK_S = 0.1


class Flight(msgspec.Struct, frozen=True):
    """One canary that arrived. Times in ms: until Kafka had it, and until it was a row."""

    trace_id: str
    acknowledged_ms: float
    stored_ms: float


def through(kafka: KafkaConfig, seen: Callable[[str], bool], *, timeout: float) -> Flight:
    """Send one span and wait until `seen` says that its trace is there.

    Raises `BackendError` saying where it got stuck, `NoBrokerError` and the like from Kafka.
    """
    began = time.monotonic()
    trace_id = send(kafka, timeout=min(timeout, 15.0))
    acknowledged = time.monotonic()
    while not _there(seen, trace_id):
        if time.monotonic() - began > timeout:
            raise BackendError(
                f"Kafka took a span, and {timeout:.0f} s later it is not in ClickHouse.",
                hint="`jollyscope health` says which part is behind; `jollyscope logs flink-submit` and "
                "`jollyscope logs clickhouse` why.",
            )
        time.sleep(_LOOK_S)
    return Flight(trace_id, (acknowledged - began) * 1e3, (time.monotonic() - began) * 1e3)


def send(kafka: KafkaConfig, *, timeout: float) -> str:
    """Produce one closed span; its trace id. Raises `BackendError` where Kafka does not take it."""
    errors: list[str] = []
    refused: list[str] = []

    def failed(error: Any) -> None:
        errors.append(error.str())

    def delivered(error: Any, _message: Any) -> None:
        if error is not None:
            refused.append(error.str())

    producer = connect(kafka, queue_bytes=1 << 20, on_error=failed)
    record = _span()
    topic = topics(kafka.topics)["span"]
    producer.produce(topic, encode(record), record.trace_id, on_delivery=delivered)
    left = producer.flush(timeout)
    if left:
        producer.purge()
        producer.flush(1.0)
    if left or refused:
        # What was purged above says no more than that it was.
        why = (errors or (["no answer in time"] if left else refused))[0]
        raise BackendError(
            f"Kafka at {kafka.brokers} does not take a span: {why.rstrip('.')}.",
            hint="`jollyscope logs kafka` says why.",
        )
    return record.trace_id


def stored(store: ClickHouseStore) -> Callable[[str], bool]:
    """Whether a trace has arrived in a store."""

    def seen(trace_id: str) -> bool:
        with store.reader() as reader:
            return bool(reader.find_traces(trace_id))

    return seen


def _there(seen: Callable[[str], bool], trace_id: str) -> bool:
    try:
        return seen(trace_id)
    except JollyScopeError:  # not ready to be asked yet: time is what decides
        return False


def _span() -> SpanRecord:
    now = time.time_ns()
    return SpanRecord(
        trace_id=secrets.token_hex(16),
        span_id=secrets.token_hex(8),
        service=SERVICE,
        name="canary",
        start_time=now - 1_000_000,
        end_time=now,
        duration_ms=1.0,
        status="ok",
    )
