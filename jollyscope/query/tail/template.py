"""Templates of lines: `%t %s %n %d`."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from jollyscope.errors import UsageError
from jollyscope.model import format as fmt
from jollyscope.model.records import SpanRecord
from jollyscope.model.steps import first_line
from jollyscope.query.clock import local
from jollyscope.query.tail.item import Item

__all__ = ["LETTERS", "Template"]


def _field(name: str, item: Item) -> str:
    value = getattr(item.record, name, None)
    return "" if value is None else first_line(str(value))


def _with(item: Item) -> str:
    return _field("tool_name", item) or _field("model", item)


def _step(item: Item) -> str:
    record = item.record
    return record.step_type if isinstance(record, SpanRecord) else item.kind


def _iso(item: Item) -> str:
    seconds, nanos = divmod(item.row.time, 1_000_000_000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{nanos // 1000:06d}Z"


def _time(item: Item, zone: Callable[[int], datetime]) -> str:
    return f"{zone(item.row.time):%H:%M:%S.%f}"[:-3]


def _duration(item: Item) -> str:
    return "" if item.row.duration_ms is None else fmt.duration(item.row.duration_ms)


def _cost(item: Item) -> str:
    cost = getattr(item.record, "cost_usd", None)
    return "" if cost is None else fmt.cost(cost)


LETTERS: dict[str, tuple[str, Callable[[Item], str]]] = {
    "t": ("the time of day, with milliseconds", partial(_time, zone=local)),
    "T": ("the time in UTC, ISO 8601", _iso),
    "s": ("the session", lambda item: item.row.session),
    "i": ("the trace's id", partial(_field, "trace_id")),
    "p": ("the span's id", partial(_field, "span_id")),
    "P": ("the id of the span above", partial(_field, "parent_span_id")),
    "g": ("the step's sign", lambda item: item.row.sign),
    "k": ("the step: think, act, …; else event or metric", _step),
    "n": ("the name", partial(_field, "name")),
    "w": ("the tool, else the model", _with),
    "o": ("the tool", partial(_field, "tool_name")),
    "m": ("the model", partial(_field, "model")),
    "d": ("how long it took, such as 1.10s", _duration),
    "D": ("how long it took in milliseconds", partial(_field, "duration_ms")),
    "c": ("tokens, input and output together",
          lambda item: "" if item.row.tokens is None else str(item.row.tokens)),
    "C": ("the cost in US dollars", _cost),
    "e": ("the status: ok, error or unset", partial(_field, "status")),
    "q": ("the state: open or closed", partial(_field, "state")),
    "u": ("the user", partial(_field, "user_id")),
    "a": ("the service", partial(_field, "service")),
    "f": ("the error, or the first words of input or output", lambda item: item.row.text),
    "j": ("the whole record as received", lambda item: item.line.decode(errors="replace")),
}  # fmt: skip
"""Every letter: what it stands for, and how it is made of an item."""

_PIECE = re.compile(r"%(.)|\\([nt\\])|([^%\\]+)|(.)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "\\": "\\"}


class Template:
    """A template, understood. `%%` is a percent sign; `\\t`, `\\n` and `\\\\` are as in C. What a record
    does not say is left empty.
    """

    def __init__(self, text: str, zone: Callable[[int], datetime] = local) -> None:
        self._parts = [_part(found, text, zone) for found in _PIECE.finditer(text)]

    def line(self, item: Item) -> str:
        """The line of a record, without a newline of its own."""
        return "".join([part if isinstance(part, str) else part(item) for part in self._parts])


def _part(
    found: re.Match[str], text: str, zone: Callable[[int], datetime]
) -> str | Callable[[Item], str]:
    letter, escape, plain, odd = found.groups()
    if plain is not None or escape is not None:
        return plain or _ESCAPES[escape]
    if letter == "%" or odd == "\\":
        return letter or odd
    if letter == "t":
        return partial(_time, zone=zone)
    if letter not in LETTERS:
        what = f"%{letter}" if letter else "% at the end"
        raise UsageError(
            f"`{what}` in --format '{text}' stands for nothing.",
            hint="--list-format lists the letters; %% is a percent sign.",
        )
    return LETTERS[letter][1]
