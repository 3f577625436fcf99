"""The one family of errors that people are meant to read.

Raised where the problem is known, rendered in one place (`jollyscope_cli.main`): one sentence, a
hint, an exit code, no traceback.
"""

from __future__ import annotations

from enum import IntEnum

__all__ = [
    "AmbiguousError",
    "ExitCode",
    "JollyScopeError",
    "NotFoundError",
    "StoreError",
    "UsageError",
]


class ExitCode(IntEnum):
    """Exit codes of every command; scripts rely on them."""

    OK = 0
    FAILED = 1
    MISUSE = 2
    NOT_FOUND = 3
    UNHEALTHY = 4
    FOUND = 10
    """`tail --exit-on` met what it was told to end on."""
    TIMED_OUT = 124
    """What was waited for did not come in the time given; as `timeout` has it."""
    CANNOT_RUN = 126
    NO_PROGRAM = 127
    INTERRUPTED = 130


class JollyScopeError(Exception):
    """What went wrong, in one sentence, and what to do about it.

    `message` ends with a full stop; `hint` is a second sentence or empty.
    """

    exit_code: ExitCode = ExitCode.FAILED

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".rstrip()


class UsageError(JollyScopeError):
    """A setting, option or argument that cannot be used as given."""

    exit_code = ExitCode.MISUSE


class NotFoundError(JollyScopeError):
    """Something was asked for by name or id and is not there."""

    exit_code = ExitCode.NOT_FOUND


class AmbiguousError(JollyScopeError):
    """An id prefix fits several things; the hint names some of them."""

    exit_code = ExitCode.MISUSE


class StoreError(JollyScopeError):
    """The store cannot be opened, read or written."""
