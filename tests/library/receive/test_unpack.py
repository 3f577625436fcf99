"""Packed bodies: equal after unpacking, refused when broken, bounded when hostile."""

from __future__ import annotations

import gzip
import random
import resource
import tracemalloc
import zlib
from collections.abc import Callable

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from jollyscope.receive.otlp.decode import MalformedError
from jollyscope.receive.otlp.limits import EncodingError, TooLargeError
from jollyscope.receive.otlp.unpack import ENCODINGS, Encoding, encoding_of, sniff, unpack
from tests.library.receive.serving import traces

LIMIT = 1 << 20


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


PACK: dict[str, tuple[Encoding, Callable[[bytes], bytes]]] = {
    "identity": ("identity", bytes),
    "gzip": ("gzip", gzip.compress),
    "gzip, two members": ("gzip", lambda d: gzip.compress(d[:7]) + gzip.compress(d[7:])),
    "deflate": ("deflate", zlib.compress),
    "raw deflate": ("deflate", raw_deflate),
    "zstd": ("zstd", lambda d: zstandard.ZstdCompressor().compress(d)),
    "zstd 22": ("zstd", lambda d: zstandard.ZstdCompressor(level=19).compress(d)),
    "zstd, two frames": (
        "zstd",
        lambda d: zstandard.compress(d[:7]) + zstandard.compress(d[7:]),
    ),
}


@pytest.mark.parametrize("how", PACK)
@given(data=st.binary(max_size=3000), times=st.integers(1, 200))
def test_unpacked_is_what_was_packed(how: str, data: bytes, times: int):
    encoding, pack = PACK[how]
    assert unpack(pack(data * times), encoding, LIMIT) == data * times


@pytest.mark.parametrize("how", [how for how in PACK if how != "identity"])
@pytest.mark.parametrize("size", [1 << 30, LIMIT + 1])
def test_a_bomb_takes_no_more_than_the_limit_and_a_piece(how: str, size: int):
    encoding, pack = PACK[how]
    single = PACK[encoding][1]
    # Of two, the second one is the bomb.
    body = single(b"1234567") + single(bytes(size)) if "two" in how else pack(bytes(size))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    tracemalloc.start()
    try:
        with pytest.raises(TooLargeError):
            unpack(body, encoding, LIMIT)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < LIMIT + (10 << 20), f"{peak:,} bytes"
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert after - before < 64 << 10, "kB of the whole process"


def test_exactly_the_limit():
    for how, (encoding, pack) in PACK.items():
        assert len(unpack(pack(bytes(LIMIT)), encoding, LIMIT)) == LIMIT, how
    with pytest.raises(TooLargeError):
        unpack(bytes(LIMIT + 1), "identity", LIMIT)


@pytest.mark.parametrize("how", [how for how in PACK if how != "identity"])
def test_cut_short_anywhere(how: str):
    """Even where what is left would be a whole message: half a request is never answered OK."""
    encoding, pack = PACK[how]
    data = random.Random(1).randbytes(300) + bytes(300)
    body = pack(data)
    whole = [end for end in range(len(body)) if unpack_or_none(body[:end], encoding) is not None]
    if "two" in how:  # the end of the first member or frame is an end too
        (end,) = whole
        assert unpack(body[:end], encoding, LIMIT) == data[:7]
    else:
        assert not whole


def unpack_or_none(body: bytes, encoding: Encoding) -> bytes | None:
    try:
        return unpack(body, encoding, LIMIT)
    except MalformedError:
        return None


@pytest.mark.parametrize("encoding", [e for e in ENCODINGS if e != "identity"])
@given(body=st.binary(max_size=200))
def test_rubbish(encoding: Encoding, body: bytes):
    try:
        unpack(body, encoding, LIMIT)
    except (MalformedError, TooLargeError):
        return


@pytest.mark.parametrize("encoding", [e for e in ENCODINGS if e != "identity"])
def test_what_is_not_packed_so(encoding: Encoding):
    for body in (b"", traces(3), b"\x00" * 50, PACK[encoding][1](b"a" * 99) + b"more"):
        with pytest.raises(MalformedError):
            unpack(body, encoding, LIMIT)


def test_a_zstd_frame_that_asks_for_gigabytes():
    # RFC 8878: no content size, window descriptor 0xff: 3.75 TB.
    with pytest.raises(MalformedError):
        unpack(b"\x28\xb5\x2f\xfd\x00\xff" + b"\x01\x00\x00", "zstd", LIMIT)


def test_names():
    assert encoding_of("") == encoding_of("identity") == "identity"
    assert encoding_of(" GZip ") == encoding_of("x-gzip") == "gzip"
    assert [encoding_of(name) for name in ENCODINGS] == list(ENCODINGS)
    for name in ("br", "gzip, gzip", "zip" * 1000):
        with pytest.raises(EncodingError) as caught:
            encoding_of(name)
        assert len(str(caught.value)) < 200


@given(st.integers(0, 20))
def test_messages_over_grpc_are_told_apart(count: int):
    body = traces(count)
    assert sniff(body) == "identity"
    assert sniff(gzip.compress(body)) == "gzip"
    for level in range(10):
        assert sniff(zlib.compress(body, level)) == "deflate"
