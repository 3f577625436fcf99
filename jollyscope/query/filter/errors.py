"""What is wrong with a filter, and where: the one error of the language."""

from __future__ import annotations

import unicodedata

from jollyscope.errors import UsageError

__all__ = ["FilterError", "drawn", "short"]

CONTEXT = 50
"""Characters of the filter that are shown before a mistake, and after it."""


class FilterError(UsageError):
    """A filter that cannot be understood.

    `text` is the filter, `at` the offset of the mistake in it and `length` how many characters it
    takes (both in characters of `text`; `at` may be its end). `message` and `hint` are as in every
    error; `picture` is the filter with a caret line below; `str()` is all of it.
    """

    def __init__(
        self, message: str, text: str, at: int, length: int = 1, *, hint: str = ""
    ) -> None:
        super().__init__(message, hint=hint)
        self.text = text
        self.at = at
        self.length = length

    @property
    def picture(self) -> str:
        """Two lines: the filter, or the piece of it around the mistake, and carets below it."""
        start = max(0, self.at - CONTEXT)
        end = min(len(self.text), self.at + CONTEXT)
        before = ("…" if start else "") + drawn(self.text[start : self.at])
        after = drawn(self.text[self.at : end]) + ("…" if end < len(self.text) else "")
        wrong = drawn(self.text[self.at : min(self.at + self.length, end)])
        return f"{before}{after}\n{' ' * _cells(before)}{'^' * max(1, _cells(wrong))}"

    def __str__(self) -> str:
        indented = "\n".join(f"  {line}".rstrip() for line in self.picture.split("\n"))
        return f"{self.message}\n{indented}" + (f"\n{self.hint}" if self.hint else "")


def drawn(text: str) -> str:
    """`text` without what would break the line or take charge of the terminal."""
    return "".join(" " if c.isspace() else c if c.isprintable() else "\ufffd" for c in text)


def short(text: str) -> str:
    """What a person wrote, for a sentence: drawn, and cut where it is long."""
    return drawn(text if len(text) <= 40 else f"{text[:40]}…")


def _cells(text: str) -> int:
    """Terminal cells: a Chinese character takes two, an accent that joins its letter none."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )
