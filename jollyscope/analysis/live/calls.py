"""Which tool an agent calls again and again with the same input."""

from __future__ import annotations

from jollyscope.analysis.live.definitions import Finding, loop_alert
from jollyscope.analysis.live.past import Subject
from jollyscope.model.records import SpanRecord

__all__ = ["Calls"]

_TIMES = 5
_MOST_CALLS = 100_000
_FORGOTTEN_NS = 2 * 3600 * 10**9


class Calls:
    """Counts calls of a trace with the same tool and input, apart from spaces around it.

    State: a counter for each of the 100,000 calls that were made last (150 bytes each), by 64 bits of
    their hash; one that was not made again for two hours begins anew.
    """

    def __init__(self) -> None:
        self._held: dict[int, tuple[int, int]] = {}

    def add(self, span: SpanRecord) -> Finding | None:
        """Count one more; an alert where it is the fifth."""
        tool, arguments = span.tool_name, (span.input or "").strip(" ")
        if span.step_type != "act" or not tool or not arguments:
            return None
        key = hash((span.trace_id, tool, arguments))
        times, newest = self._held.pop(key, (0, span.start_time))
        if span.start_time - newest >= _FORGOTTEN_NS:
            times = 0
        self._held[key] = times + 1, max(newest, span.start_time)
        if len(self._held) > _MOST_CALLS:
            del self._held[next(iter(self._held))]
        if times + 1 != _TIMES:
            return None
        subject = Subject(span.service or "", "act", tool, span.model or "")
        return loop_alert(
            subject,
            trace_id=span.trace_id,
            time=span.start_time,
            arguments=arguments,
            times=_TIMES,
        )
