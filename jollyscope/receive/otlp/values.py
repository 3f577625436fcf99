"""OTLP values in wire form.

Functions here and in `spans`, `logs` and `metrics` read messages of either encoding: protobuf's own
classes, or the structs of `jsonform`, which answer to the same names.
"""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Iterable
from typing import Any

import msgspec

from jollyscope.semconv import MAX_NESTING

__all__ = ["attributes_of", "tagged", "value_of"]


def attributes_of(pairs: Iterable[Any]) -> dict[str, Any]:
    """A list of `KeyValue` as attributes. Of a key that stands there twice the last value counts."""
    made: dict[str, Any] = {}
    for pair in pairs:
        value = pair.value
        # A field that is not set reads as empty, so most strings cost one access and most integers
        # two, at 50 ns each; asking which field is set costs 120 ns.
        made[pair.key] = value.string_value or value.int_value or value_of(value)
    return made


def value_of(value: Any, depth: int = 1) -> Any:
    """An `AnyValue` in wire form (`model/records.py`); one that holds nothing is None.

    Lists and key-value lists from the 32nd level (`MAX_NESTING`) on become their JSON as text.
    """
    kind = value.WhichOneof("value")
    if kind is None:
        return None
    if kind == "double_value":
        return tagged(value.double_value)
    if kind == "bytes_value":
        return {"@bytes": base64.b64encode(_bytes(value.bytes_value)).decode()}
    if kind == "array_value":
        made: Any = [value_of(item, depth + 1) for item in value.array_value.values]
    elif kind == "kvlist_value":
        made = {pair.key: value_of(pair.value, depth + 1) for pair in value.kvlist_value.values}
        if len(made) == 1 and next(iter(made)).startswith("@"):
            made = {"@kvlist": made}
    else:
        # `string_value_strindex` points into a table that only profiles have.
        return None if kind.endswith("strindex") else getattr(value, kind)
    return msgspec.json.encode(made).decode() if depth == MAX_NESTING else made


def tagged(number: float) -> Any:
    """A double in wire form."""
    if math.isfinite(number):
        return number
    return {"@double": "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"}


def _bytes(value: bytes | str) -> bytes:
    if isinstance(value, bytes):
        return value
    # Proto3 JSON: either alphabet, with or without padding.
    text = value.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("bytesValue is not base64") from None
