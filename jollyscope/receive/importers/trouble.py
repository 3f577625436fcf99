"""What is wrong with a file, and where."""

from __future__ import annotations

from jollyscope.errors import JollyScopeError

__all__ = ["TooLargeError", "UnreadableError"]


class UnreadableError(JollyScopeError):
    """A file, or a piece of one, that cannot be read as what it seems to be.

    `reason` is a sentence without its full stop; `line` counts from 1, `offset` in bytes from 0 of
    the unpacked text. Either is None where it says nothing (binary data has no lines).
    """

    def __init__(self, reason: str, *, line: int | None = None, offset: int | None = None) -> None:
        self.reason = reason
        self.line = line
        self.offset = offset
        super().__init__(f"{self.where}{reason}.")

    @property
    def where(self) -> str:
        """`line 3 (byte 120): `, as much of it as is known."""
        if self.line is None:
            return "" if self.offset is None else f"byte {self.offset}: "
        return (
            f"line {self.line}: "
            if self.offset is None
            else f"line {self.line} (byte {self.offset}): "
        )


class TooLargeError(UnreadableError):
    """One object is larger than what is held in memory at once."""
