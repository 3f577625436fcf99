"""Redaction and size of every text that is recorded. Runs in the background thread."""

from __future__ import annotations

from collections.abc import Callable

from jollyscope.sdk.trouble import Trouble

__all__ = ["FAILED", "Texts", "cut"]

FAILED = "[redaction failed]"

_MARGIN = 4096
"""Characters past the cut that the hook sees too, so that a secret across the cut is recognised."""


def cut(text: str, kept: int, length: int) -> str:
    """The first `kept` characters and a mark that says how long the text was."""
    return f"{text[:kept]}… [cut: kept {kept:,} of {length:,} characters]"


class Texts:
    """Call it with a text to get what may be recorded of it. Never raises."""

    def __init__(
        self, max_text: int, redact: Callable[[str], str] | None, trouble: Trouble
    ) -> None:
        self._max = max_text
        self._redact = redact
        self._trouble = trouble

    def __call__(self, text: str) -> str:
        length = len(text)
        if self._redact is not None:
            if length > self._max + _MARGIN:
                text = text[: self._max + _MARGIN]
            text = self._redacted(text)
        # A hook may shorten: cut by what is left, told by what there was.
        if len(text) > self._max or length > self._max + _MARGIN:
            if text == FAILED:
                return text
            return cut(text, min(self._max, len(text)), length)
        return text

    def _redacted(self, text: str) -> str:
        assert self._redact is not None
        try:
            clean = self._redact(text)
        except Exception as error:  # noqa: BLE001 - the user's code may fail in any way
            return self._failed(f"{type(error).__name__}: {error}")
        if not isinstance(clean, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            return self._failed(f"it returned {type(clean).__name__}, not str")
        return clean

    def _failed(self, why: str) -> str:
        self._trouble.tell(
            "redact",
            f"The redaction hook failed ({why}); each such text is recorded as {FAILED!r}.",
        )
        return FAILED
