"""JSON of any length, read a piece at a time: the raw bytes of every value at the places asked for.

Places are written with dots: `data.[].spans.[]` is every item of `spans` of every item of `data`,
`*` is any key, the empty place is the document itself. A longer place wins over a shorter one, and a
named key over `*`. A stream may hold several documents, one after the other.

Only what leads to a piece is looked at closely; inside a piece, and in what nobody asked for, only
strings and brackets count, so that the regular expressions do the work (60 MB/s and more). Whoever
takes a piece decodes it, which checks it. Memory is one chunk and one piece, whatever the file.

ijson reads faster, but gives Python values where the bytes are wanted: the OTLP decoder takes bytes, a
double is told from an integer by its text, and a bad value is named with its line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple, Protocol

import msgspec

from jollyscope.receive.importers.places import NOTHING, Places
from jollyscope.receive.importers.trouble import TooLargeError, UnreadableError

__all__ = [
    "CHUNK",
    "MAX_PIECE",
    "Piece",
    "Place",
    "Places",
    "Readable",
    "Scanner",
    "pieces_of_line",
]

MAX_PIECE = 64 << 20
"""Bytes of the largest object taken whole. As Python objects it takes several times as much."""

CHUNK = 1 << 20

Place = tuple[str | int, ...]


class Readable(Protocol):
    """A stream of bytes."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; empty at the end."""
        ...


class Piece(NamedTuple):
    """A value as it stands in the file. `place` has keys and indices; `document` counts from 0."""

    document: int
    place: Place
    line: int
    offset: int
    raw: bytes

    def unreadable(self, reason: str) -> UnreadableError:
        """This piece as what is wrong with the file."""
        return UnreadableError(reason, line=self.line, offset=self.offset)


_OBJECT, _ARRAY, _QUOTE, _BACKSLASH, _COMMA = b'{["\\,'
_OBJECT_END, _ARRAY_END, _COLON = b"}]:"

_SPACE = re.compile(rb"[ \t\r\n]*+")
_BETWEEN = re.compile(rb"[ \t\r\n\x1e]*+")  # RFC 7464 puts a record separator before each document
_STRING_REST = re.compile(rb'(?:[^"\\]++|\\.)*+', re.DOTALL)
_SCALAR = re.compile(rb'[^ \t\r\n,:"{}\[\]]*+')
_REST = rb'[^"{}\[\]]*+'
_TEXT = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_FLAT = rb"[{\[]" + _REST + rb"(?:" + _TEXT + _REST + rb")*+[}\]]"
_DEEP = rb"[{\[]" + _REST + rb"(?:(?:" + _TEXT + rb"|" + _FLAT + rb")" + _REST + rb")*+[}\]]"
_DEEPER = rb"[{\[]" + _REST + rb"(?:(?:" + _TEXT + rb"|" + _DEEP + rb")" + _REST + rb")*+[}\]]"
# Objects and arrays nested up to three levels, which are most, at once (93 MB/s instead of 65 for one
# level), else a string, else one bracket; a quote alone is a string that goes on in the next chunk.
_TOKEN = re.compile(_DEEPER + rb"|" + _TEXT + rb'|[{}\[\]"]', re.DOTALL)


def pieces_of_line(
    line: bytes, places: Places, number: int, offset: int, limit: int = MAX_PIECE
) -> Iterator[Piece]:
    """The pieces of one line of a file of JSON lines; each counts as a document of its own."""
    start = len(line) - len(line.lstrip())
    if places.wanted and start < len(line) and not places.opens(line[start]):
        yield Piece(number - 1, (), number, offset, line)
        return
    scanner = Scanner(_Once(line), places, limit=limit, line=number, offset=offset)
    for piece in scanner:
        if piece.document:
            raise piece.unreadable("something follows the document")
        yield piece._replace(document=number - 1)


class _Once:
    def __init__(self, data: bytes) -> None:
        self._data = data

    def read(self, size: int, /) -> bytes:
        data, self._data = self._data, b""
        return data


