"""Addresses without their passwords, for screens, logs and reports."""

from __future__ import annotations

import re

__all__ = ["redact"]

_PASSWORD = re.compile(r"(?<=://)([^/@:\s]*):[^@\s]*(?=@)")


def redact(url: str) -> str:
    """`clickhouse://ann:secret@host/db` as `clickhouse://ann:***@host/db`; other text as it is."""
    return _PASSWORD.sub(r"\1:***", url)
