"""A term made from a field and a value, as a person would write it."""

from __future__ import annotations

import re

__all__ = ["quoted", "term"]

_BARE = re.compile(r'(?!.*\.\.)[^\s()",\\*?<>]+')


def quoted(value: str, signs: str = "") -> str:
    """A value as a filter writes it: in quotes where it needs them, or has one of `signs`."""
    if _BARE.fullmatch(value) and not any(sign in value for sign in signs):
        return value
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def term(field: str, value: str, key: str = "") -> str:
    """`tool:search`, `user:"ann b"`, or of a keyed field `attr.http.status_code:500`."""
    name = f"{field}.{quoted(key, ':=!')}" if key else field
    return f"{name}:{quoted(value)}"
