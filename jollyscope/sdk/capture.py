"""Any Python value as text, taken at the moment of the call: what is changed later is not seen."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, cast

import msgspec

__all__ = ["Items", "attribute", "shown", "text"]

_DEEPEST = 8
_MOST_STREAMED = 1 << 20


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


class Items:
    """What a generator yields, as text: joined if all of it is text, else a JSON list.

    Each item is taken as it passes, and only the first million characters are kept, so that an
    endless stream is traced in bounded memory.
    """

    def __init__(self) -> None:
        self._parts: list[tuple[bool, str]] = []
        self._room = _MOST_STREAMED
        self._missed = 0

    def add(self, item: object) -> None:
        """Take one item."""
        if self._room <= 0:
            self._missed += 1
            return
        part = text(item)[: self._room]
        self._room -= len(part) + 1
        self._parts.append((isinstance(item, str), part))

    def text(self) -> str:
        """All that was taken."""
        if self._parts and all(is_text for is_text, _ in self._parts):
            made = "".join(part for _, part in self._parts)
        else:
            parts = (quoted(part) if is_text else part for is_text, part in self._parts)
            made = f"[{','.join(parts)}]"
        return f"{made}… [{self._missed:,} more items]" if self._missed else made


def quoted(value: str) -> str:
    """A text as a JSON string."""
    try:
        return _encoder.encode(value).decode()
    except UnicodeEncodeError:  # lone surrogates
        return _encoder.encode(value.encode("utf-8", "replace").decode()).decode()


def _unknown(value: Any) -> Any:
    """What msgspec cannot encode: Pydantic's models by their fields, the rest by `repr`."""
    dump = getattr(cast(Any, type(value)), "model_dump", None)
    if dump is not None:
        try:
            return dump(value, mode="json")
        except Exception:  # noqa: BLE001 - a model that cannot dump itself
            return shown(value)
    if isinstance(value, complex) and not math.isnan(value.real):
        return str(value)
    return shown(value)


_encoder = msgspec.json.Encoder(enc_hook=_unknown)
