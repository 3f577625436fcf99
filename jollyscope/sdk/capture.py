"""Any Python value as text, taken at the moment of the call: what is changed later is not seen."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, cast

import msgspec

__all__ = ["attribute", "shown", "text"]

_DEEPEST = 8


def text(value: object) -> str:
    """`value` as text: strings as they are, all else as JSON, or its `repr` where JSON fails.

    Never raises an `Exception`, whatever the value's own methods do.
    """
    if type(value) is str:
        return value
    if isinstance(value, str):
        return str.__str__(value)
    try:
        return _encoder.encode(value).decode()
    except Exception:  # noqa: BLE001 - cycles, odd keys, huge integers, failing properties
        return shown(value)


def attribute(value: object, depth: int = 0) -> Any:
    """`value` as an OpenTelemetry attribute value: its types kept, all else as text."""
    if value is None or isinstance(value, (str, bool, int, float, bytes)):
        return value
    if depth >= _DEEPEST:
        return text(value)
    if isinstance(value, (list, tuple)):
        return [attribute(item, depth + 1) for item in cast(list[object], value)]
    if isinstance(value, Mapping):
        entries = cast(Mapping[object, object], value).items()
        return {text(key): attribute(item, depth + 1) for key, item in entries}
    return text(value)


def shown(value: object) -> str:
    """`repr(value)`, or a stand-in where that fails."""
    try:
        return repr(value)
    except Exception as error:  # noqa: BLE001 - any object's __repr__ may fail in any way
        return f"<{type(value).__name__}, its repr failed: {type(error).__name__}>"


def _unknown(value: Any) -> Any:
    """What msgspec cannot encode: Pydantic's models by their fields, the rest by `repr`."""
    dump = getattr(type(value), "model_dump", None)
    if dump is not None:
        try:
            return dump(value, mode="json")
        except Exception:  # noqa: BLE001 - a model that cannot dump itself
            return shown(value)
    if isinstance(value, complex) and not math.isnan(value.real):
        return str(value)
    return shown(value)


_encoder = msgspec.json.Encoder(enc_hook=_unknown)
