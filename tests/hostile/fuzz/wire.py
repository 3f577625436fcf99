"""Records, OTLP bodies, segments of a spool, messages within attributes: what machines send."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args

import msgspec

from jollyscope.errors import JollyScopeError
from jollyscope.model.records import RecordKind
from jollyscope.model.wire import InvalidRecordError, LineReader, decode, encode, encode_lines
from jollyscope.query.tail import Item, Template
from jollyscope.query.tail.template import LETTERS
from jollyscope.receive.otlp.decode import (
    Decoded,
    MalformedError,
    Signal,
    decode_json,
    decode_protobuf,
)
from jollyscope.receive.otlp.limits import TooLargeError
from jollyscope.receive.otlp.unpack import Encoding, sniff, unpack
from jollyscope.semconv.messages import conversation, has_messages, messages_of
from jollyscope.store.lake.batch import pieces, settle
from jollyscope.transport.following import Heard
from jollyscope.transport.following.segment import SegmentReader
from jollyscope.transport.spool import Segment
from tests.hostile.fuzz.target import Target
from tests.hostile.upgrade import stored
from tests.library.importers import samples
from tests.library.otlp import messages as otlp
from tests.library.receive.serving import logs, metrics, traces
from tests.library.receive.test_hostile import PACK

KINDS: tuple[RecordKind, ...] = get_args(RecordKind)
SIGNALS: tuple[Signal, ...] = tuple(sorted(otlp.REQUESTS))
READERS = {kind: LineReader[Any](kind) for kind in KINDS}


def chosen(data: bytes, ways: tuple[Any, ...]) -> tuple[Any, bytes]:
    """The first byte says which way the rest goes."""
    return ways[data[0] % len(ways)] if data else ways[0], data[1:]


def sentence(error: JollyScopeError, longest: int = 2000) -> None:
    """What a parser may say: short, and on one line, but for what it quotes."""
    assert error.message.endswith((".", "?")), error.message
    assert "\n" not in error.hint
    assert len(error.message) < longest


def lines() -> list[bytes]:
    return encode_lines([*stored.FIRST, *stored.SECOND_LOAD]).splitlines()


def record(data: bytes) -> None:
    """One line is read alone, among others and for a tail alike, or refused in one sentence."""
    kind, line = chosen(data, KINDS)
    try:
        read = decode(line, kind)
    except InvalidRecordError as error:
        read = None
        sentence(error, 600)
    if read is not None:
        assert decode(encode(read), kind) == read
    if b"\n" not in line:
        one, reason = READERS[kind].one(line)
        assert (one is None) == (read is None) == bool(reason)
        together = READERS[kind].read(line + b"\n")
        assert together is None or read is not None
    item = Item(Heard(kind, line, 1))
    assert (item.record is None) == (read is None)
    assert "\n" not in item.row.name + item.row.text + item.row.of
    ALL_LETTERS.line(item)


ALL_LETTERS = Template("".join(f"%{letter} " for letter in LETTERS))


def received(decoder: Callable[[Signal, bytes], Decoded]) -> Callable[[bytes], None]:
    """Every record of a request stands by itself, or is counted as rejected."""

    def check(data: bytes) -> None:
        signal, body = chosen(data, SIGNALS)
        try:
            taken = decoder(signal, body)
        except MalformedError as error:
            sentence(error)
            return
        assert bool(taken.rejected) == bool(taken.message)
        for made in taken.records:
            assert decode(encode(made), otlp.KINDS[signal]) == made

    return check


LIMIT = 1 << 20
ENCODINGS: tuple[Encoding, ...] = get_args(Encoding)


def packed(data: bytes) -> None:
    """No body becomes more than its limit."""
    encoding, body = chosen(data, ENCODINGS)
    try:
        assert len(unpack(body, encoding, LIMIT)) <= LIMIT
    except (MalformedError, TooLargeError) as error:
        sentence(error)
    sniff(body)


def segment(data: bytes) -> None:
    """Of a segment every whole line is kept or refused, and a follower hears them all."""
    kind, body = chosen(data, KINDS)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{kind}-000001.jsonl"
        path.write_bytes(body)
        one = Segment("writer", kind, 1, path, len(body))
        taken = list(pieces([(one, 0)], limit=1 << 16))
        batch = settle(READERS[kind], taken)
        whole = b"".join(piece.data for piece in taken)
        assert body.startswith(whole)
        assert whole == body[: body.rfind(b"\n") + 1]
        for line in batch.lines_apart():
            decode(line, kind)
        for refused in batch.refused:
            assert body[refused.position :].startswith(refused.line)
            assert refused.reason
        for opened in batch.opened.values():
            decode(opened.line, kind)
        reader = SegmentReader(one)
        heard = bytearray()
        while (more := reader.take(64)) is not None:
            heard += more.data
        reader.close()
        assert bytes(heard) == whole


NAMES = (
    "input.value", "output.value", "gen_ai.input.messages", "gen_ai.output.messages", "events",
    "llm.prompts", "gen_ai.prompt", "llm.input_messages", "ai.prompt.messages", "langfuse.observation.input",
    "gen_ai.tool.call.arguments", "gen_ai.system_instructions", "all_messages_events", "lk.chat_ctx",
)  # fmt: skip


def messages(data: bytes) -> None:
    """Whatever attributes say, a conversation comes of it that can be written, the same each time."""
    name, body = chosen(data, NAMES)
    text = body.decode(errors="replace")
    attributes: dict[str, Any] = {name: text}
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        value = text
    if isinstance(value, dict):
        attributes |= {str(key): each for key, each in value.items()}
    made = conversation(attributes, [])
    msgspec.json.encode(made)
    assert has_messages(attributes, []) or not made
    assert conversation(attributes, []) == made
    msgspec.json.encode(messages_of(value))


def tagged(ways: tuple[Any, ...], way: Any, *bodies: bytes) -> Iterator[bytes]:
    for body in bodies:
        yield bytes([ways.index(way)]) + body


def record_seeds() -> Iterator[bytes]:
    for line in lines():
        kind = "metric" if b'"value"' in line else "event" if b"record_id" in line else "span"
        yield from tagged(KINDS, kind, line)


def protobuf_seeds() -> Iterator[bytes]:
    for signal, make in (("traces", traces), ("logs", logs), ("metrics", metrics)):
        yield from tagged(SIGNALS, signal, make(2))


def json_seeds() -> Iterator[bytes]:
    for signal, value in zip(
        ("traces", "logs", "metrics"),
        (samples.OTLP, samples.OTLP_LOGS, samples.OTLP_METRICS), strict=True,
    ):  # fmt: skip
        yield from tagged(SIGNALS, signal, msgspec.json.encode(value))


def packed_seeds() -> Iterator[bytes]:
    for name, pack in PACK.items():
        yield from tagged(ENCODINGS, name or "identity", pack(traces(3)), pack(bytes(3000)))


def segment_seeds() -> Iterator[bytes]:
    yield from tagged(KINDS, "span", b"\n".join(lines()) + b"\n" + stored.TORN)


def message_seeds() -> Iterator[bytes]:
    said = [
        {"role": "user", "content": "查"},
        {"role": "assistant", "parts": [{"type": "tool_call", "name": "f", "arguments": {"a": 1}}]},
        {"role": "tool", "content": [{"type": "tool_result", "content": "x"}]},
    ]
    text = msgspec.json.encode(said)
    for name in NAMES:
        yield from tagged(NAMES, name, text, msgspec.json.encode({"messages": said}))
    flat = {"llm.input_messages.0.message.content": "a", "gen_ai.prompt.1.role": "user"}
    yield from tagged(NAMES, "events", msgspec.json.encode(flat))


JSON_WORDS = tuple(
    word.encode()
    for word in (
        '{"', '":', "[", "]", "}", ",", "null", "true", "1e400", "-1", "9" * 20, '"\\ud800"', "\\u0000",
        '"role"', '"content"', '"parts"', '"type"', '"traceId"', '"spans"', '"schema"', '"trace_id"',
        '"span_id"', '"start_time"', '"state"', '"attributes"', '"events"', '"value"', '"stringValue"',
        '"arrayValue"', '"kvlistValue"', '"intValue"', '"bytesValue"', "0" * 32,
    )
)  # fmt: skip
TARGETS = (
    Target("record", record, record_seeds, JSON_WORDS),
    Target("otlp-protobuf", received(decode_protobuf), protobuf_seeds),
    Target("otlp-json", received(decode_json), json_seeds, JSON_WORDS),
    Target("packed", packed, packed_seeds),
    Target("segment", segment, segment_seeds, JSON_WORDS),
    Target("messages", messages, message_seeds, JSON_WORDS),
)
