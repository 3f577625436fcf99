"""`?` marks as the server binds them: typed, apart from the text, never pasted into it."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from jollyscope.errors import StoreError

__all__ = ["bind", "marks", "statements"]

_INT64 = (-(2**63), 2**63 - 1)
_CLOSES = {"'": "'", '"': '"', "`": "`"}


def bind(sql: str, values: Sequence[Any]) -> tuple[str, dict[str, Any]]:
    """The statement with `{p0:Int64}` and so on in place of `?`, and the values by name.

    Raises `StoreError` where there are more or fewer values than marks.
    """
    places = list(marks(sql))
    if len(places) != len(values):
        raise StoreError(
            f"The statement has {len(places)} marks, and {len(values)} values were given."
        )
    text, at = "", 0
    bound: dict[str, Any] = {}
    for number, (place, value) in enumerate(zip(places, values, strict=True)):
        name = f"p{number}"
        mark, sent = _typed(name, value)
        text += sql[at:place] + mark
        at = place + 1
        if sent is not None:
            bound[name] = sent
    return text + sql[at:], bound


def _typed(name: str, value: Any) -> tuple[str, Any]:
    if value is None:
        return "NULL", None
    if isinstance(value, bool):
        return f"{{{name}:Bool}}", value
    if isinstance(value, int):
        kind = "Int64" if _INT64[0] <= value <= _INT64[1] else "Int256"
        return f"{{{name}:{kind}}}", value
    if isinstance(value, float):
        # As its bits: a number in text is not read to the last digit.
        (bits,) = struct.unpack("<q", struct.pack("<d", value))
        return f"reinterpretAsFloat64({{{name}:Int64}})", bits
    return f"{{{name}:String}}", value


def statements(sql: str) -> list[str]:
    """What stands between semicolons, as far as there is anything."""
    cuts = [-1, *marks(sql, ";"), len(sql)]
    parts = [sql[low + 1 : high] for low, high in pairwise(cuts)]
    return [part for part in parts if any(True for _ in _code(part))]


def _code(sql: str) -> Iterator[str]:
    """Characters that are neither white space nor in a comment."""
    at = 0
    while at < len(sql):
        after = _after_comment(sql, at)
        if after:
            at = after
            continue
        if not sql[at].isspace():
            yield sql[at]
        at += 1


def marks(sql: str, mark: str = "?") -> Iterator[int]:
    """Where a character stands that is neither in quotes nor in a comment."""
    at = 0
    while at < len(sql):
        here = sql[at]
        if here in _CLOSES:
            at = _after_quotes(sql, at)
            continue
        after = _after_comment(sql, at)
        if after:
            at = after
            continue
        if here == mark:
            yield at
        at += 1


def _after_comment(sql: str, at: int) -> int:
    """Behind the comment that begins here; 0 where none does."""
    if sql.startswith("--", at):
        return _after(sql, "\n", at)
    return _after(sql, "*/", at) if sql.startswith("/*", at) else 0


def _after(sql: str, end: str, at: int) -> int:
    found = sql.find(end, at)
    return len(sql) if found < 0 else found + len(end)


def _after_quotes(sql: str, at: int) -> int:
    close = _CLOSES[sql[at]]
    at += 1
    while at < len(sql) and sql[at] != close:
        at += 2 if sql[at] == "\\" else 1
    return at + 1
