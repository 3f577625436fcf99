"""Statements that a person wrote: read-only, and nothing but the store's own tables and views.

Two walls. The parsed statement may name only what `docs/schema.md` documents and functions that
touch nothing; and the engine itself is shut off from files, the network and its settings
(https://duckdb.org/docs/stable/operations_manual/securing_duckdb/overview).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from jollyscope.errors import UsageError

if TYPE_CHECKING:
    import duckdb

__all__ = ["check", "shut"]

_HINT = "`jollyscope sql --schema` lists the tables, views and columns that can be asked."

_PURE = frozenset(
    {"range", "generate_series", "unnest", "json_each", "json_tree", "repeat", "repeat_row"}
)
"""Functions that may stand in FROM: they make rows of their arguments alone."""

_CLOSED = frozenset(
    {
        "getenv", "current_setting", "getvariable", "write_log", "nextval", "currval", "sleep",
        "sleep_ms", "pg_sleep", "json_execute_serialized_sql",
    }
)  # fmt: skip
"""Functions of a value that look, write or wait outside the statement."""


def check(con: duckdb.DuckDBPyConnection, sql: str, tables: frozenset[str]) -> None:
    """Raise `UsageError` unless `sql` is one SELECT over `tables` alone.

    Raises `duckdb.Error` where it cannot be parsed.
    """
    import duckdb

    statements = con.extract_statements(sql)
    if len(statements) != 1:
        raise UsageError(
            "One statement at a time." if statements else "There is no statement.",
            hint="SELECT … FROM ads_traces, say.",
        )
    if statements[0].type != duckdb.StatementType.SELECT:
        kind = statements[0].type.name
        raise UsageError(
            f"This is {'no SELECT' if kind == 'MULTI' else kind}; the store is read-only here.",
            hint="SELECT, WITH, FROM, DESCRIBE and SUMMARIZE can be run.",
        )
    found = con.execute("SELECT json_serialize_sql(?)", [statements[0].query]).fetchall()
    tree: dict[str, Any] = msgspec.json.decode(found[0][0])
    if tree.get("error"):
        raise UsageError("Only a plain SELECT can be run here.", hint=_HINT)
    nodes = list(_nodes(tree))
    named = {name for node in nodes for name in _with_names(node)}
    for node in nodes:
        _look(node, tables | named)


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Every object in a JSON document. Not recursive: a statement may be deep."""
    stack = [tree]
    while stack:
        at = stack.pop()
        if isinstance(at, dict):
            yield at  # pyright: ignore[reportUnknownVariableType]
            stack.extend(at.values())  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
        elif isinstance(at, list):
            stack.extend(at)  # pyright: ignore[reportUnknownArgumentType]


def _with_names(node: dict[str, Any]) -> Iterator[str]:
    """Names that a WITH gives."""
    mapped: dict[str, list[dict[str, Any]]] = node.get("cte_map") or {}
    for entry in mapped.get("map", []):
        yield str(entry["key"]).lower()


def _look(node: dict[str, Any], tables: frozenset[str]) -> None:
    kind = node.get("type")
    if kind == "BASE_TABLE":
        place = [node.get("catalog_name") or "memory", node.get("schema_name") or "main"]
        name = str(node.get("table_name", ""))
        if place != ["memory", "main"] or name.lower() not in tables:
            raise UsageError(f"There is no table `{name[:60]}` in the store.", hint=_HINT)
    elif kind == "TABLE_FUNCTION":
        name = str(node["function"].get("function_name", "")).lower()
        if name not in _PURE:
            raise UsageError(f"`{name}` reads something else than the store.", hint=_HINT)
    elif kind == "FUNCTION" and str(node.get("function_name", "")).lower() in _CLOSED:
        raise UsageError(f"`{node['function_name']}` cannot be used here.", hint=_HINT)
    elif kind == "SHOW_REF" and node.get("table_name"):
        # DESCRIBE of a name, SHOW TABLES and its like.
        name = str(node["table_name"]).strip('"')
        if name.lower() not in tables:
            raise UsageError(f"There is no table `{name[:60]}` in the store.", hint=_HINT)


def shut(con: duckdb.DuckDBPyConnection, folders: list[Path]) -> None:
    """Shut the engine off, for good, from all files but those in `folders`, and from its settings.

    Nothing is spilled to a disk from then on: a query has the engine's memory and no more.
    """
    inside = ", ".join("'" + str(folder).replace("'", "''") + "/'" for folder in folders)
    con.execute("SET temp_directory = ''")
    con.execute(f"SET allowed_directories = [{inside}]")
    con.execute("SET enable_external_access = false")
    con.execute("SET lock_configuration = true")
