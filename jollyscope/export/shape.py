"""A table's columns in DuckDB's SQL, as each kind of file has them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from jollyscope.export.choice import ATTRIBUTE, Choice
from jollyscope.export.tables import Column
from jollyscope.store.lake.engine import literal

__all__ = ["Style", "base_of", "ordered", "select"]

Style = Literal["plain", "text", "typed", "json"]
"""`plain`: Python's values. `text`: times as ISO 8601, lists and JSON as JSON text. `typed`: times as
timestamps, lists as lists. `json`: times as ISO 8601, lists and JSON nested."""


_FORMULA = literal(r"^([=+\-@\t\r\n＝＋－＠])")
"""How a text begins that some spreadsheet takes for a formula, as OWASP lists it
(https://owasp.org/www-community/attacks/CSV_Injection)."""

_LATEST = 2**63 - 2
"""The last nanosecond that a timestamp holds; a record may say one more."""


def base_of(column: Column) -> str:
    """The store's column that a field is read from."""
    return next(
        (at for start, at in ATTRIBUTE.items() if column.name.startswith(start)), column.name
    )


def select(
    columns: Sequence[Column], choice: Choice, style: Style, *, safe: bool = False, mark: str = ""
) -> str:
    """The SELECT over `answer`, in the order of the choice. With `safe` no text begins like a formula;
    `mark` stands before the first column's name.
    """
    shown: list[str] = []
    for number, column in enumerate(columns):
        value = _value(column, choice, style)
        if safe and column.type in ("text", "list", "json"):
            value = f"regexp_replace({value}, {_FORMULA}, '''\\1')"
        name = (mark if not number else "") + column.name
        shown.append(f"{value} AS {_quoted(name)}")
    return f"SELECT {', '.join(shown)} FROM answer{ordered(choice)}"


def ordered(choice: Choice) -> str:
    """`ORDER BY` of a choice; empty where any order will do."""
    if choice.order is None:
        return ""
    way = "DESC" if choice.order.descending else "ASC"
    return f" ORDER BY answer.{choice.order.column} {way} NULLS LAST, answer.export_key"


def _value(column: Column, choice: Choice, style: Style) -> str:
    base = base_of(column)
    value = f"answer.{base}"
    if base != column.name:
        held = choice.guise.sql(base, value, json=True) if choice.guise else value
        key = column.name.partition(".")[2].replace("~", "~0").replace("/", "~1")
        return f"json_extract_string({held}, {literal('/' + key)})"
    if choice.guise is not None and column.type in ("text", "json"):
        value = choice.guise.sql(column.name, value, json=column.type == "json")
    return _styled(column, value, style)


def _styled(column: Column, value: str, style: Style) -> str:
    if column.type == "json":
        return f"CAST({value} AS {'JSON' if style == 'json' else 'VARCHAR'})"
    if column.type == "list" and style == "text":
        return f"CAST(to_json({value}) AS VARCHAR)"
    if column.type == "time" and style == "typed":
        return f"make_timestamp_ns(least({value}, {_LATEST}))"
    if column.type == "time" and style in ("text", "json"):
        return _iso(value)
    return value


def _iso(value: str) -> str:
    """ISO 8601 in UTC with nanoseconds. (`strftime` with `%n` gives them wrong in DuckDB 2.0.)"""
    second = f"strftime(make_timestamp({value} // 1000), '%Y-%m-%dT%H:%M:%S.%f')"
    return f"{second} || substr(CAST({value} % 1000 + 1000 AS VARCHAR), 2) || 'Z'"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
