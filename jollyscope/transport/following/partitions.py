"""Which partitions there are, and at which offset each begins. Asks the brokers, in a thread and with a
client of its own: one that is polled all the time answers nothing else.

A partition that is there at the first answer begins where the follower starts; one that is added
later begins with its oldest record, so that nothing of it is missed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, NamedTuple

from jollyscope.config import KafkaConfig
from jollyscope.transport.following.api import Start
from jollyscope.transport.kafka import client_of

__all__ = ["Begin", "Partition", "Partitions"]

Partition = tuple[str, int]
"""Topic and number."""

_ASK_S = 2.0
"""How often: an added partition is followed so long after it at most."""
_PATIENCE_S = 3.0


class Begin(NamedTuple):
    """Where a partition begins, what it held then (`[low, high)`), and whether it was added later."""

    partition: Partition
    offset: int
    low: int
    high: int
    added: bool


class Partitions:
    """Finds partitions until it is closed; `found` has each batch once."""

    def __init__(
        self, config: KafkaConfig, topics: set[str], start: Start, only: int | None,
        on_answer: Callable[[str], None],
    ) -> None:  # fmt: skip
        from confluent_kafka.admin import AdminClient

        self.found: SimpleQueue[list[Begin]] = SimpleQueue()
        self.answered = threading.Event()
        """Set at the first try, whatever came of it."""
        self._admin: Any = client_of(AdminClient, config, _OURS)
        self._topics = topics
        self._start = start
        self._only = only
        self._tell = on_answer
        self._known: set[Partition] = set()
        self._first = True
        self._closed = threading.Event()
        self._thread = threading.Thread(
            target=self._watch, name="jollyscope-partitions", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """End the thread, at once or when the brokers have answered what it asks them."""
        self._closed.set()

    def _watch(self) -> None:
        from confluent_kafka import KafkaException

        while not self._closed.is_set():
            try:
                self._look()
                self._tell("")
            except KafkaException as error:
                self._tell(str(error.args[0].str()).rstrip("."))
            self.answered.set()
            self._closed.wait(_ASK_S)

    def _look(self) -> None:
        listed = self._admin.list_topics(timeout=_PATIENCE_S).topics
        there = {
            (topic, number)
            for topic in self._topics & listed.keys()
            for number in listed[topic].partitions
            if self._only in (None, number)
        }
        new = sorted(there - self._known)
        if new:
            self.found.put(self._begins(new))
            self._known.update(new)
        self._first = False

    def _begins(self, new: list[Partition]) -> list[Begin]:
        from confluent_kafka.admin._listoffsets import OffsetSpec  # where the types have it

        lows = self._offsets(new, OffsetSpec.earliest())
        highs = self._offsets(new, OffsetSpec.latest())
        start, number = self._start if self._first else Start.beginning()
        if start == "since":
            # No record as young gives -1: then it begins at the end.
            given = self._offsets(new, OffsetSpec.for_timestamp(number // 1_000_000))
            wanted = {p: highs[p] if at < 0 else at for p, at in given.items()}
        elif start == "offset":
            wanted = {p: min(number, highs[p]) for p in new}
        elif start == "last":
            wanted = {p: max(lows[p], highs[p] - number) for p in new}
        else:
            wanted = highs if start == "now" else lows
        return [Begin(p, wanted[p], lows[p], highs[p], not self._first) for p in new]

    def _offsets(self, asked: list[Partition], at: Any) -> dict[Partition, int]:
        from confluent_kafka.cimpl import TopicPartition

        wanted = {TopicPartition(topic, number): at for topic, number in asked}
        answers = self._admin.list_offsets(wanted, request_timeout=_PATIENCE_S)
        return {(p.topic, p.partition): done.result().offset for p, done in answers.items()}


_OURS = {"reconnect.backoff.max.ms": 1000, "client.id": "jollyscope"}
