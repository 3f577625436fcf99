"""Received records into Kafka: a batch is done when the broker has acknowledged all of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from types import TracebackType
from typing import Any, Self

from jollyscope.config import KafkaConfig
from jollyscope.errors import JollyScopeError
from jollyscope.model.records import Record
from jollyscope.model.wire import KIND_OF, encode
from jollyscope.receive.sink import OverloadedError, RefusedError, SinkDownError
from jollyscope.transport.kafka import connect, ensure_topics, key_of, topics

__all__ = ["KafkaSink"]

_OVERHEAD = 320
"""Bytes that a message takes in memory beside its key and value: librdkafka's own structures and
the delivery report, measured as 285."""


class KafkaSink:
    """A `Sink` that produces to Kafka. Connects when made: raises `NoBrokerError` (no broker answers
    within 5 s) or `UsageError` (settings).

    What waits is bounded by `queue_bytes` of memory; a single batch is taken whatever its size while
    nothing else waits. While no broker answers a batch fails after `message.timeout.ms` (8 s). A
    record larger than its topic takes (`max.message.bytes`, after compression) is refused and the
    others of its batch are kept: a cut one would be another record, and a dead letter topic has
    the same bound.
    """

    def __init__(self, config: KafkaConfig, *, queue_bytes: int) -> None:
        self._config = config
        self._bound = queue_bytes
        self._topics = topics(config.topics)
        self._lock = threading.Lock()
        self._waiting = 0
        self._trouble = ""
        self._broken = False
        self._closed = threading.Event()
        self._producer = self._connect()
        ensure_topics(self._producer, config)
        self._trouble = ""  # what came up on the way to the first answer is over
        self._thread = threading.Thread(target=self._poll, name="jollyscope-kafka", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """Memory held by records that are not yet acknowledged."""
        return self._waiting

    def submit(self, records: Sequence[Record]) -> Future[None]:
        """See `Sink.submit`. Raises `UnicodeEncodeError` for text that UTF-8 cannot say."""
        with self._lock:
            self._refuse_beyond(self._bound)  # before the work of encoding
        messages = [
            (self._topics[KIND_OF[type(r)]], key_of(r).encode(), encode(r)) for r in records
        ]
        size = sum(len(key) + len(line) + _OVERHEAD for _, key, line in messages)
        with self._lock:
            self._refuse_beyond(self._bound - size)
            self._waiting += size
        batch = _Batch(len(messages), size, self._settle)
        self._produce(messages, batch)
        return batch.future

    def close(self, timeout: float = 10.0) -> None:
        """See `Sink.close`. What Kafka has not taken by then fails."""
        with self._lock:
            if self._closed.is_set():
                return
            self._closed.set()
        self._thread.join()
        self._flush(timeout)
        if self._waiting:
            self._producer.purge()
            self._flush(1.0)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.close()

    def _refuse_beyond(self, room: int) -> None:
        if self._closed.is_set():
            raise SinkDownError("The way to Kafka is closed.")
        if self._waiting and self._waiting > room:
            raise OverloadedError(
                f"{self._waiting >> 20} MB wait for Kafka.", hint="Send it again a little later."
            )

    def _flush(self, timeout: float) -> None:
        # Not only until the producer is empty: a batch may still be on its way into it.
        deadline = time.monotonic() + timeout
        while self._waiting and (left := deadline - time.monotonic()) > 0:
            self._producer.flush(left)
            self._producer.poll(0.01)

    def _produce(self, messages: list[tuple[str, bytes, bytes]], batch: _Batch) -> None:
        from confluent_kafka import KafkaException

        producer = self._producer
        for topic, key, line in messages:
            try:
                producer.produce(topic, line, key, on_delivery=batch.delivered)
            except (KafkaException, BufferError) as error:
                # Some of the batch may be on its way: it fails as a whole, and is sent again whole.
                batch.failed(str(error))
        if not messages:
            self._settle(batch)

    def _poll(self) -> None:
        while not self._closed.is_set():
            self._producer.poll(0.2)
            if self._broken:
                self._replace()

    def _replace(self) -> None:
        """A new producer after an error from which librdkafka does not recover by itself."""
        old = self._producer
        old.purge()
        old.flush(1.0)  # hands out the reports of what it had; it takes nothing more
        self._broken = False
        self._producer = self._connect()

    def _connect(self) -> Any:
        return connect(self._config, queue_bytes=self._bound, on_error=self._on_error)

    def _on_error(self, error: Any) -> None:
        self._trouble = error.str()
        if error.fatal():
            self._broken = True

    def _settle(self, batch: _Batch) -> None:
        with self._lock:
            self._waiting -= batch.size
        error = batch.outcome(self._config.brokers, self._trouble)
        if error is None:
            self._trouble = ""
            batch.future.set_result(None)
        else:
            batch.future.set_exception(error)


class _Batch:
    """Counts the reports of its messages, which come from several threads."""

    def __init__(self, count: int, size: int, done: Callable[[_Batch], None]) -> None:
        self.future: Future[None] = Future()
        self.future.set_running_or_notify_cancel()  # nobody can take it back any more
        self.size = size
        self._left = count
        self._done = done
        self._lock = threading.Lock()
        self._too_large = 0
        self._failure = self._topic = ""

    def delivered(self, error: Any, message: Any) -> None:
        """The broker's report of one message: `error` is None where it has it."""
        from confluent_kafka import KafkaError

        if error is None:
            self._count()
        elif error.code() == KafkaError.MSG_SIZE_TOO_LARGE:
            self._count(topic=message.topic())
        else:
            self._count(failure=error.str())

    def failed(self, why: str) -> None:
        """One message that was not even taken."""
        self._count(failure=why)

    def _count(self, *, failure: str = "", topic: str = "") -> None:
        with self._lock:
            self._failure = failure or self._failure
            self._topic = topic or self._topic
            self._too_large += bool(topic)
            self._left -= 1
            last = not self._left
        if last:
            self._done(self)

    def outcome(self, brokers: str, trouble: str) -> JollyScopeError | None:
        """What came of the batch; `trouble` is the last that the connection said."""
        if self._failure:
            why = ": ".join(filter(None, [self._failure, trouble]))
            return SinkDownError(
                f"Kafka at {brokers} did not take the records: {why}.",
                hint="Send them again later.",
            )
        if self._too_large:
            verb = "record is" if self._too_large == 1 else "records are"
            return RefusedError(
                f"{self._too_large} {verb} larger than the Kafka topic {self._topic} takes.",
                count=self._too_large,
                hint="Raise the topic's max.message.bytes.",
            )
        return None
