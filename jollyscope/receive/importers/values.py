"""What every importer needs of odd values: ids, times, texts, and JSON that is not quite JSON."""

from __future__ import annotations

import json
import math
import re
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, cast

import msgspec

from jollyscope.receive.importers.scan import Piece

__all__ = [
    "LATEST",
    "as_json",
    "bounded",
    "decoded",
    "digest",
    "epoch",
    "hex_id",
    "items",
    "mapping",
    "nanos",
    "number",
    "padded",
    "parsed",
    "text",
    "whole",
]

LATEST = 2**63 - 1
"""The last moment that a record can hold, Unix ns: 2262-04-11."""


def decoded(piece: Piece) -> Any:
    """The piece as Python values. Raises `UnreadableError`.

    What Python's own writer makes beside JSON (`NaN`, `Infinity`, halves of surrogate pairs, numbers
    of any size) is read too.
    """
    try:
        return msgspec.json.decode(piece.raw)
    except msgspec.MsgspecError as error:
        first = str(error)
    except UnicodeDecodeError as error:
        raise piece.unreadable(f"it is not UTF-8 (byte {error.start} of the object)") from None
    except RecursionError:
        raise piece.unreadable("it is nested too deeply") from None
    try:
        return _mended(json.loads(piece.raw.decode()))
    except UnicodeDecodeError as error:
        raise piece.unreadable(f"it is not UTF-8 (byte {error.start} of the object)") from None
    except RecursionError:
        raise piece.unreadable("it is nested too deeply") from None
    except ValueError:
        what = first.removeprefix("JSON is malformed: ")
        raise piece.unreadable(f"this is no JSON: {what}") from None


def _mended(value: Any) -> Any:
    """Halves of surrogate pairs, which UTF-8 cannot say, become question marks."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_mended(item) for item in cast(list[Any], value)]
    if isinstance(value, dict):
        return {_mended(key): _mended(item) for key, item in cast(dict[str, Any], value).items()}
    return value


def parsed(value: Any) -> Any:
    """A JSON text as its value; anything else, and text that is no JSON, as it is."""
    if not isinstance(value, str) or value[:1] not in '{["' or not value:
        return value
    try:
        return msgspec.json.decode(value)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return value


def as_json(value: Any) -> str:
    """A value as text: text as it is, anything else as JSON."""
    if isinstance(value, str):
        return value
    try:
        return msgspec.json.encode(value).decode()
    except (UnicodeError, RecursionError, msgspec.MsgspecError, OverflowError):
        return json.dumps(value, ensure_ascii=True, default=str)


def mapping(value: Any) -> dict[str, Any]:
    """The value where it is an object, else an empty one."""
    return cast(dict[str, Any], value) if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    """The value where it is an array, else an empty one."""
    return cast(list[Any], value) if isinstance(value, list) else []


def text(value: Any) -> str | None:
    """The value where it is text that says something, or a whole number as text."""
    if isinstance(value, str):
        return value or None
    return str(value) if type(value) is int and abs(value) < 2**64 else None


def number(value: Any) -> float | None:
    """The value as a finite number, also where it stands as text."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if type(value) is int and abs(value) < 2**80:
        return float(value)
    return value if isinstance(value, float) and math.isfinite(value) else None


def whole(value: Any) -> int | None:
    """The value as a whole number, also where it stands as text (protobuf's JSON writes it so)."""
    if type(value) is int:
        return value
    if isinstance(value, str) and len(value) <= 20 and _WHOLE.fullmatch(value):
        return int(value)
    if isinstance(value, float) and math.isfinite(value) and value.is_integer():
        return int(value)
    return None


_WHOLE = re.compile(r"-?[0-9]+")


def bounded(moment: int | None) -> int:
    """A time that a record can hold: 0 for none and for those before 1970, the last for those after."""
    return 0 if moment is None else min(max(moment, 0), LATEST)


_ISO = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}(?::[0-9]{2})?)(?:[.,]([0-9]{1,12}))?"
    r" ?(Z|z|UTC|[+-][0-9]{2}(?::?[0-9]{2})?)?"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def nanos(moment: Any) -> int | None:
    """Unix ns of an ISO 8601 time (UTC where it names no zone) or of a number since 1970, whose unit its
    size tells (`epoch`); None for anything else. May be negative or beyond `LATEST`.
    """
    if isinstance(moment, str):
        match = _ISO.fullmatch(moment.strip())
        if match:
            return _iso(*match.groups())
    found = whole(moment)
    if found is not None:
        return epoch(found)
    seconds = number(moment)
    return None if seconds is None else epoch(seconds)


def _iso(day: str, clock: str, fraction: str | None, zone: str | None) -> int | None:
    offset = "+00:00" if zone in (None, "Z", "z", "UTC") else zone
    try:
        moment = datetime.fromisoformat(f"{day}T{clock}{offset}")
    except ValueError:
        return None
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * 10**9 + int(f"{fraction or 0:0<9}"[:9])


def epoch(count: float) -> int:
    """Unix ns of a number of seconds, milli-, micro- or nanoseconds since 1970.

    The unit is the one that puts it between 1973 and 5138 (1e8 to 1e11 seconds).
    """
    for unit, bound in ((10**9, 1e11), (10**6, 1e14), (10**3, 1e17)):
        if abs(count) < bound:
            return round(count * unit) if isinstance(count, float) else count * unit
    return int(count)


def digest(size: int, *parts: Any) -> str:
    """Hex digits of so many bytes that stand for the parts, the same for the same parts."""
    hashed = blake2b(digest_size=size)
    for part in parts:
        data = part if isinstance(part, bytes) else as_json(part).encode("utf-8", "replace")
        hashed.update(len(data).to_bytes(8, "big"))
        hashed.update(data)
    found = hashed.hexdigest()
    return found if found.strip("0") else "1" + found[1:]


_HEX = re.compile(r"(?:0x)?([0-9a-fA-F]+)")


def hex_id(value: Any, size: int) -> str | None:
    """An id of `size` bytes as lowercase hex digits, or None where it is none (of any other length, no
    hex, all zeros). `0x` before it and the dashes of a UUID are left out.
    """
    if not isinstance(value, str):
        return None
    match = _HEX.fullmatch(value.replace("-", "") if len(value) == 36 else value)
    found = match[1].lower() if match else ""
    return found if len(found) == size * 2 and found.strip("0") else None


def padded(value: Any, size: int) -> str | None:
    """`hex_id` of formats that leave leading zeros out, or write 64 bits of a trace id's 128."""
    if not isinstance(value, str):
        return None
    match = _HEX.fullmatch(value)
    digits = match[1] if match else ""
    # Of a trace id that is too long the last digits are the id's; a span id of that length is none.
    return hex_id(digits.rjust(size * 2, "0"), size) if digits else None
