"""What the columns of a list are called on a command line, and what they hold."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

import msgspec

from jollyscope.errors import UsageError
from jollyscope.model.document import iso

__all__ = ["names", "pick", "sort_key", "sortable", "total_tokens", "value"]

SHORT = {
    "trace": "trace_id",
    "span": "span_id",
    "session": "session_id",
    "user": "user_id",
    "when": "start_time",
    "duration": "duration_ms",
    "cost": "cost_usd",
    "step": "step_type",
    "tool": "tool_name",
    "traces": "trace_count",
    "spans": "span_count",
    "errors": "error_count",
    "calls": "call_count",
    "sessions": "session_count",
    "failed": "failed_count",
    "share": "error_share",
    "p50": "p50_ms",
    "p95": "p95_ms",
    "p99": "p99_ms",
    "total": "total_ms",
    "first": "first_time",
    "last": "last_time",
}
"""Short names of fields."""

MADE = {
    "tokens": "input_tokens",
    "content": "step_type",
    "steps": "step_count",
    "labels": "trace_id",
}
"""Columns made of several fields, and one field that a row must have for them."""


def names(row: type[msgspec.Struct]) -> list[str]:
    """Every name that a column of `row` goes by, short ones first."""
    fields = row.__struct_fields__
    short = [name for name, field in (SHORT | MADE).items() if field in fields]
    return [*short, *fields]


def pick(row: type[msgspec.Struct], wanted: Sequence[str]) -> list[str]:
    """`wanted`, if all of them are columns of `row`. Raises `UsageError`."""
    known = names(row)
    for name in wanted:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            first = f"Did you mean `{near[0]}`? " if near else ""
            raise UsageError(
                f"There is no column `{name}`.", hint=f"{first}Columns: {', '.join(known)}."
            )
    return list(wanted)


def sortable(row: type[msgspec.Struct]) -> list[str]:
    """Every name that `sort_key` takes, short ones first."""
    return [name for name in names(row) if name not in ("tokens", "content", "labels")]


def sort_key(row: type[msgspec.Struct], text: str) -> tuple[str, bool]:
    """Field and whether descending of `cost` or `-cost`. Raises `UsageError`."""
    descending = text.startswith("-")
    name = text.removeprefix("-")
    field = {"steps": "step_count", **SHORT}.get(name, name)
    if field not in row.__struct_fields__:
        known = ", ".join(sortable(row))
        raise UsageError(f"Cannot sort by `{name}`.", hint=f"Columns: {known}.")
    return field, descending


def total_tokens(row: Any) -> int | None:
    """Tokens in and out; None where neither is known."""
    known = [n for n in (row.input_tokens, row.output_tokens) if n is not None]
    return sum(known) if known else None


def value(row: Any, name: str) -> Any:
    """What a program gets for a column: times as ISO 8601, the rest as it is stored."""
    if name == "tokens":
        return total_tokens(row)
    if name == "steps":
        return getattr(row, "step_strip", row.step_count)
    if name == "content":
        if row.status == "error":
            return ": ".join(part for part in (row.error_type, row.error_message) if part) or None
        came = row.step_type in ("user_input", "act")
        return (row.input or row.output) if came else (row.output or row.input)
    field = SHORT.get(name, name)
    held = getattr(row, field)
    return iso(held) if field.endswith("_time") and held is not None else held
