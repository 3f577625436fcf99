"""Tool calls that an agent made again: the same tool with the same arguments.

Two calls are the same where their tools have one name and their arguments one canonical form: JSON
with its keys sorted, white space gone and numbers by value (1.0 is 1), in the spirit of RFC 8785
(JSON Canonicalization Scheme); arguments that are no JSON are compared as text, but for white space
around them. Calls whose arguments were not recorded are the same as no other. A call that two
libraries recorded (`model.steps.seen_twice`) is one call.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from jollyscope.model.records import SpanRecord
from jollyscope.model.steps import seen_twice

__all__ = ["Loop", "Repeat", "canonical", "loops", "repeats"]


class Loop(NamedTuple):
    """Calls that are the same, two or more, by start time. `longest` of them came one after another,
    without any other call begun between them.
    """

    tool: str
    arguments: str
    spans: list[SpanRecord]
    longest: int


class Repeat(NamedTuple):
    """Which of how many calls that are the same: `number` counts from 1."""

    number: int
    total: int


def canonical(arguments: str) -> str:
    """The form of a call's arguments in which calls are compared."""
    try:
        return msgspec.json.encode(_DECODER.decode(arguments), order="sorted").decode()
    except (msgspec.MsgspecError, ValueError, OverflowError, RecursionError):
        return arguments.strip()


def _number(text: str) -> float:
    number = float(text)
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


_DECODER = msgspec.json.Decoder(float_hook=_number)


def loops(spans: Iterable[SpanRecord]) -> list[Loop]:
    """What was called more than once in one trace's settled spans, by the first call. Linear but for
    sorting the calls.
    """
    known = list(spans)
    twice = seen_twice(known)
    calls = [s for s in known if s.step_type == "act" and s.span_id not in twice]
    calls.sort(key=lambda span: (span.start_time, span.span_id))
    found: dict[tuple[str, str], list[SpanRecord]] = {}
    longest: dict[tuple[str, str], int] = {}
    last, run = None, 0
    for span in calls:
        key = None if span.input is None else (span.tool_name or span.name, canonical(span.input))
        run = run + 1 if key is not None and key == last else 1
        last = key
        if key is not None:
            found.setdefault(key, []).append(span)
            longest[key] = max(run, longest.get(key, 0))
    return [Loop(*key, same, longest[key]) for key, same in found.items() if len(same) > 1]


def repeats(found: Iterable[Loop]) -> dict[str, Repeat]:
    """By span id, which of how many same calls it is."""
    return {
        span.span_id: Repeat(number, len(loop.spans))
        for loop in found
        for number, span in enumerate(loop.spans, 1)
    }
