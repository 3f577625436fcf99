"""The kinds of failures, and the runs that failed because of each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from jollyscope.analysis.alike import masked, top_frame
from jollyscope.analysis.causes import root_cause
from jollyscope.analysis.finding import Analysis, Evidence, Finding, Request, severity_of, times
from jollyscope.analysis.runs import Run
from jollyscope.analysis.tally import Tally
from jollyscope.model.document import iso
from jollyscope.model.format import cost, duration
from jollyscope.model.records import SpanRecord
from jollyscope.model.tree import Node
from jollyscope.query.filter.writing import quoted

__all__ = ["ERRORS", "ErrorKind", "Errors", "kind_of"]

UNKNOWN = "error"
"""The type of a failure that names none."""

_MASK = re.compile(r"<\w+>")


class ErrorKind(NamedTuple):
    """What failures have in common: type, message without what changes, and where it was raised."""

    type: str
    message: str
    frame: str


def kind_of(span: SpanRecord) -> ErrorKind:
    """The kind of a failed span's failure."""
    return ErrorKind(
        span.error_type or UNKNOWN, masked(span.error_message or ""), top_frame(span.stack_trace)
    )


class _Sum:
    def __init__(self) -> None:
        self.count = self.runs = self.failed_runs = 0
        self.ms, self.usd = 0.0, 0.0
        self.first: int | None = None
        self.last = 0
        self.example: tuple[str, str, str] = ("", "", "")
        self.traces: list[str] = []
        self.steps: dict[str, int] = {}


class Errors:
    """Sums by kind of failure. A failure that passed up to the spans around it counts once, where it
    began.
    """

    def __init__(self) -> None:
        self._sums: Tally[ErrorKind, _Sum] = Tally(_Sum)
        self._ms = 0.0
        self._runs = 0

    def add(self, run: Run) -> None:
        """Take in one run."""
        self._runs += 1
        self._ms += run.row.duration_ms
        if not run.row.error_count:
            return
        seen: set[ErrorKind] = set()
        for node in run.tree.walk():
            if node.span is not None and _began(node):
                kind = kind_of(node.span)
                total = self._sums.of(kind)
                if total is not None:
                    _count(total, node.span, run, fresh=kind not in seen)
                seen.add(kind)
        cause = root_cause(run.tree) if run.row.status == "error" else None
        if cause is not None and cause.span is not None:
            total = self._sums.of(kind_of(cause.span))
            if total is not None:
                total.failed_runs += 1
                total.ms += run.row.duration_ms
                total.usd += run.row.cost_usd or 0.0

    def findings(self, request: Request) -> Iterator[Finding]:
        """Every kind of failure, the most frequent first."""
        for kind, total in sorted(self._sums.items(), key=lambda one: (-one[1].count, one[0])):
            yield self._finding(kind, total, request)

    def _finding(self, kind: ErrorKind, total: _Sum, request: Request) -> Finding:
        said = f"{kind.type}: {kind.message}" if kind.message else kind.type
        where = f" in {kind.frame}" if kind.frame else ""
        step = max(total.steps, key=lambda name: (total.steps[name], name))
        lost = ""
        if total.failed_runs:
            paid = f" and {cost(total.usd)}" if total.usd else ""
            lost = (
                f"; {_runs(total.failed_runs)} failed by it, {duration(total.ms)}{paid} for nothing"
            )
        return Finding(
            what=f"`{said}`{where} {times(total.count)} in {total.runs:,} of {self._runs:,} runs, "
            f"mostly in `{step}`{lost}.",
            severity=severity_of(max(total.ms / self._ms if self._ms else 0, total.runs / self._runs)),
            saves_ms=total.ms if total.failed_runs else None,
            saves_usd=total.usd or None,
            evidence=Evidence(
                traces=total.traces,
                spans=[total.example[1]],
                numbers={
                    "errors": total.count, "runs": total.runs, "failed_runs": total.failed_runs,
                    "first": iso(total.first or 0), "last": iso(total.last),
                    "example": total.example[2], "frame": kind.frame or None,
                },
            ),
            filter=request.narrowed(_sought(kind, total.example[2])),
        )  # fmt: skip


def _runs(number: int) -> str:
    return "1 run" if number == 1 else f"{number:,} runs"


def _sought(kind: ErrorKind, example: str) -> str:
    """A term for these failures: the longest stretch of the message that does not change, as it stands
    in the example; else the type.
    """
    parts = [part.strip() for part in _MASK.split(kind.message)]
    longest = max((part for part in parts if part in example), key=len, default="")
    if len(longest) < 4 and kind.type != UNKNOWN:
        longest = kind.type
    return f"error:{quoted(longest)}" if longest else "has:error"


def _began(node: Node) -> bool:
    """Whether a failure began in a span: it failed, and none that it called did."""
    failed = node.span is not None and node.span.status == "error"
    return failed and not any(
        c.span is not None and c.span.status == "error" for c in node.children
    )


def _count(total: _Sum, span: SpanRecord, run: Run, *, fresh: bool) -> None:
    total.count += 1
    total.runs += fresh
    name = span.tool_name or span.model or span.name
    if name in total.steps or len(total.steps) < 100:
        total.steps[name] = total.steps.get(name, 0) + 1
    if total.first is None or span.start_time < total.first:
        total.first = span.start_time
    if not total.last or span.start_time > total.last:
        total.last = span.start_time
        total.example = (run.trace_id, span.span_id, span.error_message or "")
    if fresh and len(total.traces) < 3:
        total.traces.append(run.trace_id)


ERRORS = Analysis(
    name="errors",
    title="Kinds of failures",
    method="Failures where they began, by type, message with numbers, ids, paths and quoted texts masked "
    "(as log parsers do: He et al., Drain, ICWS 2017), and innermost frame without its line.",
    fold=Errors,
)
