"""What is out of the ordinary, as event records: the very rules of `compose/flink/sql/alerts.sql`.

An alert's id is made of what it is about (definition, time, group or trace), so that it is the same
whoever finds it, Flink or this, and however often: readers keep one.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from hashlib import md5

import msgspec

from jollyscope.analysis.live.past import Minutes, Scores, Subject
from jollyscope.model.records import EventRecord

__all__ = ["Finding", "loop_alert", "minute_alerts"]

_FAR = 6
"""The z-score from which on a number is out of the ordinary."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One alert before it is a record: `time` in Unix ns, `which` tells apart what the rest does not."""

    name: str
    time: int
    subject: Subject
    value: float
    body: str
    z: float | None = None
    span_count: int | None = None
    error_count: int | None = None
    trace_id: str | None = None
    which: str = ""

    def record(self) -> EventRecord:
        """The alert as Flink writes it."""
        about = self.subject
        attributes = {
            "step_type": about.step_type,
            "tool_name": about.tool_name or None,
            "model": about.model or None,
            "value": self.value,
            "z": self.z,
            "span_count": self.span_count,
            "error_count": self.error_count,
        }
        return EventRecord(
            record_id=self._id(),
            time=self.time,
            type="alert",
            name=self.name,
            severity_number=13,
            severity="WARN",
            body=self.body,
            service=about.service or None,
            trace_id=self.trace_id,
            attributes={key: value for key, value in attributes.items() if value is not None},
        )

    def _id(self) -> str:
        when = str(self.time) if self.trace_id is None else self.trace_id
        return _md5("|".join((self.name, when, *self.subject, self.which)))


def minute_alerts(subject: Subject, now: Minutes, scores: Scores) -> Iterator[Finding]:
    """What is out of the ordinary in a minute that is over."""
    spans, errors = now.span_count, now.error_count

    def found(name: str, value: float, z: float | None, body: str) -> Finding:
        return Finding(
            name=name,
            time=now.minute,
            subject=subject,
            value=value,
            z=z,
            span_count=spans,
            error_count=errors,
            body=body,
        )

    latency, volume = scores.latency, scores.volume
    if now.p95_ms is not None and spans >= 5 and latency is not None and latency >= _FAR:
        told = f"p95 of {_whole(now.p95_ms)} ms, far above the last hour"
        yield found("latency", now.p95_ms, latency, told)
    if errors >= 5 and (errors * 2 >= spans if scores.errors is None else scores.errors >= _FAR):
        told = f"{errors} errors of {spans} in a minute"
        yield found("errors", float(errors), scores.errors, told)
    if volume is not None and ((spans >= 20 and volume >= _FAR) or volume <= -_FAR):
        way = "above" if volume > 0 else "below"
        yield found(
            "volume", float(spans), volume, f"{spans} spans in a minute, far {way} the last hour"
        )


def loop_alert(
    subject: Subject, *, trace_id: str, time: int, arguments: str, times: int
) -> Finding:
    """An agent that calls one tool again and again with the same `arguments`."""
    return Finding(
        name="loop",
        time=time,
        subject=subject,
        value=float(times),
        trace_id=trace_id,
        which=_md5(arguments),
        body=f"{subject.tool_name} called {times} times with the same input",
    )


def _whole(number: float) -> int:
    # Halves go up, as in SQL; Python's own round() takes them to the even number.
    return int(Decimal(repr(number)).quantize(Decimal(1), ROUND_HALF_UP))


def _md5(text: str) -> str:
    return md5(text.encode(), usedforsecurity=False).hexdigest()
