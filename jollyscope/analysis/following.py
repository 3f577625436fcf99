"""Which step of a run follows which.

Agents call tools side by side, and what merely began next to each other did not follow from each
other. So a step follows the step that had *ended* last when it began, of those on its level:

- A level is what stands within one tool call; the outermost one is the run itself. The first steps
  within a call follow the call, and so does what was observed of it.
- Steps that run at the same time have the same predecessor: a fork. Where they join, the one that
  ended last leads on.
- A step that other steps of its level stand in (a run, a thought whose tool calls lie within it) is
  over when it begins, for what stands in it follows from it. A running step leads nowhere yet.

So every step follows one other, but for those that nothing led to: one, unless a trace begins with
several at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from heapq import heappop, heappush
from typing import NamedTuple

from jollyscope.model.records import SpanRecord, StepType
from jollyscope.model.steps import GLYPH, Step, seen_twice, steps_of
from jollyscope.model.tree import TraceTree

__all__ = ["Flowing", "State", "followed", "state_of"]


class State(NamedTuple):
    """A kind of step: its type, of a tool call the tool, and within one the tool of that (`within`)."""

    type: StepType
    tool: str = ""
    within: str = ""

    @property
    def glyph(self) -> str:
        """The sign of its type."""
        return GLYPH[self.type]

    @property
    def name(self) -> str:
        """`think`, `act search`, `research › think`."""
        inside = f"{self.within} › " if self.within else ""
        return inside + (f"{self.type} {self.tool}" if self.tool else self.type.replace("_", " "))


class Flowing(NamedTuple):
    """A step, its state, the index of the step it follows (None: nothing led to it), and its time, ns."""

    step: Step
    state: State
    after: int | None
    took: int


def state_of(tree: TraceTree, span: SpanRecord) -> State:
    """The state that a span's own step is counted under."""
    return _state(span.step_type, span, _calls_around(tree, [span]).get(span.span_id))


def followed(tree: TraceTree) -> list[Flowing]:
    """Every step in the order of time, each with the one it follows."""
    spans = [node.span for node in tree.by_id.values() if node.span is not None]
    steps = steps_of(spans)
    around = _calls_around(tree, [step.span for step in steps])
    levels = [_level(step, around) for step in steps]
    holding = _holding(tree, steps, around)
    ends = [_end(step, holding) for step in steps]
    after = _predecessors(steps, levels, ends)
    return [
        Flowing(
            step,
            _state(step.type, step.span, around.get(step.span.span_id)),
            after[at],
            _took(step),
        )
        for at, step in enumerate(steps)
    ]


def _took(step: Step) -> int:
    """A derived step is a moment; so is the user's input, whose span is the whole run's."""
    if step.derived or step.type == "user_input" or step.span.end_time is None:
        return 0
    return max(0, step.span.end_time - step.span.start_time)


def _state(kind: StepType, span: SpanRecord, call: SpanRecord | None) -> State:
    tool = (span.tool_name or span.name) if kind == "act" else ""
    return State(kind, tool, (call.tool_name or call.name) if call else "")


def _calls_around(tree: TraceTree, spans: Iterable[SpanRecord]) -> dict[str, SpanRecord]:
    """Of each span the tool call that it stands in, if any; every node is walked over once."""
    twice = seen_twice(node.span for node in tree.by_id.values() if node.span is not None)
    known: dict[str, SpanRecord | None] = {}
    for span in spans:
        path: list[str] = []
        node = tree.by_id[span.span_id]
        found: SpanRecord | None = None
        while node.span_id not in known:
            path.append(node.span_id)
            above = node.parent
            if above is None:
                break
            if above.span and _is_call(above.span, twice):
                found = above.span
                break
            node = above
        else:
            found = known[node.span_id]
        known.update(dict.fromkeys(path, found))
    return {span_id: call for span_id, call in known.items() if call is not None}


def _is_call(span: SpanRecord, twice: dict[str, SpanRecord]) -> bool:
    return span.step_type == "act" and span.span_id not in twice


def _level(step: Step, around: dict[str, SpanRecord]) -> str:
    call = around.get(step.span.span_id)
    return call.span_id if call else ""


def _holding(tree: TraceTree, steps: list[Step], around: dict[str, SpanRecord]) -> set[str]:
    """Ids of the spans that a step stands in, on its own level; every node is walked over once."""
    found: set[str] = set()
    for step in steps:
        call = around.get(step.span.span_id)
        above = tree.by_id[step.span.span_id].parent
        while above is not None and above.span is not call and above.span_id not in found:
            found.add(above.span_id)
            above = above.parent
    return found


def _end(step: Step, holding: set[str]) -> int | None:
    """When a step is over, for what may follow it; None while it runs."""
    if step.derived or step.type == "user_input":
        return step.time
    if step.type != "act" and step.span.span_id in holding:
        return step.time
    end = step.span.end_time
    return None if step.span.state == "open" or end is None else max(end, step.time)


def _predecessors(steps: list[Step], levels: list[str], ends: list[int | None]) -> list[int | None]:
    """Of each step the index of the one it follows."""
    calls = _calls(steps, levels)
    waiting: dict[str, list[tuple[int, int]]] = {}
    last: dict[str, int] = {}
    found: list[int | None] = []
    for at, (step, level) in enumerate(zip(steps, levels, strict=True)):
        heap = waiting.setdefault(level, [])
        while heap and heap[0][0] <= step.time:
            last[level] = heappop(heap)[1]
        before = _call_observed(step, level, calls, at)
        if before is None:
            before = last.get(level, calls.get(("", level)) if level else None)
        found.append(before)
        end = ends[at]
        if end is not None:
            heappush(heap, (end, at))
    return found


def _call_observed(
    step: Step, level: str, calls: dict[tuple[str, str], int], at: int
) -> int | None:
    """The earlier call whose result is observed: by its span or the call's id."""
    if step.type != "observe":
        return None
    found = calls.get((level, step.span.span_id))
    if found is None and step.span.tool_call_id:
        found = calls.get((level, step.span.tool_call_id))
    return found if found is not None and found < at else None


def _calls(steps: list[Step], levels: list[str]) -> dict[tuple[str, str], int]:
    """Tool calls by their level and their own or their span's id, and by the span's id alone: what was
    observed of a call follows it, and so does what begins within it.
    """
    found: dict[tuple[str, str], int] = {}
    for at, (step, level) in enumerate(zip(steps, levels, strict=True)):
        if step.type == "act":
            found["", step.span.span_id] = found[level, step.span.span_id] = at
            if step.span.tool_call_id:
                found[level, step.span.tool_call_id] = at
    return found
