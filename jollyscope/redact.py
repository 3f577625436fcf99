"""Settings and addresses without their secrets, for screens, logs, errors and reports."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast

__all__ = ["redact", "redact_setting"]

_SECRET = re.compile(r"token(?!s)|password|secret|\bkey\b", re.IGNORECASE)
_USER_INFO = re.compile(r"(?<=://)([^/@:\s]*):\S*(?=@)")
"""Up to the last `@`: a password may have one, and whatever else its owner forgot to encode."""


def redact(url: str) -> str:
    """`clickhouse://ann:secret@host/db` as `clickhouse://ann:***@host/db`; other text as it is."""
    return _USER_INFO.sub(r"\1:***", url)


def redact_setting(key: str, value: Any) -> Any:
    """A setting's value, fit to be shown: tokens, passwords and what stands below such a name are `***`."""
    if isinstance(value, Mapping):
        table = cast("Mapping[str, Any]", value)
        return {name: redact_setting(f"{key}.{name}", item) for name, item in table.items()}
    if isinstance(value, list):
        return [redact_setting(key, item) for item in cast("list[Any]", value)]
    if value not in (None, "") and _SECRET.search(key.replace("_", ".")):
        return "***"
    return redact(value) if isinstance(value, str) else value
