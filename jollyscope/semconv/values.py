"""Attribute values in wire form: OTLP's types kept, as `model/records.py` describes."""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

__all__ = ["MAX_NESTING", "wire_attributes", "wire_value"]

MAX_NESTING = 32
"""Deepest nesting kept of an attribute's value; what lies deeper becomes text."""

_LEAST, _MOST = -(2**63), 2**63 - 1

Text = Callable[[str], str]


def wire_attributes(attributes: dict[str, Any], text: Text) -> dict[str, Any]:
    """`attributes` with every value in wire form, changed in place and returned.

    `text` is applied to every string (to redact and to cut); it must not raise.
    """
    for name, value in attributes.items():
        # Exact types first: nearly all values are these, and `type(x) is` beats isinstance chains.
        kind = type(cast(object, value))
        if kind is str:
            attributes[name] = text(value)
        elif kind is not bool and not (kind is int and _LEAST <= value <= _MOST):
            attributes[name] = wire_value(value, text)
    return attributes


def wire_value(value: Any, text: Text, depth: int = 1) -> Any:
    """One value in wire form. Types that OTLP does not know become text."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return text(str(value))
    if isinstance(value, int):
        return int(value) if _LEAST <= value <= _MOST else str(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else {"@double": _name(value)}
    if isinstance(value, (bytes, bytearray)):
        return {"@bytes": base64.b64encode(value).decode()}
    if depth >= MAX_NESTING:
        return text(_shown(value))
    if isinstance(value, Mapping):
        return _kvlist(cast(Mapping[Any, Any], value), text, depth)
    if isinstance(value, Sequence):
        return [wire_value(item, text, depth + 1) for item in cast(Sequence[Any], value)]
    return text(_shown(value))


def _kvlist(value: Mapping[Any, Any], text: Text, depth: int) -> dict[str, Any]:
    made = {str(key): wire_value(item, text, depth + 1) for key, item in value.items()}
    if len(made) == 1 and next(iter(made)).startswith("@"):
        return {"@kvlist": made}
    return made


def _name(value: float) -> str:
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _shown(value: object) -> str:
    try:
        return str(value)
    except Exception as error:  # noqa: BLE001 - any object's __str__ may fail in any way
        return f"<{type(value).__name__}: {type(error).__name__}>"
