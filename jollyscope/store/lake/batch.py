"""From spool bytes to one settled batch: refused lines out, doubles out, open and closed apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from jollyscope.model.records import RecordKind
from jollyscope.model.wire import LineReader
from jollyscope.transport.spool import Segment, segments, writer_alive

__all__ = ["Batch", "Opened", "Piece", "Refused", "pending", "pieces", "settle"]

Key = tuple[str, str]
"""`(trace_id, span_id)`; for metrics and events `("", record_id)`."""


class Piece(NamedTuple):
    """Unloaded whole lines of one segment: bytes `[start, start + len(data))`."""

    segment: Segment
    start: int
    data: bytes
    torn: int
    """Bytes after `data` that will never become a line: a crash cut it off."""


class Opened(NamedTuple):
    """A span that has started: its line as written, and whose it is."""

    writer: str
    line: bytes


class Refused(NamedTuple):
    """A line that is no record."""

    segment: Segment
    position: int
    reason: str
    line: bytes


class Batch:
    """What became of some pieces. `lines[i]` belongs to `keys[i]` and `times[i]`."""

    def __init__(self, kind: RecordKind, parts: list[Piece]) -> None:
        self.kind: RecordKind = kind
        self.pieces = parts
        self.lines: list[bytes] = []
        self.whole: bytes | None = None
        """All lines as one text, where every one of them is kept: saves taking it apart."""
        self.keys: list[Key] = []
        self.times: list[int] = []
        self.opened: dict[Key, Opened] = {}
        self.refused: list[Refused] = []

    @property
    def trace_ids(self) -> set[str]:
        """Traces that any span of the batch belongs to."""
        return {key[0] for key in self.keys} | {key[0] for key in self.opened}

    def text(self) -> bytes:
        """The kept lines as JSON lines."""
        return (
            self.whole if self.whole is not None else b"".join(line + b"\n" for line in self.lines)
        )

    def drop(self, known: set[Key]) -> None:
        """Take out what the store has already."""
        if known.isdisjoint(self.keys):
            return
        self.split()
        self._keep([i for i, key in enumerate(self.keys) if key not in known])

    def split(self) -> None:
        """Take `whole` apart into `lines`."""
        if self.whole is not None:
            self.lines, self.whole = self.whole.split(b"\n")[:-1], None

    def lines_apart(self) -> list[bytes]:
        """The kept lines one by one."""
        self.split()
        return self.lines

    def refuse(self, reasons: Mapping[int, str]) -> None:
        """Give up on the kept lines at these indexes, because the engine cannot read them."""
        self.split()
        place = self.pieces[0].segment
        self.refused += [Refused(place, -1, why, self.lines[i]) for i, why in reasons.items()]
        self._keep([i for i in range(len(self.lines)) if i not in reasons])

    def _keep(self, indexes: list[int]) -> None:
        self.lines = [self.lines[i] for i in indexes]
        self.keys = [self.keys[i] for i in indexes]
        self.times = [self.times[i] for i in indexes]


def pending(root: Path, done: Mapping[tuple[str, str, int], int]) -> list[tuple[Segment, int]]:
    """Segments with bytes not accounted for in the manifest, each with where they begin."""
    found: list[tuple[Segment, int]] = []
    for segment in segments(root):
        start = done.get((segment.writer, segment.kind, segment.number), 0)
        if segment.size > start:
            found.append((segment, start))
    return found


SLICE = 1048576
"""Bytes decoded in one call: 3 ms."""
MAX_LINE = 64 << 20
"""Bytes. A longer line is no record of ours (inputs are cut at a thousandth of it): skipped and
counted as torn, so that a segment full of rubbish cannot take the memory."""


def pieces(waiting: Iterable[tuple[Segment, int]], *, limit: int) -> Iterator[Piece]:
    """The unread whole lines of segments, at most about `limit` bytes a piece.

    Segments that vanish meanwhile were loaded by another process and are passed over.
    """
    alive: dict[Path, bool] = {}
    for segment, first in waiting:
        folder = segment.path.parent
        if folder not in alive:
            # Asked before reading: a writer that dies in between is dealt with next time.
            alive[folder] = writer_alive(folder)
        try:
            with segment.path.open("rb") as file:
                yield from _pieces_of(file, segment, first, limit, alive[folder])
        except FileNotFoundError:
            continue


def _pieces_of(
    file: BinaryIO, segment: Segment, start: int, limit: int, alive: bool
) -> Iterator[Piece]:
    while start < segment.size:
        file.seek(start)
        data, skipped = _whole_lines(file, min(limit, segment.size - start))
        if data:
            yield Piece(segment, start, data, 0)
        elif skipped:
            yield Piece(segment, start, b"", skipped)
        else:
            if not alive:
                yield Piece(segment, start, b"", segment.size - start)
            return
        start += len(data) + skipped


def _whole_lines(file: BinaryIO, size: int) -> tuple[bytes, int]:
    """`size` bytes from here, cut after the last newline; further where the first line is longer.

    Where that line is over `MAX_LINE`: no bytes, and how many to skip. Neither: no newline yet.
    """
    data = file.read(size)
    cut = data.rfind(b"\n") + 1
    if cut:
        return data[:cut], 0
    length = len(data)
    while more := file.read(1 << 20):
        at = more.find(b"\n") + 1
        length += at or len(more)
        if length <= MAX_LINE:
            data += more[: at or len(more)]
        if at:
            return (data, 0) if length <= MAX_LINE else (b"", length)
    return b"", 0


class Facts(NamedTuple):
    """What settling needs to know of each record, in columns: little, so that the records
    themselves can go at once and their memory serves the next slice.
    """

    keys: list[Key]
    times: list[int]
    opens: list[int]
    """Indexes of the records that are open."""

    def take(self, kind: RecordKind, records: list[Any]) -> None:
        """Add some records."""
        if kind == "span":
            first = len(self.keys)
            self.keys.extend([(r.trace_id, r.span_id) for r in records])
            self.times.extend([r.start_time for r in records])
            self.opens.extend([i for i, r in enumerate(records, first) if r.state == "open"])
        else:
            self.keys.extend([("", r.record_id) for r in records])
            self.times.extend([r.time for r in records])


def settle(reader: LineReader[Any], parts: list[Piece]) -> Batch:
    """One batch from pieces of one kind, in order."""
    batch = Batch(reader.kind, parts)
    facts = _read_all(reader, parts)
    if facts is not None:
        data = parts[0].data if len(parts) == 1 else b"".join(piece.data for piece in parts)
        if not facts.opens and len(set(facts.keys)) == len(facts.keys):
            batch.whole, batch.keys, batch.times = data, facts.keys, facts.times
            return batch
        lines = data.split(b"\n")[:-1]
        owners = [piece.segment.writer for piece in parts for _ in range(piece.data.count(b"\n"))]
    else:
        lines, facts, owners, batch.refused = _sieve(reader, parts)
    _settle_lines(batch, facts, lines, owners)
    return batch


def _read_all(reader: LineReader[Any], parts: list[Piece]) -> Facts | None:
    """Every record's facts, or None where any line is refused.

    In slices, since the decoder holds the interpreter lock from a call's beginning to its end.
    """
    facts = Facts([], [], [])
    for piece in parts:
        start = 0
        while start < len(piece.data):
            end = piece.data.find(b"\n", start + SLICE) + 1 or len(piece.data)
            records = reader.read(piece.data[start:end])
            if records is None:
                return None
            facts.take(reader.kind, records)
            start = end
    return facts


def _sieve(
    reader: LineReader[Any], parts: list[Piece]
) -> tuple[list[bytes], Facts, list[str], list[Refused]]:
    """Line by line: good lines, their facts and writers; and what was refused."""
    kept: list[bytes] = []
    facts = Facts([], [], [])
    owners: list[str] = []
    refused: list[Refused] = []
    for piece in parts:
        position = piece.start
        for line in piece.data.split(b"\n")[:-1]:
            record, reason = reader.one(line) if line.strip() else (None, None)
            if record is not None:
                kept.append(line)
                facts.take(reader.kind, [record])
                owners.append(piece.segment.writer)
            elif reason is not None:
                refused.append(Refused(piece.segment, position, reason, line))
            position += len(line) + 1
    return kept, facts, owners, refused


def _settle_lines(batch: Batch, facts: Facts, lines: list[bytes], owners: list[str]) -> None:
    """Each key once; open ones aside, unless they close here."""
    opens = set(facts.opens)
    seen: set[Key] = set()
    for i, (key, line) in enumerate(zip(facts.keys, lines, strict=True)):
        if i in opens:
            batch.opened.setdefault(key, Opened(owners[i], line))
        elif key not in seen:
            seen.add(key)
            batch.lines.append(line)
            batch.keys.append(key)
            batch.times.append(facts.times[i])
    for key in seen & batch.opened.keys():
        del batch.opened[key]
