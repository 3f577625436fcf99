"""Steps that were taken again although nothing had changed: the same call with the same answer, the
same thought.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from jollyscope.analysis.finding import Analysis, Finding, Request, severity_of, times
from jollyscope.analysis.loops import loops
from jollyscope.analysis.losses import Losses, Lost, measured, priced
from jollyscope.analysis.runs import Run
from jollyscope.model.format import duration
from jollyscope.model.records import SpanRecord
from jollyscope.query.filter import term

__all__ = ["REPEATS", "Again", "Repeats", "again"]

Key = tuple[Literal["tool", "thought"], str]


class Again(NamedTuple):
    """Steps that repeat an earlier one: the same tool or the same model."""

    key: Key
    spans: list[SpanRecord]


def again(run: Run) -> list[Again]:
    """What a run did again.

    A call repeats an earlier one of the same tool with the same arguments (`loops`) that did not fail
    and returned the same: asking for what changes, or once more after a failure, is none. A thought
    repeats an earlier one of the same model whose text is the same to the letter.
    """
    found = [
        Again(("tool", loop.tool), spans)
        for loop in loops(run.spans)
        if (spans := _known(loop.spans))
    ]
    by_model: dict[str, list[SpanRecord]] = {}
    for call in run.calls:
        if call.step_type == "think" and call.output is not None:
            by_model.setdefault(call.model or call.name, []).append(call)
    thoughts = [Again(("thought", model), _known(calls)) for model, calls in by_model.items()]
    return found + [one for one in thoughts if one.spans]


def _known(spans: list[SpanRecord]) -> list[SpanRecord]:
    """Those whose answer an earlier one had got."""
    answers: set[str | None] = set()
    found: list[SpanRecord] = []
    for span in spans:
        if span.status == "error" or span.state != "closed":
            continue
        if span.output in answers:
            found.append(span)
        answers.add(span.output)
    return found


class Repeats(Losses[Key, Lost]):
    """Sums by tool, and by model for thoughts."""

    def __init__(self) -> None:
        super().__init__(Lost)

    def add(self, run: Run) -> None:
        """Take in one run."""
        self.begin(run)
        found: dict[Key, list[SpanRecord]] = {}
        for one in again(run):
            found.setdefault(one.key, []).extend(one.spans)
        for key, spans in found.items():
            total = self.sums.of(key)
            if total is not None:
                total.add(run, spans)

    def finding(self, key: Key, total: Lost, request: Request) -> Finding:
        kind, name = key
        did = (
            f"The tool `{name}` was called again with the same arguments and answered the same"
            if kind == "tool"
            else f"The model `{name}` thought the same thing again, to the letter,"
        )
        return Finding(
            what=f"{did} {times(total.steps)} in {total.runs:,} of {self.runs:,} runs, at most "
            f"{times(total.most)} in one; that took {duration(total.saved / 1e6)}"
            f"{priced(total, ' and')}.",
            severity=severity_of(self.share(total)),
            filter=request.narrowed(term("tool" if kind == "tool" else "model", name)),
            **measured(total, repeated=total.steps, most_in_a_run=total.most),
        )


REPEATS = Analysis(
    name="repeats",
    title="Calls and thoughts that were repeated",
    method="Calls of one tool whose arguments are one in canonical JSON (RFC 8785) and whose results are "
    "equal, the earlier not failed; thoughts with equal text; both told by digests.",
    fold=Repeats,
)
