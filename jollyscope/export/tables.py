"""The tables that exports are made of: their columns, types, units and meanings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from jollyscope.store.answer import Row
from jollyscope.store.schema import meaning

__all__ = ["FEATURES", "SHEETS", "TABLES", "Chunks", "Column", "ColumnType", "Tables", "column"]

ColumnType = Literal["text", "integer", "number", "time", "bool", "list", "json"]

Chunks = Iterator[list[Row]]
"""Rows of one table, at most 10,000 at a time, values in the order of its columns."""

Tables = Mapping[str, Callable[[], Chunks]]
"""By name of a table, what reads it from its beginning. One is read at a time."""


class Column(NamedTuple):
    """A column of a table. Python values: `time` is an int of Unix ns, `list` a list of texts, `json`
    the text of a JSON value; any may be None.
    """

    name: str
    type: ColumnType
    unit: str
    doc: str


_STEP = (
    "trace_id", "span_id", "parent_span_id", "session_id", "conversation_id", "user_id", "service",
    "name", "kind", "step_type", "start_time", "end_time", "duration_ms", "state", "status",
    "error_type", "error_message", "stack_trace", "input", "output", "tool_name", "tool_call_id",
    "model", "provider", "input_tokens", "output_tokens", "cached_tokens", "reasoning_tokens",
    "cost_usd", "cpu_percent", "memory_mb", "attributes", "resource", "scope", "events", "links",
)  # fmt: skip
_EXECUTION = (
    "trace_id", "session_id", "user_id", "service", "name", "input", "output", "start_time",
    "end_time", "duration_ms", "state", "status", "span_count", "step_count", "error_count",
    "tool_calls", "tools", "models", "input_tokens", "output_tokens", "cost_usd", "step_strip",
)  # fmt: skip
_TOOL_CALL = (
    "trace_id", "span_id", "session_id", "user_id", "service", "tool_name", "tool_call_id", "name",
    "start_time", "end_time", "duration_ms", "state", "status", "error_type", "error_message",
    "input", "output",
)  # fmt: skip
_ERROR = (
    "trace_id", "span_id", "session_id", "user_id", "service", "name", "step_type", "tool_name",
    "model", "start_time", "duration_ms", "error_type", "error_message", "stack_trace", "input",
)  # fmt: skip
_METRIC = (
    "record_id", "name", "time", "start_time", "type", "value", "unit", "description", "temporality",
    "monotonic", "distribution", "service", "session_id", "trace_id", "span_id", "attributes",
    "resource", "scope",
)  # fmt: skip

_TYPES: dict[str, ColumnType] = {
    **dict.fromkeys(("start_time", "end_time", "time"), "time"),
    **dict.fromkeys(("duration_ms", "cost_usd", "cpu_percent", "memory_mb", "value"), "number"),
    **dict.fromkeys(
        (
            "span_count", "step_count", "error_count", "tool_calls", "input_tokens",
            "output_tokens", "cached_tokens", "reasoning_tokens",
        ),
        "integer",
    ),
    **dict.fromkeys(("tools", "models"), "list"),
    **dict.fromkeys(
        ("attributes", "resource", "scope", "events", "links", "distribution"), "json"
    ),
    "monotonic": "bool",
}  # fmt: skip


def _columns(table: str, names: Sequence[str]) -> tuple[Column, ...]:
    found: list[Column] = []
    for name in names:
        unit, doc = meaning(table, name) or ("", "")
        found.append(Column(name, _TYPES.get(name, "text"), unit, doc))
    return tuple(found)


SHEETS: Mapping[str, Sequence[Column]] = {
    "executions": _columns("ads_traces", _EXECUTION),
    "steps": _columns("dwd_spans", _STEP),
    "tool_calls": _columns("dwd_spans", _TOOL_CALL),
    "messages": (
        *_columns("dwd_spans", ("trace_id", "span_id", "session_id")),
        Column("position", "integer", "", "place in the conversation of its trace, from 0"),
        Column("time", "time", "Unix ns", "when it was said"),
        Column("role", "text", "", "`system`, `user`, `assistant` or `tool`"),
        Column("kind", "text", "", "`text`, `reasoning`, `tool_call`, `tool_result` or `media`"),
        Column("content", "text", "", "what it says; arguments and results as JSON"),
        *_columns("dwd_spans", ("tool_name", "tool_call_id", "model")),
    ),
    "errors": _columns("dwd_spans", _ERROR),
    "metrics": _columns("dwd_metrics", _METRIC),
}
"""Columns by table. `messages` has a row a part of a message."""


FEATURES: Sequence[Column] = (
    *_columns("dwd_spans", ("trace_id", "span_id", "session_id")),
    Column("split", "text", "", "`train` (80 %), `validation` or `test` (10 % each), by session"),
    Column("position", "integer", "", "place of the step in its execution, from 0"),
    Column("step_type", "text", "", "what kind of step it is"),
    Column("previous_type", "text", "", "that of the step before; null for the first"),
    *_columns("dwd_spans", ("tool_name", "model", "provider")),
    Column("offset_ms", "number", "ms", "from the start of the first step to that of this one"),
    Column("gap_ms", "number", "ms", "from the start of the step before to that of this one"),
    *_columns("dwd_spans", ("duration_ms",)),
    Column("input_chars", "integer", "", "characters of its input; 0 where there is none"),
    Column("output_chars", "integer", "", "characters of its output, likewise"),
    *_columns("dwd_spans", ("input_tokens", "output_tokens", "cost_usd")),
    Column("tokens_before", "integer", "tokens", "sent and received by the steps before"),
    Column("tool_calls_before", "integer", "", "`act` steps before"),
    Column("errors_before", "integer", "", "failed steps before"),
    Column(
        "same_call_before",
        "integer",
        "",
        "steps before that called the same tool with the same input",
    ),
    Column("failed", "bool", "", "whether this step failed"),
    Column("execution_steps", "integer", "", "steps of the whole execution; looks ahead"),
    Column("execution_failed", "bool", "", "whether any later or earlier step failed; looks ahead"),
)
"""A row a step for models to learn from. A step sees what was before it, never what came after, but for
the last two columns, which are there to be predicted."""

TABLES: Mapping[str, Sequence[Column]] = {**SHEETS, "features": FEATURES}
"""All that can be asked for by name: those of `SHEETS`, which belong together, and `features`."""


def column(table: str, name: str) -> Column | None:
    """A table's column by its name."""
    return next((c for c in TABLES[table] if c.name == name), None)