class Scanner:
    """Iterates over the pieces of a stream, in the order of the file. Raises `UnreadableError`."""

    def __init__(
        self,
        stream: Readable,
        places: Places,
        *,
        limit: int = MAX_PIECE,
        line: int = 1,
        offset: int = 0,
    ) -> None:
        self._stream = stream
        self._places = places
        self._limit = limit
        self._buffer = b""
        self._at = 0
        self._base = offset  # of the buffer's first byte
        self._line = line  # of the byte at `_counted`
        self._counted = 0
        self._kept: list[bytes] | None = None  # chunks of the piece being taken
        self._kept_bytes = 0
        self._from = 0
        self._began = (line, offset)
        self.document = 0

    def __iter__(self) -> Iterator[Piece]:
        if self._more() and self._buffer.startswith(b"\xef\xbb\xbf"):
            self._at = 3
        while self._skip_space(_BETWEEN):
            yield from self._value((), self._places)
            self.document += 1

    def _value(self, place: Place, places: Places) -> Iterator[Piece]:
        first = self._peek()
        if places.opens(first):
            yield from (self._object if first == _OBJECT else self._array)(place, places)
        elif places.wanted:
            raw = self._taken(first)
            yield Piece(self.document, place, *self._began, raw)
        else:
            self._pass(first)

    def _object(self, place: Place, places: Places) -> Iterator[Piece]:
        self._at += 1
        first = self._peek()
        while first != _OBJECT_END:
            if first != _QUOTE:
                raise self._wrong("a key should stand here")
            key = self._key()
            if self._peek() != _COLON:
                raise self._wrong("a colon should stand here")
            self._at += 1
            yield from self._value((*place, key), places.key(key))
            first = self._peek()
            if first == _COMMA:
                self._at += 1
                first = self._peek()
                if first == _OBJECT_END:
                    raise self._wrong("a key should stand here")
            elif first != _OBJECT_END:
                raise self._wrong("a comma or a closing brace should stand here")
        self._at += 1

    def _array(self, place: Place, places: Places) -> Iterator[Piece]:
        self._at += 1
        index = 0
        below = places.item or NOTHING
        first = self._peek()
        while first != _ARRAY_END:
            yield from self._value((*place, index), below)
            index += 1
            first = self._peek()
            if first == _COMMA:
                self._at += 1
                first = self._peek()
                if first == _ARRAY_END:
                    raise self._wrong("a value should stand here")
            elif first != _ARRAY_END:
                raise self._wrong("a comma or a closing bracket should stand here")
        self._at += 1

    def _key(self) -> str:
        raw = self._taken(_QUOTE)
        try:
            return msgspec.json.decode(raw, type=str)
        except (msgspec.MsgspecError, UnicodeError):
            line, offset = self._began
            raise UnreadableError("a key is no JSON string", line=line, offset=offset) from None

    def _taken(self, first: int) -> bytes:
        """The value that begins here, and go behind it."""
        self._kept, self._kept_bytes, self._from = [], 0, self._at
        self._began = self._where()
        self._pass(first)
        raw = self._buffer[self._from : self._at]
        kept, self._kept = self._kept, None
        self._within(self._kept_bytes + len(raw))
        return b"".join([*kept, raw]) if kept else raw

    def _pass(self, first: int) -> None:
        """Go behind the value that begins here."""
        if first in (_OBJECT, _ARRAY):
            self._pass_brackets()
        elif first == _QUOTE:
            self._at += 1
            self._pass_string()
        else:
            self._pass_scalar()

    def _pass_brackets(self) -> None:
        depth = 0
        while True:
            for token in _TOKEN.finditer(self._buffer, self._at):
                start, end = token.span()
                if end - start > 1:  # a string, or brackets that are closed again
                    if depth:
                        continue
                    self._at = end
                    return
                byte = self._buffer[start]
                if byte == _QUOTE:
                    self._at = end
                    self._pass_string()
                    break
                depth += 1 if byte in (_OBJECT, _ARRAY) else -1
                if depth == 0:
                    self._at = end
                    return
            else:
                if not self._more():
                    raise self._wrong("the file ends in the middle of a value")

    def _pass_string(self) -> None:
        while True:
            match = _STRING_REST.match(self._buffer, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._buffer):
                if self._buffer[self._at] == _QUOTE:
                    self._at += 1
                    return
                # A backslash that is the last byte of its chunk: pass what it escapes.
                if not self._more():
                    break
                self._at = 1
            elif not self._more():
                break
        raise self._wrong("the file ends in the middle of a text")

    def _pass_scalar(self) -> None:
        length = 0
        while True:
            match = _SCALAR.match(self._buffer, self._at)
            end = match.end() if match else self._at
            length += end - self._at
            self._at = end
            if length > 1 << 16:
                raise self._wrong("this is no JSON")
            if end < len(self._buffer) or not self._more():
                break
        if not length:
            raise self._wrong("a value should stand here")

    def _peek(self) -> int:
        if not self._skip_space(_SPACE):
            raise self._wrong("the file ends in the middle of a value")
        return self._buffer[self._at]

    def _skip_space(self, space: re.Pattern[bytes]) -> bool:
        """Go to the next byte that is no white space; False at the end of the stream."""
        while True:
            match = space.match(self._buffer, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._buffer):
                return True
            if not self._more():
                return False

    def _more(self) -> bool:
        """The next chunk in the place of this one."""
        if self._kept is not None:
            self._kept.append(self._buffer[self._from :])
            self._kept_bytes += len(self._buffer) - self._from
            self._from = 0
            self._within(self._kept_bytes)
        self._line += self._buffer.count(b"\n", self._counted)
        self._counted = 0
        self._base += len(self._buffer)
        self._at = 0
        self._buffer = self._stream.read(CHUNK)
        return bool(self._buffer)

    def _within(self, size: int) -> None:
        if size > self._limit:
            line, offset = self._began
            raise TooLargeError(
                f"an object is larger than {self._limit >> 20} MB", line=line, offset=offset
            )

    def _where(self) -> tuple[int, int]:
        self._line += self._buffer.count(b"\n", self._counted, self._at)
        self._counted = self._at
        return self._line, self._base + self._at

    def _wrong(self, reason: str) -> UnreadableError:
        line, offset = self._where()
        return UnreadableError(reason, line=line, offset=offset)
