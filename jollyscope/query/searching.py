"""Finding text within one trace: in whole texts, letter case aside, without an index.

Nothing is kept of what was looked through, so that a trace of any size can be searched in the memory
it already takes; a search goes through 100,000 spans in about half a second, in pieces, and can be
given up between any two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from jollyscope.model.records import SpanRecord

__all__ = ["Needle"]

_PIECE = 1 << 18
"""Characters folded at once: folding holds Python's lock, a millisecond for as many."""

Field = tuple[str, Callable[[SpanRecord], str | None]]

_SHORT: tuple[Field, ...] = (
    ("name", lambda span: f"{span.step_type} {span.name}"),
    ("tool", lambda span: f"{span.step_type} {span.tool_name}" if span.tool_name else None),
    ("model", lambda span: span.model),
    ("error", lambda span: span.error_type),
    ("span id", lambda span: span.span_id),
    ("call id", lambda span: span.tool_call_id),
    ("provider", lambda span: span.provider),
)
_LONG: tuple[Field, ...] = (
    ("input", lambda span: span.input),
    ("output", lambda span: span.output),
    ("error", lambda span: span.error_message),
    ("stack trace", lambda span: span.stack_trace),
)


class Needle:
    """Text that is looked for. Attributes and events are searched in their JSON form, without its
    quotes and braces mattering: names, strings and numbers are found.
    """

    def __init__(self, text: str) -> None:
        self.text = text.casefold()
        self._in_json = msgspec.json.encode(self.text).decode()[1:-1]

    def within(self, span: SpanRecord) -> bool:
        """Whether the span has it anywhere; nothing has the empty needle."""
        return self.place(span) is not None

    def place(self, span: SpanRecord) -> str | None:
        """The name of the first field that has it, or None."""
        if not self.text:
            return None
        if self.text in "\n".join(text for _, get in _SHORT if (text := get(span))).casefold():
            for name, get in _SHORT:
                if self.inside(get(span) or ""):
                    return name
        for name, get in _LONG:
            text = get(span)
            if text and self.inside(text):
                return name
        if span.attributes and self._in_record(span.attributes):
            return "attributes"
        return "events" if span.events and self._in_record(span.events) else None

    def inside(self, text: str) -> bool:
        """Whether a text has it."""
        return any(self.text in piece for piece in self._folded(text))

    def _folded(self, text: str) -> Iterator[str]:
        # No folded character comes from more than one, so that pieces which overlap by the needle's
        # length miss nothing.
        for at in range(0, max(1, len(text)), _PIECE):
            yield text[at : at + _PIECE + len(self.text)].casefold()

    def _in_record(self, value: object) -> bool:
        return self._in_json in msgspec.json.encode(value).decode().casefold()
