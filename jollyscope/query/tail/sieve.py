"""Which records of a stream are shown: the filter language, one record at a time."""

from __future__ import annotations

from typing import Any, cast

from jollyscope.model.records import EventRecord, Record, SpanRecord
from jollyscope.query.filter import parse
from jollyscope.query.tail.item import SEVERE, Item, body_text

__all__ = ["Sieve"]


class Sieve:
    """Holds records against a filter and a session.

    A span fits as `ls spans` has it, by what its record says: that of its start has no duration,
    tokens or output yet. Of an event or a metric sample the fields it shares with spans are looked
    at (`name`, `service`, `session`, `trace`, `span`, times, `attr.…`, `resource.…`); free text is
    looked for in an event's body, and `status:error` is one of severity ERROR and above.

    Terms about a whole trace (`calls.search>3`) or about what people add (`label:x`) raise
    `FilterError`: no single record can tell. Those that exist on both, such as `tokens`, are
    about the one record.
    """

    def __init__(self, text: str = "", *, now: int, session: str | None = None) -> None:
        query = parse(text)
        self._test = query.predicate(now)
        self._session = session
        self.open = not query and session is None
        """Whether everything fits, lines that are no records too."""

    def fits(self, item: Item) -> bool:
        """Whether it is to be shown."""
        if self.open:
            return True
        record = item.record
        if record is None or (self._session is not None and record.session_id != self._session):
            return False
        return self._test(record if isinstance(record, SpanRecord) else _as_span(record))


def _as_span(record: Record) -> SpanRecord:
    return cast("SpanRecord", _Other(record))


class _Other:
    """An event or a metric sample as the filter looks at spans: what it has not is unknown."""

    def __init__(self, record: Any) -> None:
        self._record = record
        self.start_time = record.time
        self.step_type = None
        self.kind = None
        if isinstance(record, EventRecord):
            self.status = "error" if record.severity_number >= SEVERE else "unset"
            self.output = body_text(record.body) or None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._record, name, None)
