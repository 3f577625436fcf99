"""What stands above and below a drawn trace: the facts, the failures, what was left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jollyscope.model import format as fmt
from jollyscope.model.oddities import ODDITIES, oddities
from jollyscope.model.records import SpanRecord
from jollyscope.model.steps import FAILED, error_text, label
from jollyscope.query.fields import total_tokens
from jollyscope.query.listing import TraceRow
from jollyscope.query.outline import Outline
from jollyscope_cli.render.cells import clean, cut, wide
from jollyscope_cli.render.listing import status_cell
from jollyscope_cli.render.moments import moment
from jollyscope_cli.render.trace import Piece

__all__ = ["failed", "head", "left_out", "legend"]

SHOWN = 20
"""Failures listed below a drawing unless all are asked for."""


def head(row: TraceRow, now: int, width: int) -> Iterator[list[Piece]]:
    """The facts of an execution, in as many lines as they need."""
    running = row.state == "open"
    took = (now - row.start_time) / 1e6 if running else row.duration_ms
    tokens = total_tokens(row)
    facts = [
        f"execution {row.trace_id}",
        f"session {row.session_id}" if row.session_id else "",
        f"user {row.user_id}" if row.user_id else "",
        f"{moment(row.start_time):%Y-%m-%d %H:%M:%S}",
        fmt.duration(took),
        _counted(row.step_count, "step"),
        _counted(tokens, "token") if tokens is not None else "",
        fmt.cost(row.cost_usd) if row.cost_usd is not None else "",
    ]
    ended = status_cell(row.state, row.status)
    line: list[Piece] = []
    for text, style in [*((fact, "") for fact in facts if fact), (ended.text, ended.style)]:
        fact = cut(clean(text), width)
        if line and sum(wide(part) for part, _ in line) + 3 + wide(fact) > width:
            yield line
            line = []
        if line:
            line.append((" · ", "dim"))
        line.append((fact, style or "head"))
    yield line


def _counted(number: int, what: str) -> str:
    return f"{fmt.count(number)} {what}{'' if number == 1 else 's'}"


def left_out(drawn: Outline) -> Iterator[list[Piece]]:
    """How many spans the drawing leaves out, and how to see them."""
    if drawn.by_depth:
        yield [
            (f"{drawn.by_depth:,} of {drawn.total:,} spans are deeper; --depth shows more", "note")
        ]
    if drawn.by_limit:
        text = f"{drawn.by_limit:,} of {drawn.total:,} spans follow; --limit 0 draws them all"
        yield [(text, "note")]


def legend(drawn: Outline) -> Iterator[list[Piece]]:
    """What the marks in this drawing mean."""
    used = {odd for row in drawn.rows for odd in oddities(row.node)}
    for odd in ODDITIES:
        if odd in used:
            yield [(f"{odd.mark} {odd.word}: {odd.meaning}", "note")]


def failed(
    spans: Sequence[SpanRecord], start: int, width: int, *, stacks: bool
) -> Iterator[list[Piece]]:
    """Each failure with its type and message; with `stacks`, all of them and their stack traces."""
    shown = spans if stacks else spans[:SHOWN]
    if spans:
        yield []
        yield [(_counted(len(spans), "error"), "error")]
    for span in shown:
        yield from _failure(span, start, width, stacks)
    if len(shown) < len(spans):
        yield [(f"{len(spans) - len(shown):,} more; --errors lists all, with stack traces", "note")]
    elif spans and not stacks and any(span.stack_trace for span in spans):
        yield [("--errors shows the stack traces", "note")]


def _failure(span: SpanRecord, start: int, width: int, stacks: bool) -> Iterator[list[Piece]]:
    where = f"  +{fmt.duration((span.start_time - start) / 1e6)}  span {span.span_id}"
    # The label ends with the error; here it gets a line of its own, whole where it is asked for.
    what = clean(label(span)).partition("  ")[0]
    yield [
        (f"{FAILED} ", "error"),
        (cut(what, max(8, width - wide(where) - 2)), ""),
        (where, "dim"),
    ]
    told = error_text(span) or ""
    if not stacks:
        yield [("  " + cut(clean(" ".join(told.split())), width - 2), "error")]
        return
    for line in [*told.splitlines(), *(span.stack_trace or "").splitlines()]:
        yield [("    " + clean(line), "dim" if line not in told else "error")]
