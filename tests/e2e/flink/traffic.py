"""Span lines with known faults: some malformed, some sent twice, some late."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from jollyscope.model.records import SpanRecord
from jollyscope.model.wire import encode

LATE = 2 * 3600 * 10**9
MINUTE = 60 * 10**9
_STEPS = (
    ("think", None, "gpt-4o"), ("act", "search 搜索", None), ("observe", None, None),
    ("response", None, "qwen3"), ("user_input", None, None),
)  # fmt: skip
_GOOD = b'{"schema":1,"trace_id":"%s","span_id":"00000000000000aa","start_time":1,"end_time":2}'
_TRACE = b"5" * 32
_ODD = f"{0xA1E000:032x}"
"""One trace, so one partition: twenty minutes in one go, which must be heard in their order."""

MALFORMED: dict[bytes, str] = {
    b'{"schema":1,"trace_id":': "it is no JSON that can be read",
    b'{"sch\xff\xfe': "it is no JSON that can be read",
    b"": "it is no JSON that can be read",
    b'[1,"two"]': "it is no object",
    b"{}": "it is no object",
    _GOOD[:-1] % _TRACE + b',"name":7}': "`name` cannot be 7",
    _GOOD[:-1] % _TRACE + b',"input_tokens":-1}': "`input_tokens` cannot be -1",
    _GOOD[:-1] % _TRACE + b',"span_id":"00000000000000ab"}': "a field stands in it twice",
    (_GOOD % _TRACE).replace(b'"schema":1,', b""): "it has no schema version",
    (_GOOD % _TRACE).replace(b'"schema":1', b'"schema":9'): (
        "its schema version 9 is newer than 1, the newest read here"
    ),
    (_GOOD % _TRACE).replace(b'"schema":1', b'"schema":0'): "schema version 0 never existed",
    _GOOD % b"xyz": "trace_id is not 32 digits of lowercase hex",
    _GOOD % (b"0" * 32): "trace_id is all zeros",
    (_GOOD % _TRACE).replace(b'"span_id":"00000000000000aa",', b""): "span_id is missing",
    (_GOOD % _TRACE).replace(b'"start_time":1,', b""): "start_time is missing",
    (_GOOD % _TRACE).replace(b',"end_time":2', b""): "state is closed but end_time is missing",
    _GOOD[:-1] % _TRACE + b',"state":"paused"}': "its state is neither open nor closed",
    _GOOD[:-1] % _TRACE + b',"state":"interrupted"}': (
        "state `interrupted` is for readers to find, never written"
    ),
    _GOOD[:-1] % _TRACE + b',"kind":"robot"}': "its kind is none of the five",
    _GOOD[:-1] % _TRACE + b',"step_type":"dream"}': "its step_type is none of the six",
    _GOOD[:-1] % _TRACE + b',"status":"meh"}': "its status is none of the three",
    _GOOD[:-1] % _TRACE + b',"duration_ms":-0.5}': "duration_ms is negative",
    _GOOD[:-1] % _TRACE + b',"parent_span_id":"no"}': (
        "parent_span_id is not 16 digits of lowercase hex"
    ),
    _GOOD[:-1] % _TRACE + b',"events":[{"name":3}]}': "its events are not as they should be",
    _GOOD[:-1] % _TRACE + b',"links":["x"]}': "its links are not as they should be",
    _GOOD[:-1] % _TRACE + b',"attributes":' + b'{"a":' * 127 + b"1" + b"}" * 128: (
        "it is nested deeper than 127 levels"
    ),
}
"""A line of each sort, and what is wrong with it."""


class Traffic(NamedTuple):
    """What is sent, in order, and what must come of it."""

    lines: list[tuple[bytes, bytes]]
    good: list[SpanRecord]
    """Each once: open and closed ones."""
    reasons: Counter[str]
    late: int
    doubled: int

    @property
    def closed(self) -> int:
        return sum(record.state == "closed" for record in self.good)


def traffic(count: int, *, now: int, seed: int) -> Traffic:
    """`count` lines: of a hundred one is malformed, one sent twice, one two hours late; each tenth span
    was also told when it opened. Spans begin within the two minutes before `now` (Unix ns).
    """
    chance = random.Random(seed)
    lines: list[tuple[bytes, bytes]] = []
    good: list[SpanRecord] = []
    reasons: Counter[str] = Counter()
    closing: list[SpanRecord] = []
    late = doubled = 0
    wrong = sorted(MALFORMED.items())
    spans = _spans(now, chance)
    for number in range(count):
        hundredth = number % 100
        if hundredth == 10:
            line, reason = wrong[number // 100 % len(wrong)]
            lines.append((b"malformed", line))
            reasons[f"Not a span record: {reason}."] += 1
        elif hundredth == 20:
            lines.append(lines[-1])
            doubled += 1
        else:
            record = closing.pop() if closing else next(spans)
            if hundredth == 30:
                record = msgspec.structs.replace(
                    record, start_time=record.start_time - LATE, end_time=_end(record) - LATE
                )
                late += 1
            if hundredth % 10 == 5:  # the line after it is the same span, closed
                closing.append(record)
                record = _opened(record)
            good.append(record)
            lines.append((record.trace_id.encode(), encode(record)))
    return Traffic(lines, good, reasons, late, doubled)


def _end(record: SpanRecord) -> int:
    assert record.end_time is not None
    return record.end_time


def _opened(record: SpanRecord) -> SpanRecord:
    return msgspec.structs.replace(
        record, state="open", end_time=None, duration_ms=None, status="unset", output=None,
        output_tokens=None, cost_usd=None,
    )  # fmt: skip


def _spans(now: int, chance: random.Random) -> Iterator[SpanRecord]:
    """Traces of twenty spans below one root."""
    while True:
        trace_id, root = f"{chance.getrandbits(128) | 1:032x}", ""
        session = f"s-{chance.randrange(50)}"
        for number in range(20):
            step, tool, model = _STEPS[number % len(_STEPS)]
            span_id = f"{chance.getrandbits(64) | 1:016x}"
            start = now - chance.randrange(120 * 10**9)
            length = chance.randrange(1, 2 * 10**9)
            failed = chance.random() < 0.05
            yield SpanRecord(
                trace_id=trace_id, span_id=span_id, parent_span_id=root or None,
                session_id=session, user_id=f"u-{chance.randrange(4)}", service="agent 代理",
                name=f"{step} ☀", step_type=step if root else "other", start_time=start,
                end_time=start + length, duration_ms=length / 1e6,
                status="error" if failed else "ok", error_type="Boom" if failed else None,
                input=f"问 {number}", output="答" * chance.randrange(20), tool_name=tool,
                model=model, input_tokens=100 if model else None,
                output_tokens=chance.randrange(500) if model else None,
                cost_usd=chance.randrange(64) / 1024 if model else None,
                attributes={"n": number, "one": 1.0}, resource={"service.name": "agent 代理"},
            )  # fmt: skip
            root = root or span_id


def unusual(now: int) -> tuple[list[SpanRecord], dict[str, int]]:
    """Twenty-one quiet minutes of one service, ten spans each, in which three minutes stand out and one
    agent runs in a circle; and by alert its time (Unix ns). The last minute ends five before `now`.
    """
    first = now - now % MINUTE - 26 * MINUTE
    odd = {
        "latency": first + 14 * MINUTE,
        "errors": first + 16 * MINUTE,
        "volume": first + 18 * MINUTE,
    }
    spans: list[SpanRecord] = []
    for number in range(21):
        minute = first + number * MINUTE
        for n in range(80 if minute == odd["volume"] else 10):
            length = 900 if minute == odd["latency"] else 100 + (n + number) % 10
            failed = minute == odd["errors"]
            start = minute + n * 10**8
            spans.append(
                SpanRecord(
                    trace_id=_ODD, span_id=f"{number * 1000 + n + 1:016x}",
                    service="quiet", step_type="think", start_time=start,
                    end_time=start + length * 10**6, duration_ms=float(length),
                    status="error" if failed else "ok",
                )
            )  # fmt: skip
    circle = first + 20 * MINUTE
    spans += [
        SpanRecord(
            trace_id=_ODD, span_id=f"{0xA1E200 + n:016x}", service="round",
            step_type="act", tool_name="search", input='{"q":"又来"}',
            start_time=circle + n, end_time=circle + n + 1, duration_ms=0.0, status="ok",
        )
        for n in range(7)
    ]  # fmt: skip
    return spans, odd | {"loop": circle + 4}
