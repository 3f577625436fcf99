"""Where in the spool a follower begins."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from itertools import count

import msgspec

from jollyscope.model.records import RecordKind
from jollyscope.transport.following.api import Heard, Start
from jollyscope.transport.following.segment import SegmentReader
from jollyscope.transport.spool import Segment

__all__ = ["begin", "time_of"]


class _Times(msgspec.Struct):
    start_time: int | None = None
    end_time: int | None = None
    time: int | None = None


_times = msgspec.json.Decoder(_Times)


def time_of(line: bytes, kind: RecordKind) -> int:
    """When a record was made, by its own account: a span's end, else its start. Unix ns; 0 where the
    line does not say.
    """
    try:
        found = _times.decode(line)
    except (msgspec.MsgspecError, UnicodeError):
        return 0
    if kind != "span":
        return found.time or 0
    return found.end_time or found.start_time or 0


def begin(segments: Iterable[Segment], start: Start) -> tuple[list[SegmentReader], list[Heard]]:
    """A reader for each segment, placed where following begins, and what was heard on the way: the
    last records where those are asked for, oldest first.
    """
    readers = [SegmentReader(segment) for segment in segments]
    if start.where == "last":
        return readers, _last(readers, start.number)
    for reader in readers:
        if start.where == "now":
            reader.to_end()
        elif start.where == "since":
            _skip_older(reader, start.number)
        reader.release()  # there may be thousands, of writers that are long gone
    return readers, []


def _skip_older(reader: SegmentReader, time: int) -> None:
    """To the first record that is as young as `time`."""
    while True:
        at = reader.position
        taken = reader.take()
        if taken is None:
            return
        if taken.written < time:  # nothing in it can be as young
            reader.to_end()
            return
        for line in taken.data.split(b"\n"):
            if line and time_of(line, reader.segment.kind) >= time:
                reader.position = at
                return
            at += len(line) + 1


def _last(readers: list[SegmentReader], number: int) -> list[Heard]:
    """The youngest records of all; the readers then stand behind them."""
    heap: list[tuple[int, int, Heard]] = []
    order = count()
    for reader in readers:
        reader.to_end(number)
        for heard in _lines_of(reader):
            item = (time_of(heard.line, heard.kind), next(order), heard)
            if len(heap) < number:
                heapq.heappush(heap, item)
            elif number and item[0] >= heap[0][0]:
                heapq.heapreplace(heap, item)
        reader.release()
    return [heard for _, _, heard in sorted(heap, key=lambda item: item[:2])]


def _lines_of(reader: SegmentReader) -> Iterator[Heard]:
    while (taken := reader.take()) is not None:
        for line in taken.data.split(b"\n"):
            if line:
                yield Heard(reader.segment.kind, line, taken.written)
