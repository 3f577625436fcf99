"""Amounts of bytes as people write them: `500MB`, `2GB`, `1.5 GiB`."""

from __future__ import annotations

import re

from jollyscope.errors import UsageError

__all__ = ["parse_size"]

_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}
_MOST = 2.0**63
"""What a disk's size is counted in."""


def parse_size(text: str) -> int:
    """Bytes of `812`, `500MB` (powers of 1000) or `1.5GiB` (powers of 1024).

    Raises `UsageError`.
    """
    written = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)(b?)", text.strip().lower())
    size = 0.0
    if written:
        size = float(written[1]) * (1024 if written[3] else 1000) ** _POWERS[written[2]]
    if not written or (written[3] and not written[2]) or size > _MOST:
        raise UsageError(f"`{text}` is no size.", hint="Write 500MB, 2GB or 1.5GiB.")
    return int(size)
