"""The secret that words for hidden names are made with."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from jollyscope.errors import JollyScopeError, UsageError
from jollyscope.paths import make_private

__all__ = ["kept_salt", "salt_of"]

FILE = "export-salt"


def salt_of(text: str) -> bytes:
    """A salt as a person gave it. Raises `UsageError` where it is too short to keep anything secret."""
    salt = text.encode("utf-8", "surrogateescape")
    if len(salt) < 8:
        raise UsageError(
            "A salt needs at least 8 characters.", hint="Without --salt one is made and kept."
        )
    return salt


def kept_salt(folder: Path) -> bytes:
    """The salt in `folder`, made at first use: 32 random bytes that only their owner can read, so that
    exports of this data directory can be joined. Raises `JollyScopeError`.
    """
    file = folder / FILE
    try:
        make_private(folder)
        fresh = folder / f".{FILE}.{secrets.token_hex(4)}"
        if not file.exists():
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as out:
                out.write(secrets.token_hex(32).encode())
            try:
                os.link(fresh, file)  # whoever comes first; it appears whole
            except FileExistsError:
                pass
            finally:
                fresh.unlink()
        salt = file.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise JollyScopeError(
            f"The salt in {file} cannot be kept: {reason}.", hint="Give one: --salt TEXT."
        ) from error
    if len(salt) < 8:
        raise JollyScopeError(
            f"The salt in {file} is broken.", hint="Remove the file for a new one."
        )
    return salt
