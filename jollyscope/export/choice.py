"""What of a store is exported: which rows, which of their fields, in which order."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Literal

import msgspec

from jollyscope.errors import UsageError
from jollyscope.export.anonymous import Guise
from jollyscope.export.tables import TABLES, Column, column
from jollyscope.query.fields import SHORT
from jollyscope.query.scope import Scope

__all__ = ["ATTRIBUTE", "Choice", "Order", "chosen", "field", "table_named"]

ATTRIBUTE = {"attr.": "attributes", "resource.": "resource"}
"""How a field's name begins that is a key of a column of JSON."""


class Order(msgspec.Struct, frozen=True):
    """By a column of the table; nulls last."""

    column: str
    descending: bool


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """Which rows are exported.

    With `by` `rows` the scope picks rows of the table itself, as `ls spans` does; with `executions`
    it picks executions, and every table has all that belongs to them. Metrics are picked by time and
    session alone. `traces` are the executions by their ids, instead. `fields` empty is every column;
    `limit` 0 is all, else the first of `order`, which None is the newest, of the rows or executions.
    """

    scope: Scope = Scope()
    by: Literal["rows", "executions"] = "executions"
    traces: tuple[str, ...] | None = None
    fields: tuple[str, ...] = ()
    order: Order | None = None
    limit: int = 0
    guise: Guise | None = None
    """How users and names are hidden, if they are."""

    def columns(self, table: str) -> list[Column]:
        """What a table has by this choice. Raises `UsageError`."""
        return [field(table, name) for name in self.fields] or list(TABLES[table])


def table_named(name: str) -> str:
    """`tool_calls` of `tool_calls` or `tool-calls`. Raises `UsageError`."""
    wanted = name.lower().replace("-", "_")
    if wanted in TABLES:
        return wanted
    near = get_close_matches(wanted, TABLES, n=1)
    said = f"Did you mean `{near[0]}`? " if near else ""
    raise UsageError(
        f"There is no table `{name}`.", hint=f"{said}Tables: {', '.join(TABLES)}, or all."
    )


def field(table: str, name: str) -> Column:
    """A table's column by its name, its short name, or `attr.KEY`. Raises `UsageError`."""
    found = column(table, name) or column(table, SHORT.get(name, name))
    if found is not None:
        return found
    for start, held in ATTRIBUTE.items():
        key = name.removeprefix(start)
        if name.startswith(start) and key and column(table, held) is not None:
            return Column(name, "text", "", f"the value of `{key}` in `{held}`, as text")
    known = [c.name for c in TABLES[table]]
    near = get_close_matches(name, known, n=1)
    said = f"Did you mean `{near[0]}`? " if near else ""
    raise UsageError(
        f"The table {table} has no field `{name}`.",
        hint=f"{said}`jollyscope export --table {table} --list-fields` lists them.",
    )


def _check_apart(names: Sequence[str]) -> None:
    """Names that differ by case alone are one to the engine, which would call the second `…_1`."""
    for number, name in enumerate(names):
        for other in names[:number]:
            if other == name:
                raise UsageError(f"The field `{name}` is named twice.")
            if other.lower() == name.lower():
                raise UsageError(
                    f"`{other}` and `{name}` differ by case alone.",
                    hint="Write each to its own file.",
                )


def chosen(
    table: str, fields: Sequence[str], sort: str | None
) -> tuple[tuple[str, ...], Order | None]:
    """Fields and order as a person typed them: `a,b,attr.x`, `-cost`. Raises `UsageError`."""
    names = tuple(field(table, name).name for name in fields)
    _check_apart(names)
    if not sort:
        return names, None
    by = field(table, sort.removeprefix("-"))
    if column(table, by.name) is None or by.type in ("list", "json"):
        raise UsageError(f"Cannot sort by `{by.name}`.", hint="Choose a column with plain values.")
    return names, Order(by.name, sort.startswith("-"))
