"""What a follower is: records as they are written, one after another, wherever they are written."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal, NamedTuple, Protocol, Self, get_args

from jollyscope.model.records import RecordKind

__all__ = ["KINDS", "Follower", "Heard", "Kinds", "Standing", "Start", "Where"]

Kinds = Collection[RecordKind]
KINDS: tuple[RecordKind, ...] = get_args(RecordKind)
Where = Literal["now", "beginning", "offset", "since", "last"]


class Heard(NamedTuple):
    """One record as it was received."""

    kind: RecordKind
    line: bytes
    """Its line of JSON, byte for byte, without the newline. Not yet validated."""
    written: int
    """Unix ns: when its spool segment was last written to, or Kafka's timestamp; 0 where unknown."""


class Standing(NamedTuple):
    """How a follower stands at this moment."""

    source: str
    """`spool`, or `kafka 127.0.0.1:9092`."""
    connected: bool
    sentence: str
    """What is wrong, and that it goes on trying; empty where nothing is."""
    behind: int | None
    """What is written and not yet read: bytes of the spool, records of Kafka. None: not known."""
    skipped: int
    """Torn lines, and records that were deleted before they could be read."""


class Start(NamedTuple):
    """Where a follower begins. What is new after it was opened is followed from its very beginning."""

    where: Where
    number: int = 0

    @classmethod
    def now(cls) -> Self:
        """With what is written from now on."""
        return cls("now")

    @classmethod
    def beginning(cls) -> Self:
        """With the oldest record that is still there. Loaded segments of the spool are deleted after
        a while, and Kafka has its retention: what is older is in the store alone.
        """
        return cls("beginning")

    @classmethod
    def offset(cls, number: int) -> Self:
        """With this offset, in every partition followed. Kafka only."""
        return cls("offset", number)

    @classmethod
    def since(cls, time: int) -> Self:
        """With the first record of each segment or partition that is as young as `time` (Unix ns): by
        the record's own time in the spool, by when Kafka got it there.
        """
        return cls("since", time)

    @classmethod
    def last(cls, number: int) -> Self:
        """With the `number` youngest records, of all segments or partitions together."""
        return cls("last", number)


class Follower(Protocol):
    """Records as they are written. One thread polls; `standing` and `close` may be used by others."""

    def poll(self, timeout: float) -> list[Heard]:
        """What is new, at most some megabytes of it; waits at most `timeout` seconds (0: not at all)
        for the first. Empty where nothing is new, where the source is away (`standing` tells), and
        once it is closed.
        """
        ...

    @property
    def standing(self) -> Standing:
        """How it stands."""
        ...

    def close(self) -> None:
        """Let go of files and connections. Safe to call twice, and while another thread polls."""
        ...
