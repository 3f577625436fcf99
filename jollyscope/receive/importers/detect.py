"""What a file is, by what is in it.

The first document is read as far as it lies in the first bytes, with what is open closed, and every
format is asked whether it knows such a document. Then: is every line a document (JSON lines), or is the
file one, or several one after the other?
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import msgspec

from jollyscope.errors import UsageError
from jollyscope.receive.importers.form import Fit, Format
from jollyscope.receive.importers.jaeger import Jaeger
from jollyscope.receive.importers.langfuse import Langfuse
from jollyscope.receive.importers.otlp import Jaeger3, Otlp, Tempo
from jollyscope.receive.importers.own import Documents, Records
from jollyscope.receive.importers.protobuf import Layout, layout_of
from jollyscope.receive.importers.scan import CHUNK, MAX_PIECE, Piece, Readable
from jollyscope.receive.importers.spans import Spans
from jollyscope.receive.importers.swe_agent import SweAgent
from jollyscope.receive.importers.transcripts import Transcripts
from jollyscope.receive.importers.trouble import UnreadableError
from jollyscope.receive.importers.values import decoded
from jollyscope.receive.importers.zipkin import Zipkin

__all__ = ["FORMATS", "NAMES", "Found", "beginning", "detect"]

FORMATS: tuple[type[Format], ...] = (
    Records, Documents, Otlp, Tempo, Jaeger, Jaeger3, Langfuse, Spans, Zipkin, SweAgent, Transcripts,
)  # fmt: skip
"""Asked in this order: the first that knows the file reads it."""

PROTOBUF = "otlp-protobuf"
NAMES = tuple(dict.fromkeys([*(kind.name for kind in FORMATS), PROTOBUF]))

_HEADS = (1 << 18, 1 << 22)
"""Bytes looked at; more only where fewer do not tell."""
_LINES = 100


class Found(NamedTuple):
    """How to read a file. Either a format with its fit, in lines or not, or a layout of protobuf."""

    kind: type[Format] | None = None
    fit: Fit = Fit()
    lines: bool = False
    layout: Layout | None = None

    @property
    def title(self) -> str:
        """What people call it."""
        return self.kind.title if self.kind else "OTLP protobuf"

    @property
    def name(self) -> str:
        """What `--format` calls it."""
        return self.kind.name if self.kind else PROTOBUF


def detect(stream: Readable, wanted: str | None = None) -> Found | None:
    """What the stream holds, from its beginning; None where it is no trace file.

    `wanted` names the only format to think of. Raises `UsageError` where there is no such format, and
    `UnreadableError` where the file is empty or cannot be read.
    """
    if wanted is not None and wanted not in NAMES:
        raise UsageError(f"There is no format `{wanted}`.", hint=f"There are {', '.join(NAMES)}.")
    kinds = [kind for kind in FORMATS if wanted in (None, kind.name)]
    head = b""
    for size in _HEADS:
        more = _read(stream, size - len(head))
        head += more
        if not head.strip():
            raise UnreadableError(
                "it is empty" if not head else "there is nothing but white space in it"
            )
        found = _found(head, kinds, whole=len(head) < size, forced=wanted is not None)
        if found and found.kind and not found.lines and b"\n" not in head:
            return found._replace(lines=_more_lines(stream, head))
        if found or len(head) < size:
            return found
    return None


def _more_lines(stream: Readable, head: bytes) -> bool:
    """Whether the first line, which goes on beyond the head, is a document that another follows: only
    between two documents may a closed value stand before an opening bracket.
    """
    last, size = head[-1:], len(head)
    while size <= MAX_PIECE and (chunk := stream.read(CHUNK)):
        line, newline, rest = chunk.partition(b"\n")
        last = line.rstrip()[-1:] or last
        if newline:
            following = (rest + stream.read(64)).lstrip()
            return last in (b"}", b"]") and following[:1] in (b"{", b"[")
        size += len(chunk)
    return False


def _read(stream: Readable, size: int) -> bytes:
    parts: list[bytes] = []
    while size and (part := stream.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _found(head: bytes, kinds: list[type[Format]], *, whole: bool, forced: bool) -> Found | None:
    text = head[3:] if head.startswith(b"\xef\xbb\xbf") else head
    if text.lstrip()[:1] not in (b"{", b"["):
        layout = layout_of(head)
        if layout is not None and (not forced or not kinds):
            return Found(layout=layout)
    for line in _lines(text, whole):
        value = _parsed(line)
        if isinstance(value, dict | list) and (known := _known(value, kinds)):
            # One line alone is a document as well; as such it may be of any length.
            several = text.count(b"\n", 0, len(text.rstrip())) > 0
            return Found(*known, lines=several)
    if text.lstrip()[:1] not in (b"{", b"["):
        return None
    known = _known(beginning(text), kinds)
    return Found(*known) if known else None


def _known(value: Any, kinds: list[type[Format]]) -> tuple[type[Format], Fit] | None:
    for kind in kinds:
        fit = kind.fits(value)
        if fit is not None:
            return kind, fit
    return None


def _lines(text: bytes, whole: bool) -> list[bytes]:
    """The first lines, if lines can be documents at all: the first is one, or is no beginning of one."""
    lines = text.split(b"\n", _LINES)
    if not whole or len(lines) > _LINES:
        lines.pop()
    lines = [line for line in lines if line.strip()]
    if not lines or not lines[0].lstrip().startswith((b"{", b"[")):
        return lines
    if _parsed(lines[0]) is not None:
        return lines
    # An object that goes on in the next line is no line's; a broken line is followed by whole ones.
    following = [_parsed(line) for line in lines[1:4]]
    broken = following and all(isinstance(value, dict) for value in following)
    return lines if broken and not lines[0].rstrip().endswith((b",", b"[", b"{")) else []


def _parsed(line: bytes) -> Any:
    try:
        return decoded(Piece(0, (), 0, 0, line))
    except UnreadableError:
        return None


_TEXT = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_TOKEN = re.compile(_TEXT + rb'|[{}\[\],"]', re.DOTALL)
_DEEPEST = 100


def beginning(text: bytes) -> Any:
    """The first document, as far as it goes: cut at the last comma or opening bracket, all that is open
    closed. None where it is no JSON.
    """
    closers, cut, kept = b"", 0, b""
    for token in _TOKEN.finditer(text):
        start, end = token.span()
        if end - start > 1:
            continue
        mark = text[start:end]
        if mark == b'"':  # a text that goes on beyond the head
            break
        if mark == b",":
            cut, kept = start, closers
        elif mark in b"{[":
            closers = (b"}" if mark == b"{" else b"]") + closers
            cut, kept = end, closers
            if len(closers) > _DEEPEST:
                break
        else:
            closers = closers[1:]
            if not closers:
                cut, kept = end, b""
                break
    try:
        return msgspec.json.decode(text[:cut] + kept)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _parsed(text[:cut] + kept)
