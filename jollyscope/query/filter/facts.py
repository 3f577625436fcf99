"""What a whole trace's spans add up to: the columns of `ads_traces`, each reckoned when asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any

from jollyscope.model.records import SpanRecord
from jollyscope.model.steps import seen_twice, steps_of
from jollyscope.store.state import Annotation

__all__ = ["TraceFacts"]


class TraceFacts:
    """One trace's settled spans, at least one. Attributes are named and defined as the columns of
    `ads_traces` (`docs/schema.md`).
    """

    def __init__(self, spans: Iterable[SpanRecord], annotations: Iterable[Annotation] = ()) -> None:
        self.spans = list(spans)
        self.annotations = list(annotations)
        self.ranked = sorted(
            self.spans, key=lambda s: (s.parent_span_id is not None, s.start_time, s.span_id)
        )
        self.trace_id = self.spans[0].trace_id

    def column(self, name: str) -> Any:
        """The value of a column."""
        return getattr(self, name)

    def calls(self, named: Callable[[str], bool]) -> int:
        """How many calls of the tools whose name fits; one that two libraries recorded counts once."""
        calls = {
            span.span_id: span
            for span in self.spans
            if span.step_type == "act" and span.tool_name is not None and named(span.tool_name)
        }
        return sum(not self._called_above(span, calls) for span in calls.values())

    def _called_above(self, span: SpanRecord, calls: dict[str, SpanRecord]) -> bool:
        """Whether it stands in a call of the same tool, with at most one other span between."""
        above = self._above(span)
        if above is not None and above.step_type == "other":
            above = self._above(above)
        outer = calls.get(above.span_id) if above is not None else None
        return outer is not None and outer.tool_name == span.tool_name

    def _above(self, span: SpanRecord) -> SpanRecord | None:
        parent = self._by_id.get(span.parent_span_id or "")
        # Ordered by place, so that of a cycle one span is left.
        return parent if parent is not None and _place(parent) < _place(span) else None

    @cached_property
    def _by_id(self) -> dict[str, SpanRecord]:
        return {span.span_id: span for span in self.spans}

    @cached_property
    def _twice(self) -> dict[str, SpanRecord]:
        return seen_twice(self.spans)

    def _first(self, field: str) -> Any:
        return next((v for s in self.ranked if (v := getattr(s, field)) is not None), None)

    @cached_property
    def session_id(self) -> str | None:
        return self._first("session_id")

    @cached_property
    def user_id(self) -> str | None:
        return self._first("user_id")

    @cached_property
    def service(self) -> str | None:
        return self._first("service")

    @cached_property
    def name(self) -> str | None:
        return self._first("name")

    @cached_property
    def input(self) -> str | None:
        return self._first("input")

    @cached_property
    def output(self) -> str | None:
        roots = [s for s in self.ranked if s.parent_span_id is None]
        latest = sorted(self.spans, key=lambda s: (s.start_time, s.span_id), reverse=True)
        for among in (
            roots,
            [s for s in latest if s.step_type == "response"],
            [s for s in latest if s.step_type == "think"],
        ):
            said = next((s.output for s in among if s.output is not None), None)
            if said is not None:
                return said
        return None

    @cached_property
    def start_time(self) -> int:
        return min(span.start_time for span in self.spans)

    @cached_property
    def duration_ms(self) -> float:
        end = max(max(span.start_time, span.end_time or 0) for span in self.spans)
        return (end - self.start_time) / 1e6

    @cached_property
    def state(self) -> str:
        states = {span.state for span in self.spans}
        return next((s for s in ("open", "interrupted") if s in states), "closed")

    @cached_property
    def status(self) -> str:
        first = self.ranked[0]
        if first.parent_span_id is None:
            return first.status
        return "error" if self.error_count else "unset"

    @cached_property
    def span_count(self) -> int:
        return len(self.spans)

    @cached_property
    def step_count(self) -> int:
        return len(steps_of(self.spans))

    @cached_property
    def error_count(self) -> int:
        return sum(span.status == "error" for span in self.spans)

    @cached_property
    def tool_calls(self) -> int:
        return sum(s.step_type == "act" and s.span_id not in self._twice for s in self.spans)

    @cached_property
    def tools(self) -> set[str]:
        return {span.tool_name for span in self.spans if span.tool_name is not None}

    @cached_property
    def models(self) -> set[str]:
        return {span.model for span in self.spans if span.model is not None}

    @cached_property
    def input_tokens(self) -> int | None:
        return self._spent("input_tokens")

    @cached_property
    def output_tokens(self) -> int | None:
        return self._spent("output_tokens")

    @cached_property
    def cost_usd(self) -> float | None:
        return self._spent("cost_usd")

    def _spent(self, field: str) -> Any:
        """Each model call once: runs speak only where no other span does."""
        own: list[Any] = []
        runs: list[Any] = []
        for span in self.spans:
            value = getattr(span, field)
            outer = self._twice.get(span.span_id)
            if value is None or (outer is not None and getattr(outer, field) is not None):
                continue
            (runs if span.step_type == "user_input" else own).append(value)
        return sum(own) if own else max(runs, default=None)


def _place(span: SpanRecord) -> tuple[int, int, str]:
    return span.start_time, -(span.end_time or 0), span.span_id
