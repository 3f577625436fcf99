"""What runs wait for: tools, models and other steps by their time on the critical path."""

from __future__ import annotations

from collections.abc import Iterator

from jollyscope.analysis.finding import Analysis, Evidence, Finding, Request, severity_of
from jollyscope.analysis.runs import Run
from jollyscope.analysis.savings import alone
from jollyscope.analysis.tally import Tally, Worst
from jollyscope.model.format import duration
from jollyscope.model.records import SpanRecord
from jollyscope.model.tree import Node
from jollyscope.query.filter import term
from jollyscope.query.filter.writing import quoted

__all__ = ["BOTTLENECKS", "LEAST", "Bottlenecks", "Key", "call_key", "key_of", "runs_with"]

LEAST = 0.05
"""Of the runs' time; what takes less is not worth a line."""

Key = tuple[str, str]
"""What a step is called (`tool`, `model` or `name`: fields of a filter) and its value."""


def key_of(node: Node) -> Key | None:
    """What a step is of; None for a span that only holds others, whose own time is waiting."""
    span = node.span
    if span is None:
        return None
    if span.step_type in ("act", "think"):
        return call_key(span)
    return None if node.children else ("name", span.name)


def call_key(span: SpanRecord) -> Key:
    """What a tool or model call is of."""
    if span.step_type == "act" and span.tool_name:
        return "tool", span.tool_name
    return (
        ("model", span.model) if span.step_type == "think" and span.model else ("name", span.name)
    )


class _Sum:
    def __init__(self) -> None:
        self.path = self.saved = self.runs = self.steps = 0
        self.worst = Worst()


class Bottlenecks:
    """Sums by tool, model and name. A million spans of a thousand names keep a thousand sums."""

    def __init__(self) -> None:
        self._sums: Tally[Key, _Sum] = Tally(_Sum)
        self._time = self._runs = 0

    def add(self, run: Run) -> None:
        """Take in one run."""
        self._runs += 1
        self._time += run.path.end - run.path.start
        saved = alone(run.tree, run.path)
        here: dict[Key, tuple[int, int]] = {}
        for share in run.path.shares():
            key = key_of(share.node) if share.node is not None else None
            total = self._sums.of(key) if key is not None else None
            if share.node is None or key is None or total is None:
                continue
            mine = saved.get(share.node.span_id, 0)
            total.path, total.saved = total.path + share.time, total.saved + mine
            total.steps += 1
            total.worst.add(mine, run.trace_id, share.node.span_id)
            path, sole = here.get(key, (0, 0))
            here[key] = path + share.time, sole + mine
        for key in here:
            total = self._sums.of(key)
            if total is not None:
                total.runs += 1

    def findings(self, request: Request) -> list[Finding]:
        """Those that take at least a twentieth of the runs' time, what would save the most first."""
        found = list(self._worthwhile(request))
        found.sort(key=lambda finding: -(finding.saves_ms or 0.0))
        return found

    def _worthwhile(self, request: Request) -> Iterator[Finding]:
        for key, total in self._sums.items():
            share = total.path / self._time if self._time else 0.0
            if share >= LEAST:
                yield self._finding(key, total, share, request)

    def _finding(self, key: Key, total: _Sum, share: float, request: Request) -> Finding:
        field, value = key
        kind = "step" if field == "name" else field
        saves = total.saved / 1e6
        within = f"in {total.runs:,} of {self._runs:,} runs" if self._runs > 1 else "in this run"
        beside = (
            "nothing else runs beside it"
            if total.saved == total.path
            else f"without it they would be {duration(saves)} shorter, as other steps run beside it"
        )
        return Finding(
            what=f"The {kind} `{value}` is what is waited for {share:.0%} of the time: "
            f"{duration(total.path / 1e6)} {within}; {beside}.",
            severity=severity_of(total.saved / self._time),
            saves_ms=saves,
            evidence=Evidence(
                traces=total.worst.traces(),
                spans=total.worst.spans(),
                numbers={
                    "path_ms": total.path / 1e6, "path_share": share, "alone_ms": saves,
                    "runs": total.runs, "steps": total.steps,
                },
            ),
            filter=request.narrowed(runs_with(field, value)),
        )  # fmt: skip


def runs_with(field: str, value: str) -> str:
    """A term for the runs with such a step. Of a run `name` is the root's: other names are free text."""
    return f'"{quoted(value + " ")[1:-2]}"' if field == "name" else term(field, value)


BOTTLENECKS = Analysis(
    name="bottlenecks",
    title="What runs wait for",
    method="Time on the critical path (Zhang et al., CRISP, USENIX ATC 2022) by tool, model and step; "
    "what it would save is the part of it with nothing else at work (as Coz's virtual speedup, SOSP 2015).",
    fold=Bottlenecks,
)
