"""Following Kafka's topics of records.

Positions are kept here and partitions are assigned by hand: no consumer group is joined and nothing is
committed, so a follower leaves no trace at the broker and is never given another's partitions. A
broker that goes away and comes back is read on from the same offset.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from queue import Empty
from typing import Any

from jollyscope.config import KafkaConfig
from jollyscope.model.records import RecordKind
from jollyscope.transport.following.api import KINDS, Heard, Kinds, Standing, Start
from jollyscope.transport.following.partitions import Begin, Partition, Partitions
from jollyscope.transport.kafka import client_of, topics

__all__ = ["KafkaFollower", "follow_kafka"]

_MOST = 5_000
"""Messages that one poll gives at most."""
_FIRST_ANSWER_S = 5.0


def follow_kafka(
    config: KafkaConfig,
    *,
    start: Start,
    group: str | None = None,
    partition: int | None = None,
    kinds: Kinds = KINDS,
) -> KafkaFollower:
    """Follow the topics of records, or one partition of each.

    Waits for the broker's first answer, at most 5 s; where none comes, it goes on trying and begins
    at `start` when it is there. `group` is only a name, for brokers that allow no other. Raises
    `UsageError` for settings that Kafka's client refuses.
    """
    return KafkaFollower(config, start, group, partition, kinds)


class KafkaFollower:
    """A `Follower` of Kafka. `behind` is in records, and known while the broker answers."""

    def __init__(
        self,
        config: KafkaConfig,
        start: Start,
        group: str | None,
        partition: int | None,
        kinds: Kinds,
    ) -> None:
        from confluent_kafka import Consumer

        named = topics(config.topics)
        self._kinds: dict[str, RecordKind] = {named[kind]: kind for kind in kinds}
        self._brokers = config.brokers
        self._prefix = config.topics
        self._positions: dict[Partition, int] = {}
        self._highs: dict[Partition, int] = {}
        self._ends: dict[Partition, int] = {}
        self._trouble = ""
        self._skipped = 0
        self._lock = threading.Lock()
        self._closed = False
        self._last = start.number if start.where == "last" else None
        self._gathered: list[tuple[int, Heard]] = []
        group = group or config.properties.get("group.id") or "jollyscope-tail"
        ours = _OURS | {"group.id": group, "error_cb": self._error}
        self._consumer: Any = client_of(Consumer, config, ours)
        self._partitions = Partitions(config, set(self._kinds), start, partition, self._answer)
        self._partitions.answered.wait(_FIRST_ANSWER_S)

    def poll(self, timeout: float) -> list[Heard]:
        """See `Follower.poll`."""
        until = time.monotonic() + timeout
        with self._lock:
            while not self._closed:
                self._assign()
                wait = min(_SLICE_S, max(0.0, until - time.monotonic()))
                heard = self._settled(self._heard(self._messages(wait)))
                if heard or time.monotonic() >= until:
                    return heard
        return []

    @property
    def standing(self) -> Standing:
        """See `Follower.standing`."""
        trouble, positions, highs = self._trouble, dict(self._positions), dict(self._highs)
        behind = sum(max(0, highs.get(p, at) - at) for p, at in positions.items())
        sentence = ""
        if trouble:
            sentence = (
                f"Kafka does not answer at {self._brokers}: {trouble}. It is tried again and again."
            )
        elif not positions:
            sentence = (
                f"There is no topic {self._prefix}.executions at {self._brokers} yet; it is followed "
                "when it is made."
            )
        known = None if trouble or not positions else behind
        return Standing(f"kafka {self._brokers}", not trouble, sentence, known, self._skipped)

    def close(self) -> None:
        """See `Follower.close`."""
        if self._closed:
            return
        self._closed = True
        self._partitions.close()
        with self._lock:
            self._consumer.close()

    def _answer(self, trouble: str) -> None:
        """Called in the thread that asks for partitions: every two seconds, with what is wrong."""
        self._trouble = trouble

    def _error(self, error: Any) -> None:
        """Called while messages are asked for: known here seconds before the other client knows."""
        if error.name() == "_ALL_BROKERS_DOWN":
            self._trouble = str(error.str())

    def _assign(self) -> None:
        """Read on with partitions that were found."""
        try:
            begins: list[Begin] = self._partitions.found.get_nowait()
        except Empty:
            return
        from confluent_kafka.cimpl import TopicPartition

        for begin in begins:
            at = max(begin.offset, begin.low)
            self._skipped += max(0, begin.low - begin.offset)
            self._positions[begin.partition] = at
            self._highs[begin.partition] = self._ends[begin.partition] = begin.high
        self._consumer.incremental_assign(
            [TopicPartition(*b.partition, self._positions[b.partition]) for b in begins]
        )

    def _messages(self, wait: float) -> list[Any]:
        first = self._consumer.poll(wait)
        if first is None:
            return []
        return [first, *self._consumer.consume(_MOST - 1, 0)]

    def _heard(self, messages: Iterable[Any]) -> list[Heard]:
        heard: list[Heard] = []
        positions, kinds = self._positions, self._kinds
        for message in messages:
            place = (message.topic(), message.partition())
            if message.error() is not None:
                self._failed(message, place)
                continue
            offset: int = message.offset()
            if offset < positions[place]:  # read already, before the broker went away
                continue
            positions[place] = offset + 1
            line: bytes | None = message.value()
            if line is None:  # a message without a value is no record
                self._skipped += 1
                continue
            heard.append(Heard(kinds[place[0]], line, max(0, message.timestamp()[1]) * 1_000_000))
        if heard:
            self._look_ahead()
        return heard

    def _look_ahead(self) -> None:
        """How far each partition reaches, as the last answers to the consumer said."""
        from confluent_kafka.cimpl import TopicPartition

        for place in self._positions:
            _, high = self._consumer.get_watermark_offsets(TopicPartition(*place), cached=True)
            if high > self._highs[place]:
                self._highs[place] = high

    def _failed(self, message: Any, place: Partition) -> None:
        """What is no record: the end of a partition, or trouble. Trouble with connections is told by
        the thread that asks for partitions.
        """
        if place not in self._positions:
            return
        name = message.error().name()
        if (
            name == "_PARTITION_EOF"
        ):  # offsets before it may be nobody's: of transactions, or compacted
            self._positions[place] = max(self._positions[place], message.offset())
        elif name == "_AUTO_OFFSET_RESET":
            self._begin_anew(place)

    def _begin_anew(self, place: Partition) -> None:
        """The broker has deleted what comes next, or the topic was made anew: its oldest record."""
        from confluent_kafka import KafkaException
        from confluent_kafka.cimpl import TopicPartition

        try:
            low, high = self._consumer.get_watermark_offsets(TopicPartition(*place), timeout=3.0)
        except KafkaException:
            low, high = self._positions[place], self._highs[place]  # away again: tried once more
        self._skipped += max(0, low - self._positions[place])
        self._positions[place], self._highs[place] = low, high
        self._consumer.incremental_unassign([TopicPartition(*place)])
        self._consumer.incremental_assign([TopicPartition(*place, low)])

    def _settled(self, heard: list[Heard]) -> list[Heard]:
        """Of a start with the last N records: the youngest, once every partition has given its own."""
        if self._last is None:
            return heard
        self._gathered += [(one.written, one) for one in heard]
        if not self._positions or any(at < self._ends[p] for p, at in self._positions.items()):
            return []
        self._gathered.sort(key=lambda pair: pair[0])
        wanted = [one for _, one in self._gathered[len(self._gathered) - self._last :]]
        self._last, self._gathered = None, []
        return wanted


_SLICE_S = 0.1
"""How long the lock is held at once, so that `close` need not wait for a patient poll."""

_OURS = {
    "enable.auto.commit": False,
    "enable.auto.offset.store": False,
    "enable.partition.eof": True,
    # What was deleted is told and counted, not jumped over.
    "auto.offset.reset": "error",
    # 16 MB a partition are fetched ahead at most; the default, 64 MB, is no faster here.
    "queued.max.messages.kbytes": 16384,
    # Where that is full it otherwise waits a second before it fetches again.
    "fetch.queue.backoff.ms": 10,
    "reconnect.backoff.max.ms": 1000,
    "fetch.error.backoff.ms": 100,
    "client.id": "jollyscope",
}
