"""Raw attribute values read as plain JSON values: wire tags undone, JSON text decoded."""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from collections.abc import Mapping
from typing import Any, cast

import msgspec

from jollyscope.semconv.messages.literal import json_of_literal

__all__ = [
    "CUT",
    "MAX_NESTING",
    "as_dict",
    "as_list",
    "first",
    "identifier",
    "parsed",
    "plain",
    "read",
    "shown",
    "word",
]

MAX_NESTING = 48
"""Deepest nesting kept of a value; what lies deeper is left out."""
MAX_JSON_NESTING = 128
"""Deepest nesting of JSON text that is decoded; deeper text stays text."""
CUT = "…"
"""Stands where something was left out."""

_CONTAINER = re.compile(r"\s*+[\[{]")
_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_BRACKET = re.compile(r"[\[\]{}]")
_LEAST, _MOST = -(2**63), 2**64 - 1


def read(value: Any) -> Any:
    """`value` as plain JSON: text that holds an object or array is decoded, wire tags are undone.

    Bytes become `bytes`, whatever is no JSON value becomes text. Never raises; linear.
    """
    if isinstance(value, str):
        return parsed(value)
    value = plain(value)
    if isinstance(value, bytes):
        text = _utf8(value)
        return value if text is None else parsed(text)
    return value


def parsed(text: str) -> Any:
    """The object or array that `text` spells, in JSON or as a Python literal; else `text`."""
    if not _CONTAINER.match(text) or _too_deep(text):
        return sound(text)
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, ValueError, RecursionError):
        # Not to be read as strict JSON (cut off, Python's own, not JSON at all): tried below.
        pass
    value = _lenient(text)
    if value is None:
        value = _literal(text)
    return sound(text) if value is None else value


def _lenient(text: str) -> Any:
    # What Python's `json.dumps` writes beyond the standard: NaN, lone surrogates, 1e999.
    try:
        return plain(json.loads(text))
    except (ValueError, RecursionError):
        return None


def _literal(text: str) -> Any:
    made = json_of_literal(text)
    if made is None or _too_deep(made):
        return None
    try:
        return msgspec.json.decode(made)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None


def _too_deep(text: str) -> bool:
    """Whether JSON text is nested deeper than `MAX_JSON_NESTING`.

    Decoders recurse in C, bounded only by Python's own limit, which programs raise, and blind to
    the stack of the thread that they run on. Counting brackets clears nearly every text.
    """
    if text.count("[") + text.count("{") <= MAX_JSON_NESTING:
        return False
    depth = 0
    for found in _BRACKET.finditer(_STRING.sub("", text)):
        depth += 1 if found[0] in "[{" else -1
        if depth > MAX_JSON_NESTING:
            return True
    return False


def plain(value: Any, depth: int = 0) -> Any:
    """A value in wire form without its tags (`model/records.py`), fit to be encoded as JSON."""
    if value is None or isinstance(value, (bool, bytes)):
        return value
    if isinstance(value, str):
        return sound(value)
    if isinstance(value, int):
        return value if _LEAST <= value <= _MOST else sound(_digits(value))
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if depth >= MAX_NESTING:
        return CUT
    if isinstance(value, Mapping):
        return _plain_object(cast("Mapping[Any, Any]", value), depth)
    if isinstance(value, (list, tuple)):
        return [plain(item, depth + 1) for item in cast("list[Any]", value)]
    return CUT


def _plain_object(value: Mapping[Any, Any], depth: int) -> Any:
    if len(value) == 1:
        key, inner = next(iter(value.items()))
        if key == "@bytes" and isinstance(inner, str):
            return _bytes(inner)
        if key == "@double":
            return None
        if key == "@kvlist" and isinstance(inner, Mapping):
            value = cast("Mapping[Any, Any]", inner)
    return {sound(str(key)): plain(item, depth + 1) for key, item in value.items()}


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text)
    except (binascii.Error, ValueError):
        return text.encode(errors="replace")


def _utf8(value: bytes) -> str | None:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return None


def _digits(value: int) -> str:
    # Python refuses to write out an int of more than 4,300 digits.
    return str(value) if value.bit_length() < 4096 else CUT


def sound(text: str) -> str:
    """`text` without lone surrogates, which no encoder takes."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode(errors="replace").decode()
    return text


def as_dict(value: Any) -> dict[str, Any] | None:
    """`value` where it is an object."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


def as_list(value: Any) -> list[Any] | None:
    """`value` where it is an array."""
    return cast("list[Any]", value) if isinstance(value, list) else None


def first(value: dict[str, Any], *names: str) -> Any:
    """The first of the named members that is there and not null."""
    for name in names:
        found = value.get(name)
        if found is not None:
            return found
    return None


def word(value: Any) -> str | None:
    """`value` where it is text with something in it."""
    return value if isinstance(value, str) and value else None


def identifier(value: Any) -> str | None:
    """`value` as an id; some programs number their calls."""
    return str(value) if type(value) is int else word(value)


def shown(value: Any) -> str:
    """`value` as text: text as it is, null as nothing, all else as JSON."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    try:
        return msgspec.json.encode(value).decode()
    except (RecursionError, TypeError, ValueError, OverflowError):
        return CUT
