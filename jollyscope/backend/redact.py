"""Settings and addresses without their secrets, for screens, logs and reports."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast

__all__ = ["redact", "redact_setting"]

_SECRET = re.compile(r"token|password|secret|\bkey\b", re.IGNORECASE)
_PASSWORD = re.compile(r"(?<=://)([^/@:\s]*):[^@\s]*(?=@)")


def redact(url: str) -> str:
    """`clickhouse://ann:secret@host/db` as `clickhouse://ann:***@host/db`; other text as it is."""
    return _PASSWORD.sub(r"\1:***", url)


def redact_setting(key: str, value: Any) -> Any:
    """A setting's value, fit to be shown: tokens and passwords are `***`."""
    if isinstance(value, Mapping):
        table = cast("Mapping[str, Any]", value)
        return {name: redact_setting(name, item) for name, item in table.items()}
    if not isinstance(value, str):
        return value
    return "***" if value and _SECRET.search(key) else redact(value)
