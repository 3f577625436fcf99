"""Values as cells of a sheet's XML, a column of a chunk at a time.

Text is always an inline string, which no program takes for a formula. Excel's limits are kept here:
32,767 UTF-16 units a cell, 15 digits a number, dates from 1900 on; what XML cannot hold is written
`_xHHHH_` (ECMA-376 Part 1, 22.9.2.19), which Excel and LibreOffice read as the character it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

__all__ = ["DAY_NS", "ENCODERS", "MAX_TEXT", "Cut", "attribute", "cell_text", "shortened"]

MAX_TEXT = 32_767
"""UTF-16 units that a cell holds."""
DAY_NS = 86_400 * 10**9

_DIGITS = 10**15
_EPOCH_NS = 25_569 * DAY_NS
_FIRST_NS = 61 * DAY_NS - _EPOCH_NS
"""1900-03-01: before it Excel's calendar has a day that never was."""
_LAST_NS = 2_958_466 * DAY_NS - _EPOCH_NS
"""10000-01-01, which is past Excel's last day."""

_NOT_XML = bytes(set(range(32)) - {9, 10})
_ESCAPE = re.compile("_x[0-9A-Fa-f]{4}_")
_HARD = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")

Cut = Callable[[int, str], None]
"""Told of each text that did not fit: its place in the column, and the whole of it."""

Encoder = Callable[[str, int, Sequence[Any], int, Cut], list[str]]
"""Column letters, style, values, number of the first row → a cell each, empty for None."""


def shortened(text: str) -> str:
    """The text as far as a cell holds it, with a mark that says how much there was."""
    if len(text) * 2 <= MAX_TEXT:
        return text
    units = text.encode("utf-16-le", "surrogatepass")
    if len(units) <= 2 * MAX_TEXT:
        return text
    mark = f" … [cut: {len(text):,} characters]"
    kept = units[: 2 * (MAX_TEXT - len(mark))]
    if 0xD8 <= kept[-1] <= 0xDB:  # Half of a pair.
        kept = kept[:-2]
    return kept.decode("utf-16-le", "surrogatepass") + mark


def cell_text(text: str) -> str:
    """Any text for the inside of an XML element."""
    return _marked_up(_HARD.sub(lambda found: f"_x{ord(found[0]):04X}_", text))


def attribute(text: str) -> str:
    """Any text for an XML attribute in double quotes."""
    whole = cell_text(text).replace('"', "&quot;")
    return whole.replace("\n", "_x000A_").replace("\t", "_x0009_")


def _marked_up(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _prepared(values: Sequence[str | None], cut: Cut) -> list[str]:
    """Texts for the inside of XML elements. Looked at all at once: a tenth of the time of one by one."""
    plain = [value or "" for value in values]
    if max(map(len, plain)) * 2 > MAX_TEXT:
        for number, text in enumerate(plain):
            plain[number] = short = shortened(text)
            if short is not text:
                cut(number, text)
    joined = "\0".join(plain)
    if _simple(joined, len(plain) - 1):
        return _marked_up(joined).split("\0")
    return [cell_text(text) for text in plain]


def _simple(joined: str, separators: int) -> bool:
    if "\ufffe" in joined or "\uffff" in joined or ("_x" in joined and _ESCAPE.search(joined)):
        return False
    try:
        octets = joined.encode()
    except UnicodeEncodeError:
        return False
    return len(octets) - len(octets.translate(None, _NOT_XML)) == separators


def _texts(
    letters: str, style: int, values: Sequence[str | None], first: int, cut: Cut
) -> list[str]:
    start, kind = f'<c r="{letters}', f'" s="{style}" t="inlineStr"><is><t xml:space="preserve">'
    return [
        f"{start}{row}{kind}{text}</t></is></c>" if text else ""
        for row, text in enumerate(_prepared(values, cut), first)
    ]


def _numbers(
    letters: str, style: int, values: Sequence[float | None], first: int, cut: Cut
) -> list[str]:
    start, middle = f'<c r="{letters}', f'" s="{style}"><v>'
    return [
        "" if value is None
        else f"{start}{row}{middle}{value!r}</v></c>" if _exact(value)
        else _texts(letters, style, [str(value)], row, cut)[0]
        for row, value in enumerate(values, first)
    ]  # fmt: skip


def _exact(value: float) -> bool:
    """Whether a number of Excel's is this one: finite, and an integer of 15 digits at most."""
    return -_DIGITS < value < _DIGITS or (isinstance(value, float) and value - value == 0)


def _times(
    letters: str, style: int, values: Sequence[int | None], first: int, cut: Cut
) -> list[str]:
    start, middle = f'<c r="{letters}', f'" s="{style}"><v>'
    return [
        "" if value is None
        else f"{start}{row}{middle}{(value + _EPOCH_NS) / DAY_NS!r}</v></c>"
        if _FIRST_NS <= value < _LAST_NS
        else _texts(letters, style, [_iso(value)], row, cut)[0]
        for row, value in enumerate(values, first)
    ]  # fmt: skip


def _iso(value: int) -> str:
    seconds, below = divmod(value, 10**9)
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{below:09}Z"
    except (ValueError, OverflowError, OSError):
        return f"{value} ns"


def _bools(
    letters: str, style: int, values: Sequence[bool | None], first: int, cut: Cut
) -> list[str]:
    return [
        "" if value is None else f'<c r="{letters}{row}" s="{style}" t="b"><v>{value:d}</v></c>'
        for row, value in enumerate(values, first)
    ]


def _lists(
    letters: str, style: int, values: Sequence[Sequence[str] | None], first: int, cut: Cut
) -> list[str]:
    return _texts(letters, style, [", ".join(v) if v else None for v in values], first, cut)


ENCODERS: dict[str, Encoder] = {
    "text": _texts, "json": _texts, "list": _lists, "integer": _numbers, "number": _numbers,
    "time": _times, "bool": _bools,
}  # fmt: skip
"""By the type of a column."""
