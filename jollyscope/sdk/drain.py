"""From the inbox to the outbox: what the background thread does at every tick."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from opentelemetry.sdk.trace import ReadableSpan

from jollyscope.model.records import MetricRecord, SpanRecord
from jollyscope.model.wire import encode_lines
from jollyscope.sdk.convert import Converter
from jollyscope.sdk.outbox import Batch, Outbox
from jollyscope.sdk.processor import Inbox
from jollyscope.sdk.repair import encodable
from jollyscope.sdk.sampler import Sampler
from jollyscope.sdk.taken import Taken
from jollyscope.sdk.trouble import Trouble

__all__ = ["Drain"]

_SLICE = 256
"""Spans converted and written before the GIL is offered to the agent's threads: 2 ms of work."""
_STORM, _STORM_SLICE = 8192, 2048
"""With so many waiting, larger slices. Whoever gives the GIL away to a busy thread gets it back
5 ms later, so that small slices convert 40,000 spans a second at most: a storm of 33,000 a second
for 9 s then lost a fifth of its spans to the queue's bound, and none since."""


class Drain:
    """Makes records of what is in the inbox and hands them to the outbox. One thread uses it.

    `inherited`: in a forked child, the ids of spans that the parent had begun. They are its own to
    end, though a child that unwinds the parent's blocks ends them too.
    """

    def __init__(
        self,
        inbox: Inbox,
        converter: Converter,
        outbox: Outbox,
        sampler: Sampler,
        trouble: Trouble,
        inherited: frozenset[int] = frozenset(),
    ) -> None:
        self.in_hand = 0
        self._inbox, self._outbox = inbox, outbox
        self._converter, self._sampler, self._trouble = converter, sampler, trouble
        self._inherited = inherited
        self._running: set[int] = set()
        self._resource: Any = None

    def begun(self) -> frozenset[int]:
        """Ids of the spans that are known to run."""
        return self._inherited | self._running | set(self._inbox.started)

    def run(self, write: Callable[[], None]) -> None:
        """Drain what is there now, calling `write` after every slice."""
        inbox = self._inbox
        sampled = self._sampler.sample()
        active = bool(self._running or inbox.ended or inbox.started)
        self._count_refused()
        if inbox.ended or inbox.started:
            self._sampler.note_cpu()
            # What ends meanwhile waits for the next tick, so that this one comes to an end.
            limit = len(inbox.ended) + _SLICE
            self._take_started()
            while limit > 0 and inbox.ended:
                limit -= self._take_ended()
                write()
                time.sleep(0)  # lets go of the GIL
        if sampled and active and self._resource is not None:
            self._send_metrics()

    def _count_refused(self) -> None:
        refused = self._inbox.refused
        for _ in range(count := len(refused)):
            refused.popleft()
        self._outbox.drop(count, f"{self._inbox.bound:,} are waiting already")

    def _take_started(self) -> None:
        started, spans = self._inbox.started, list[ReadableSpan]()
        try:
            while len(spans) < self._inbox.bound:
                span_id, span = started.popitem()
                self._running.add(span_id)
                spans.append(span)
        except KeyError:
            pass
        for first in range(0, len(spans), _SLICE):
            part = spans[first : first + _SLICE]
            self._send(self._convert(part, self._converter.opened, counted=False), counted=False)

    def _take_ended(self) -> int:
        ended = self._inbox.ended
        # Popped one by one rather than swapped for a new deque: an append that had already looked
        # the old one up would be lost.
        count = min(_SLICE if len(ended) < _STORM else _STORM_SLICE, len(ended))
        self.in_hand = count
        spans = [ended.popleft() for _ in range(count)]
        if self._running:
            self._running.difference_update([taken[1].span_id for taken in spans])
        if self._inherited:
            spans = [taken for taken in spans if taken[1].span_id not in self._inherited]
        if spans:
            self._resource = spans[-1][7]
        self._send(self._convert(spans, self._closed, counted=True), counted=True)
        self.in_hand = 0
        return count

    def _closed(self, taken: Taken) -> SpanRecord:
        return self._converter.closed(taken, self._sampler.cpu_percent, self._sampler.memory_mb)

    def _convert(
        self, spans: list[Any], convert: Callable[[Any], SpanRecord], *, counted: bool
    ) -> list[SpanRecord]:
        records: list[SpanRecord] = []
        for span in spans:
            try:
                records.append(convert(span))
            except Exception as error:  # noqa: BLE001 - one odd span must not take others along
                why = f"one cannot be recorded: {type(error).__name__}: {error}"
                self._outbox.drop(int(counted), why)
        return records

    def _send(self, records: list[SpanRecord], *, counted: bool) -> None:
        lost = 0
        try:
            lines = encode_lines(records)
        except Exception:  # noqa: BLE001 - lone surrogates and the like: one by one, repaired
            lines, lost = encodable(records, self._trouble)
        spans = len(records) - lost if counted else 0
        self._outbox.dropped += lost if counted else 0
        self._outbox.add(Batch("span", lines, spans))

    def _send_metrics(self) -> None:
        resource, service = self._converter.resource(self._resource)
        metrics: list[MetricRecord] = self._sampler.metrics(service, resource)
        self._outbox.add(Batch("metric", encode_lines(metrics), 0))
