"""Records that are known by their number alone, and what was written of them and acknowledged.

Whoever finds a record in a store makes it anew from its number and compares: one that was never
written, or of which half is another's, cannot pass.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from jollyscope.model.records import SpanRecord
from jollyscope.model.wire import encode_lines

__all__ = ["COLUMNS", "OLD", "WRITER", "Ledger", "Notes", "lines", "number_of", "record", "wrong"]

WRITER = 1_000_000
"""Numbers of one writer: writer 3 has 3,000,000 to 3,999,999."""
OLD = 900_000
"""From here on a writer's records are of 1971, which retention may drop."""
COLUMNS = "span_id, trace_id, name, input, start_time, end_time, state"

_BEGIN = 1_700_000_000_000_000_000
_LAST = 2**63 - 1
_TEXTS = ("plain text ", "多 many 👥 北京 ", "é\u0301 \u200b\u202e ", '{"a": "\\"\t\n"} ', "")


@lru_cache(200_000)
def record(number: int) -> SpanRecord:
    """The closed span of that number. One in twenty is of an odd time."""
    within = number % WRITER
    start = _BEGIN + number * 1_000_000
    if within >= OLD:
        start = 365 * 86_400_000_000_000 + number
    elif within % 20 == 7:
        # The epoch itself, the last moment of 64 bits, and times that go backwards.
        start = (0, _LAST - 1_000, _BEGIN - within % 10_000 * 86_400_000_000_000)[within // 20 % 3]
    text = _TEXTS[number % len(_TEXTS)] * (random.Random(number).randrange(40) + 1)
    return SpanRecord(
        trace_id=f"{number // 7 + 1:032x}", span_id=f"{number + 1:016x}", name=f"step {number}",
        start_time=start, end_time=start + 1_000, duration_ms=0.001, input=f"{number} {text}",
        step_type="act", tool_name=f"tool-{number % 5}", status="ok", attributes={"n": number},
    )  # fmt: skip


def opened(number: int) -> SpanRecord:
    """The same span when it starts."""
    whole = record(number)
    return SpanRecord(
        trace_id=whole.trace_id, span_id=whole.span_id, name=whole.name, input=whole.input,
        start_time=whole.start_time, state="open",
    )  # fmt: skip


def opens(number: int) -> bool:
    """Whether it is also written when it starts."""
    return number % 3 == 0


def lines(numbers: Iterable[int], *, start: bool = False) -> bytes:
    """Their lines in the spool; with `start` those of the ones that are also written then."""
    if start:
        return encode_lines([opened(number) for number in numbers if opens(number)])
    return encode_lines([record(number) for number in numbers])


def number_of(span_id: str) -> int:
    """The number of a span's record."""
    return int(span_id, 16) - 1


def wrong(row: tuple[Any, ...]) -> str:
    """What is wrong with a row of `COLUMNS`, empty where nothing is."""
    span_id, trace_id, name, text, start, end, state = row
    whole = record(number_of(span_id))
    ended = {"closed": end == whole.end_time, "interrupted": end is not None and end >= start}
    same = (trace_id, name, text, start) == (
        whole.trace_id, whole.name, whole.input, whole.start_time,
    )  # fmt: skip
    if same and ended.get(state, state == "open"):
        return ""
    return f"record {number_of(span_id)} is not as it was written: {row!r:.300}"


class Notes:
    """What a process that is to be killed says of its writing: each line one `write` to a file.

    `W 5 9`: numbers 5 to 9 are being written. `O 5 9`: their starts are acknowledged. `A 5 9`: they are.
    """

    def __init__(self, path: Path) -> None:
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._write = os.write  # not the one that faults are planted in

    def say(self, mark: str, first: int, last: int) -> None:
        """Write a line."""
        self._write(self._fd, f"{mark} {first} {last}\n".encode())


class Ledger:
    """What was offered to a store and what of it was acknowledged, read from notes."""

    def __init__(self) -> None:
        self.offered: set[int] = set()
        self.started: set[int] = set()
        """Starts that were acknowledged."""
        self.acknowledged: set[int] = set()
        self.may_go: set[int] = set()
        """Of what was acknowledged: what retention, or damage that was done to it, may take away."""

    def read(self, *notes: Path) -> Ledger:
        """Take in some notes. A last line without its end is left out."""
        for path in notes:
            text = path.read_text() if path.exists() else ""
            for line in text[: text.rfind("\n") + 1].splitlines():
                mark, first, last = line.split()
                numbers = range(int(first), int(last) + 1)
                if mark == "O":
                    self.started.update(filter(opens, numbers))
                else:
                    {"W": self.offered, "A": self.acknowledged}[mark].update(numbers)
        return self

    def whole(self, numbers: Iterable[int]) -> None:
        """These were written and acknowledged."""
        found = list(numbers)
        self.offered.update(found)
        self.acknowledged.update(found)
