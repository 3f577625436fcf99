"""One file, read: its records in batches, with what was wrong and where."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from jollyscope.model.records import Record
from jollyscope.receive.importers.detect import Found
from jollyscope.receive.importers.form import Format
from jollyscope.receive.importers.protobuf import messages
from jollyscope.receive.importers.scan import (
    MAX_PIECE,
    Piece,
    Places,
    Readable,
    Scanner,
    pieces_of_line,
)  # fmt: skip
from jollyscope.receive.importers.source import Seen, Source
from jollyscope.receive.importers.trouble import TooLargeError, UnreadableError
from jollyscope.receive.otlp.decode import MalformedError, decode_protobuf

__all__ = ["Bad", "read"]

Tell = Callable[["Bad"], None]
Walk = Callable[[Readable, Places, Tell | None], Iterator[Iterator[Piece]]]

_KEPT_RECORDS, _KEPT_BYTES = 10_000, 8 << 20
"""So much of one document is held back until its end, so that nothing of a broken one is imported."""


_COARSE = 8 << 20
"""Of formats that can also be read in finer pieces: bytes of the largest piece taken before doing so."""


class Bad(NamedTuple):
    """A part of a file that was left out: so many spans or lines, and why."""

    error: UnreadableError
    left_out: int = 1


def read(
    source: Source, found: Found, tell: Tell, seen: Seen | None = None
) -> Iterator[list[Record]]:
    """Batches of the file's records. `tell` hears of every part that was left out.

    Raises `UnreadableError` where the file cannot be read on; what was yielded before stays true. An empty
    batch means: do not count what came before, the file is read again from its beginning.
    """
    if found.layout is not None:
        yield from _protobuf(source, found, tell, seen)
        return
    assert found.kind is not None
    form = found.kind(found.fit)
    if found.lines:
        yield from _json(source, form, _of_lines, tell, seen)
        return
    finer = form.finer()
    if finer is not None:
        try:
            yield from _json(
                source, form, partial(_of_documents, min(_COARSE, MAX_PIECE)), tell, seen
            )
            return
        except TooLargeError:
            yield []
            form = finer
    yield from _json(source, form, partial(_of_documents, MAX_PIECE), tell, seen)


def _protobuf(
    source: Source, found: Found, tell: Tell, seen: Seen | None
) -> Iterator[list[Record]]:
    assert found.layout is not None
    with source.open(seen) as stream:
        for signal, piece in messages(stream, found.layout):
            if signal is None:
                continue
            try:
                decoded = decode_protobuf(signal, piece.raw)
            except MalformedError as error:
                reason = error.message.rstrip(".")
                raise UnreadableError(reason, offset=piece.offset) from None
            if decoded.rejected:
                reason = decoded.message.rstrip(".")
                tell(Bad(UnreadableError(reason, offset=piece.offset), decoded.rejected))
            if decoded.records:
                yield decoded.records


def _json(
    source: Source, form: Format, walk: Walk, tell: Tell, seen: Seen | None
) -> Iterator[list[Record]]:
    lines = walk is _of_lines
    early = _looked(source, form, walk) if form.fit.ahead else None
    with source.open(seen) as stream:
        places = form.fit.places if not lines or form.fit.lines is None else form.fit.lines
        batches = _Batches(form)
        for pieces in walk(stream, Places(places), tell):
            try:
                for piece in pieces:
                    yield from batches.take(piece)
            except UnreadableError as error:
                batches.drop()
                if not lines:
                    yield from batches.full()
                    raise
                tell(Bad(error))
            yield from batches.whole(tell)
        yield from batches.end(tell)
    if early is not None:
        raise early


def _looked(source: Source, form: Format, walk: Walk) -> UnreadableError | None:
    """The pass before the real one. What is wrong there is nearly always found again, with more of the
    file read; it is given back for when it is not.
    """
    try:
        with source.open() as stream:
            for pieces in walk(stream, Places(form.fit.ahead), None):
                try:
                    for piece in pieces:
                        form.look(piece)
                except UnreadableError:
                    if walk is not _of_lines:
                        raise
    except TooLargeError:
        raise
    except UnreadableError as error:
        return error
    return None


class _Batches:
    """Gathers records until a document is whole, or too many to hold."""

    def __init__(self, form: Format) -> None:
        self._form = form
        self._ready: list[Record] = []
        self._held: list[Record] = []
        self._bytes = 0
        self._held_bytes = 0

    def take(self, piece: Piece) -> Iterator[list[Record]]:
        self._held += self._form.take(piece)
        self._held_bytes += len(piece.raw)
        if len(self._held) > _KEPT_RECORDS or self._held_bytes > _KEPT_BYTES:
            self._settle()
            yield from self.full()

    def drop(self) -> None:
        """The document is broken."""
        self._held, self._held_bytes = [], 0
        self._form.refusals.clear()

    def whole(self, tell: Tell) -> Iterator[list[Record]]:
        self._settle()
        self._tell(tell)
        if len(self._ready) >= 1000 or self._bytes > 4 << 20:
            yield from self.full()

    def end(self, tell: Tell) -> Iterator[list[Record]]:
        self._ready += self._form.end()
        self._tell(tell)
        yield from self.full()

    def _tell(self, tell: Tell) -> None:
        for refusal in self._form.refusals:
            tell(Bad(refusal.piece.unreadable(refusal.reason), refusal.left_out))
        self._form.refusals.clear()

    def _settle(self) -> None:
        self._ready += self._held
        self._bytes += self._held_bytes
        self._held, self._held_bytes = [], 0

    def full(self) -> Iterator[list[Record]]:
        """What is whole so far."""
        ready, self._ready, self._bytes = self._ready, [], 0
        if ready:
            yield ready


def _of_documents(
    limit: int, stream: Readable, places: Places, tell: Tell | None
) -> Iterator[Iterator[Piece]]:
    """The pieces of each document, the documents one after the other."""
    scanner = Scanner(stream, places, limit=limit)
    found = iter(scanner)
    waiting: list[Piece] = []
    broken: list[UnreadableError] = []

    def document(first: Piece) -> Iterator[Piece]:
        yield first
        try:
            for piece in found:
                if piece.document != first.document:
                    waiting.append(piece)
                    return
                yield piece
        except UnreadableError as error:
            if scanner.document == first.document:
                raise
            broken.append(error)  # this document is whole, what follows it is not

    def failing(error: UnreadableError) -> Iterator[Piece]:
        raise error
        yield

    for first in found:
        waiting.append(first)
        while waiting:
            yield document(waiting.pop())
    if broken:
        yield failing(broken[0])


def _of_lines(stream: Readable, places: Places, tell: Tell | None) -> Iterator[Iterator[Piece]]:
    """The pieces of each line. A line that is too long is told of and passed over."""
    for number, offset, line in _split(stream):
        if line is None:
            error = UnreadableError(
                f"it is longer than {MAX_PIECE >> 20} MB", line=number, offset=offset
            )
            if tell is not None:
                tell(Bad(error))
        elif line.strip(b" \t\r\x1e"):
            text = line.strip(b"\r\x1e")
            yield pieces_of_line(text, places, number, offset, MAX_PIECE)


def _split(stream: Readable) -> Iterator[tuple[int, int, bytes | None]]:
    """Line numbers, offsets and lines; None for one that is longer than a piece may be."""
    parts: list[bytes] = []
    size, number, offset = 0, 1, 0
    first = True
    while chunk := stream.read(1 << 20):
        if first and chunk.startswith(b"\xef\xbb\xbf"):
            chunk, offset = chunk[3:], 3
        first = False
        *whole, rest = chunk.split(b"\n")
        for line in whole:
            length = size + len(line)
            yield number, offset, b"".join([*parts, line]) if length <= MAX_PIECE else None
            parts, size = [], 0
            number, offset = number + 1, offset + length + 1
        size += len(rest)
        parts = [*parts, rest] if size <= MAX_PIECE else []
    if size:
        yield number, offset, b"".join(parts) if size <= MAX_PIECE else None
