"""Whether a decoded dashboard is of the types that Grafana's schema says.

The SDK's `from_json` takes any value for a field; its classes say of what type each has to be.
"""

from __future__ import annotations

import enum
import types
from collections.abc import Iterator
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

__all__ = ["wrong"]


def wrong(value: object, hint: Any = None, at: str = "") -> Iterator[str]:
    """Where a value is not what its class says, in words. `hint` is its type; by default its own."""
    if hint is None:
        hint = type(value)
    if hint in (Any, object):
        if hasattr(value, "to_json"):
            yield from _fields(value, at)
    elif (kind := get_origin(hint)) in (Union, types.UnionType):
        kinds = [one for one in get_args(hint) if type(value) is (get_origin(one) or one)]
        found = [list(wrong(value, one, at)) for one in kinds or get_args(hint)]
        if all(found):
            yield from min(found, key=len)
    elif kind is Literal:
        yield from _unless(value in get_args(hint), value, hint, at)
    elif kind in (list, dict):
        yield from _items(value, kind, get_args(hint)[-1], at)
    elif issubclass(hint, enum.Enum):
        yield from _unless(value in [one.value for one in hint], value, hint, at)
    elif hint is float:
        yield from _unless(type(value) in (int, float), value, hint, at)
    elif hasattr(hint, "to_json"):
        yield from (
            _fields(value, at) if isinstance(value, hint) else _unless(False, value, hint, at)
        )
    else:
        yield from _unless(type(value) is hint or isinstance(value, hint), value, hint, at)


def _items(value: object, kind: type, hint: Any, at: str) -> Iterator[str]:
    if not isinstance(value, kind):
        yield from _unless(False, value, kind, at)
        return
    pairs = value.items() if isinstance(value, dict) else enumerate(value)  # type: ignore[arg-type]
    for name, item in pairs:
        yield from wrong(item, hint, f"{at}[{name}]")


def _fields(value: object, at: str) -> Iterator[str]:
    for name, hint in get_type_hints(type(value)).items():
        yield from wrong(getattr(value, name), hint, f"{at}.{name}")


def _unless(right: bool, value: object, hint: object, at: str) -> Iterator[str]:
    if not right:
        yield f"{at} is {value!r}, not {hint}"
