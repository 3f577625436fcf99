"""Compressed bodies, unpacked with a bound: no body makes more than its limit and one piece."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any, Literal, get_args

from jollyscope.receive.otlp.decode import MalformedError
from jollyscope.receive.otlp.limits import EncodingError, TooLargeError

__all__ = ["ENCODINGS", "Encoding", "encoding_of", "sniff", "unpack"]

Encoding = Literal["identity", "gzip", "deflate", "zstd"]
ENCODINGS: tuple[Encoding, ...] = get_args(Encoding)

_PIECE = 256 << 10
_ZSTD_WINDOW = 8 << 20
"""The largest window that a body may ask for (RFC 9659); else one small frame asks for gigabytes."""
_ZSTD_PIECE = 128
"""Packed bytes given to zstd at a time: at most 4 MB come out at once; 80 ms for 16 MB."""
_SKIPPABLE = b"\x2a\x4d\x18"
_GZIP, _ZLIB, _RAW = 31, 15, -15


def encoding_of(header: str) -> Encoding:
    """The encoding that a Content-Encoding header names. Raises `EncodingError`."""
    name = header.strip().lower() or "identity"
    name = "gzip" if name == "x-gzip" else name
    for known in ENCODINGS:
        if name == known:
            return known
    raise EncodingError(
        f"The content encoding `{name[:40]}` is not known here.",
        hint=f"Use one of {', '.join(ENCODINGS)}.",
    )


def sniff(body: bytes) -> Encoding:
    """How a gRPC message is packed, by its first bytes.

    gRPC hands messages over as they came and does not say how. No OTLP message begins like this:
    0x1f is no tag of protobuf's, and 0x78 would be a field 15 that no request has.
    """
    if body[:2] == b"\x1f\x8b":
        return "gzip"
    if body[:1] == b"\x78" and _is_zlib(body):
        return "deflate"
    return "identity"


def unpack(body: bytes, encoding: Encoding, limit: int) -> bytes:
    """The body as it was before packing. Raises `TooLargeError` beyond `limit` bytes, and
    `MalformedError` for what is not packed so, is cut short, or has more behind its end.
    """
    if encoding == "identity":
        if len(body) > limit:
            raise _too_large(limit)
        return body
    pieces: list[bytes] = []
    size = 0
    for piece in _zstd(body) if encoding == "zstd" else _inflate(body, encoding):
        size += len(piece)
        if size > limit:
            raise _too_large(limit)
        pieces.append(piece)
    return b"".join(pieces)


def _too_large(limit: int) -> TooLargeError:
    return TooLargeError(
        f"The request is larger than {limit:,} bytes.",
        hint="Send smaller batches, or raise max_body_mb of [collect].",
    )


def _is_zlib(body: bytes) -> bool:
    """RFC 1950: the first two bytes are a multiple of 31."""
    return len(body) >= 2 and body[0] & 15 == 8 and (body[0] << 8 | body[1]) % 31 == 0


def _inflate(body: bytes, encoding: Encoding) -> Iterator[bytes]:
    """gzip (one member or several) or deflate; the latter also without zlib's header, as some send."""
    window = _GZIP if encoding == "gzip" else _ZLIB if _is_zlib(body) else _RAW
    left = body
    while True:
        member = zlib.decompressobj(window)
        while not member.eof:
            try:
                piece = member.decompress(left, _PIECE)
            except zlib.error as error:
                raise MalformedError(f"The body is not {encoding}: {error}.") from None
            left = member.unconsumed_tail
            if not piece and not left and not member.eof:
                raise MalformedError(f"The {encoding} body is cut short.")
            yield piece
        left = member.unused_data
        if not left:
            return
        if encoding != "gzip":
            raise MalformedError("There is more behind the end of the deflate body.")


def _zstd(body: bytes) -> Iterator[bytes]:
    """One frame or several (RFC 8878). In small pieces: this library bounds no piece's output, and a
    block of four bytes makes 128 kB. (Its stream reader does, but takes a cut body for a whole one.)
    """
    import zstandard

    frames = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
    frame: Any = None
    at = 0
    try:
        while at < len(body):
            if frame is None:
                if body[at + 1 : at + 4] == _SKIPPABLE:
                    raise MalformedError("The zstd body has a skippable frame.")
                frame = frames.decompressobj()
            yield frame.decompress(body[at : at + _ZSTD_PIECE])
            at += _ZSTD_PIECE
            if frame.eof:
                at = min(at, len(body)) - len(frame.unused_data)
                frame = None
    except zstandard.ZstdError as error:
        raise MalformedError(f"The body is not zstd: {error}.") from None
    if frame is not None or not body:
        raise MalformedError("The zstd body is cut short.")
