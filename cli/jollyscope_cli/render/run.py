"""What `jollyscope run` says at its end, in lines for stderr."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator

from jollyscope.model import format as fmt
from jollyscope.query.listing import TraceRow
from jollyscope.query.run import RunSummary
from jollyscope.receive.run.session import MOST_TRACES, RunResult
from jollyscope_cli.output import colourful, paint, width
from jollyscope_cli.render import listing, table

__all__ = ["nothing", "recorded"]

SHOWN = 20
"""Traces listed one by one."""

COLUMNS = "trace input steps duration status tokens cost tools"


def recorded(result: RunResult, summary: RunSummary) -> Iterator[str]:
    """The traces, their sums, and how to open them."""
    rows = summary.rows
    digits = listing.short_length([row.trace_id for row in rows])
    yield ""
    yield from _table(rows[:SHOWN], listing.View(result.ended, digits))
    if len(rows) > SHOWN:
        yield f"{len(rows) - SHOWN:,} more; `jollyscope ls` lists them"
    yield " · ".join(_sums(result, summary))
    first = rows[0].trace_id[:digits]
    if len(rows) == 1:
        yield f"`jollyscope show {first}` draws it, `jollyscope ui {first}` opens it."
    else:
        yield f"`jollyscope show {first}` draws the first, `jollyscope ui` opens the list."


def nothing(result: RunResult) -> Iterator[str]:
    """That nothing came, and the likely reasons."""
    yield ""
    yield f"jollyscope: no spans were recorded ({', '.join(_ending(result))})."
    for reason in _reasons(result):
        yield f"  {reason}"


def _table(rows: list[TraceRow], view: listing.View) -> Iterator[str]:
    colour = colourful(sys.stderr)
    columns = listing.columns_of(COLUMNS.split(), view)
    cells = [[column.show(row) for column in columns] for row in rows]
    plan = table.layout(columns, cells, width(sys.stderr))
    titles = [table.Cell(column.name, "bold") for column in plan.columns]
    for line in [titles, *([column.show(row) for column in plan.columns] for row in rows)]:
        yield table.draw(plan, line, lambda text, style: paint(text, style, colour))


def _sums(result: RunResult, summary: RunSummary) -> Iterator[str]:
    many = "at least " if len(summary.rows) >= MOST_TRACES else ""
    yield many + _counted(len(summary.rows), "trace")
    if summary.tool_calls:
        names = f" ({', '.join(summary.tools)})" if len(summary.tools) <= 5 else ""
        yield _counted(summary.tool_calls, "tool call") + table.clean(names)
    known = [n for n in (summary.input_tokens, summary.output_tokens) if n is not None]
    if known:
        yield _counted(sum(known), "token")
    if summary.cost_usd is not None:
        yield fmt.cost(summary.cost_usd)
    yield _counted(summary.errors, "error")
    yield from _ending(result)


def _ending(result: RunResult) -> Iterator[str]:
    yield fmt.duration((result.ended - result.began) / 1e6)
    if result.code < 0:
        yield f"ended by {_signal(-result.code)}"
    else:
        yield f"exit code {result.code}"


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _counted(number: int, what: str) -> str:
    return f"{fmt.count(number)} {what}{'' if number == 1 else 's'}"


def _reasons(result: RunResult) -> Iterator[str]:
    if os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        yield "OTEL_SDK_DISABLED=true switches every recording off: unset it."
        return
    came = list(_received(result))
    if came:
        yield from came
        return
    if result.code in (-signal.SIGKILL, -signal.SIGTERM):
        yield "It was ended from outside, perhaps before it sent anything."
    yield from _not_sent(result)


def _received(result: RunResult) -> Iterator[str]:
    counts = result.counts
    if counts.logs or counts.metrics:
        other = f"{_counted(counts.logs, 'log')} and {_counted(counts.metrics, 'metric')}"
        yield f"{other} came: the program sends telemetry, but no traces."
    refused = counts.refused + counts.failed + counts.overloaded + counts.down
    if refused:
        yield f"{_counted(refused, 'request')} of it could not be taken."
    yield from (f"The receiver failed: {trouble}" for trouble in result.troubles)


def _not_sent(result: RunResult) -> Iterator[str]:
    python = result.python
    if python is None:
        yield "It has to send OTLP itself; OTEL_EXPORTER_OTLP_ENDPOINT named the receiver."
        yield "Python behind another program: `… opentelemetry-instrument python agent.py`."
    elif result.wrapped:
        yield "It ran under opentelemetry-instrument, and nothing in it made spans. Install its"
        yield "framework's instrumentation, or switch it on (Pydantic AI: `Agent.instrument_all()`)."
    elif python.can_instrument:
        yield "The program does not set OpenTelemetry up: leave --no-instrument out, or"
        yield "`pip install jollyscope`, and `import jollyscope; jollyscope.init()` in the program."
    else:
        had = (
            "OpenTelemetry, but the program does not set it up"
            if python.sdk
            else "no OpenTelemetry"
        )
        yield f"{python.path} has {had}. Either"
        yield "`pip install opentelemetry-distro opentelemetry-exporter-otlp` there, or"
        yield "`pip install jollyscope`, and `import jollyscope; jollyscope.init()` in the program."
