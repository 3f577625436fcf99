"""OTLP in protobuf: a `TracesData`, `LogsData` or `MetricsData` (an export request is the same bytes), or
many of them, each with its length before it (4 bytes, big end first), as the collector's file exporter
writes them.

The three messages look alike from outside: a list in field 1. Which it is shows in the first span, log
record or metric inside. A message is read one resource at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from jollyscope.receive.importers.scan import MAX_PIECE, Piece, Readable
from jollyscope.receive.importers.trouble import TooLargeError, UnreadableError
from jollyscope.receive.otlp.decode import Signal

__all__ = ["Layout", "layout_of", "messages"]


class Layout(NamedTuple):
    """How the file's bytes are to be read. `signal` is None where no record says it."""

    signal: Signal | None
    framed: bool


def layout_of(head: bytes) -> Layout | None:
    """The layout of a file that begins with `head`, or None when it is no OTLP."""
    if not head:
        return None
    if head[0] == 0x0A:
        known, signal = _signal(head)
        if known:
            return Layout(signal, framed=False)
    if len(head) > 5 and head[4] == 0x0A:
        size = int.from_bytes(head[:4], "big")
        known, signal = _signal(head[4 : 4 + size])
        if known and size <= MAX_PIECE:
            return Layout(signal, framed=True)
    return None


def messages(stream: Readable, layout: Layout) -> Iterator[tuple[Signal | None, Piece]]:
    """Messages with one resource each and their signals. Raises `UnreadableError`."""
    reader = _Reader(stream)
    index = 0
    while True:
        offset = reader.offset
        if not layout.framed:
            raw = reader.field()
            if raw is None:
                return
        else:
            head = reader.take(4)
            if not head:
                return
            size = int.from_bytes(head, "big")
            if len(head) < 4 or size > MAX_PIECE:
                raise UnreadableError(f"a message cannot be {size} bytes long", offset=offset)
            raw = reader.take(size)
            if len(raw) < size:
                raise UnreadableError("the file ends in the middle of a message", offset=offset)
        known, signal = _signal(raw)
        if not known:
            raise UnreadableError("this is no OTLP message", offset=offset)
        # A message without records, of which each signal has some, says nothing of its kind.
        yield signal or layout.signal, Piece(index, (), 0, offset, raw)
        index += 1


class _Reader:
    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self.offset = 0

    def take(self, size: int) -> bytes:
        """So many bytes, fewer only at the end."""
        data = self._stream.read(size)
        self.offset += len(data)
        return data

    def field(self) -> bytes | None:
        """The next field 1 with its tag and length; None at the end."""
        offset = self.offset
        tag = self.take(1)
        if not tag:
            return None
        if tag != b"\x0a":
            raise UnreadableError("this is no OTLP message", offset=offset)
        prefix, size, shift = tag, 0, 0
        while True:
            byte = self.take(1)
            if not byte or shift > 28:
                raise UnreadableError("a length is broken", offset=offset)
            prefix += byte
            size |= (byte[0] & 0x7F) << shift
            shift += 7
            if byte[0] < 0x80:
                break
        if size > MAX_PIECE:
            raise TooLargeError(f"a resource is larger than {MAX_PIECE >> 20} MB", offset=offset)
        data = self.take(size)
        if len(data) < size:
            raise UnreadableError("the file ends in the middle of a resource", offset=offset)
        return prefix + data


Field = tuple[int, int, bytes]


def _signal(data: bytes) -> tuple[bool, Signal | None]:
    """Whether this is an OTLP message, and of which signal; None where it holds no record.

    `data` may be cut off.
    """
    any_resource = False
    for number, kind, resource in _fields(data):
        if (number, kind) != (1, 2):
            return False, None
        for number, kind, scope in _fields(resource):
            if kind != 2 or number not in (1, 2, 3, 1000):
                return False, None
            for inner, inner_kind, item in _fields(scope) if number == 2 else ():
                if inner_kind != 2 or inner > 3:
                    return False, None
                if inner == 2:
                    found = _kind(item)
                    if found is not None:
                        return True, found
        any_resource = True
    return any_resource, None


def _kind(item: bytes) -> Signal | None:
    """Whether the fields are those of a span, a log record or a metric."""
    for number, kind, value in _fields(item):
        if kind == 1 or (number in (2, 6, 7, 8) and kind in (0, 5)):
            # A span's own fixed64 times come after its ids.
            return "logs"
        if number == 1 and kind == 2:
            return "traces" if len(value) == 16 and _is_span(item) else "metrics"
        if number in (2, 3, 5, 7, 9, 10, 11) and kind == 2:
            return "logs" if number in (3, 5) and _is_log(item) else "metrics"
    return None


def _is_span(item: bytes) -> bool:
    fields = {(number, kind) for number, kind, _ in _fields(item)}
    return bool(fields & {(7, 1), (8, 1), (6, 0)}) or ((2, 2) in fields and not fields & _DATA)


_DATA = {(number, 2) for number in (7, 9, 10, 11)}


def _is_log(item: bytes) -> bool:
    return any(kind in (1, 0) for _, kind, _ in _fields(item))


def _fields(data: bytes) -> Iterator[Field]:
    """The fields of a message, of those with a length also their bytes, as far as `data` goes; ends where
    it is no protobuf.
    """
    at, end = 0, len(data)
    while at < end:
        tag, at = _varint(data, at)
        number, kind = tag >> 3, tag & 7
        if not number:
            yield 0, 7, b""
            return
        size = {1: 8, 5: 4}.get(kind, 0)
        if kind == 2:
            size, at = _varint(data, at)
        elif kind == 0:
            _, at = _varint(data, at)
        elif not size:
            yield 0, 7, b""
            return
        yield number, kind, data[at : at + size] if kind == 2 else b""
        at += size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(data) and shift < 70:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            break
        shift += 7
    return value, at
