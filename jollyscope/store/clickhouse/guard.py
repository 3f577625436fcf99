"""Statements that a person wrote: one SELECT over what `docs/schema.md` documents, and nothing else.

Two walls, as at the lake: the statement as the server parses it may name only those tables and
functions that touch nothing; and it runs with `readonly = 2`, which changes nothing. A third is the
server's: give the user of the store's URL no more than SELECT on its database.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from jollyscope.errors import StoreError, UsageError
from jollyscope.store.clickhouse.binding import statements

__all__ = ["check", "one_select"]

_HINT = "`jollyscope sql --schema` lists the tables, views and columns that can be asked."
_FIRST = re.compile(r"(?is)\s*[(\s]*(select|with|from|describe|desc|explain|values)\b")

_PURE = frozenset(
    {"numbers", "zeros", "values", "generateseries", "generate_series", "view", "null"}
)
"""Functions that may stand in FROM: they make rows of their arguments alone."""
_CLOSED = re.compile(
    r"(?i)^(file|sleep\w*|dict\w+|joinGet\w*|getSetting\w*|getMacro|getServer\w*|getClient\w*|"
    r"currentUser|user|initialUser\w*|hostName|fqdn|fullHostName|filesystem\w+|catboost\w*|"
    r"evalMLMethod|addressTo\w+|demangle|zookeeper\w*|connectionId|currentProfiles|currentRoles|"
    r"enabledRoles|enabledProfiles|defaultRoles|queryID|query_id|initial\w*|serverUUID|tcpPort|"
    r"executable\w*|ai[A-Z]\w*|hasColumnInTable|showCertificate|buildId|meiliMatch|throwIf)$"
)
"""Functions of a value that look, write or wait outside the statement."""


def one_select(sql: str) -> str:
    """The statement without comments' end and semicolon. Raises `StoreError` unless it reads."""
    found = statements(sql)
    if len(found) != 1 or not _FIRST.match(_bare(found[0])):
        raise StoreError("Only one SELECT at a time can be run here; the store is read-only.")
    return found[0]


def check(ask: Callable[[str], Iterable[str]], sql: str, tables: frozenset[str]) -> str:
    """The statement, if it is one SELECT over `tables` alone, else `UsageError`.

    `ask` gives the lines of a statement's answer; it raises what makes no sense to the server.
    """
    found = statements(sql)
    if len(found) != 1:
        raise UsageError(
            "One statement at a time." if found else "There is no statement.",
            hint="SELECT … FROM ads_traces, say.",
        )
    if _SETTINGS.search(_QUOTED.sub("", found[0])):
        raise UsageError("Settings cannot be changed here.", hint=_HINT)
    lines = [line for line in ask(f"EXPLAIN AST {found[0]}") if line.strip()]
    kind = lines[0].split()[0] if lines else ""
    if kind not in ("SelectWithUnionQuery", "DescribeQuery"):
        raise UsageError(
            "This is no SELECT; the store is read-only here.",
            hint="SELECT, WITH, FROM and DESCRIBE can be run.",
        )
    named = {name.lower() for name in _WITH.findall(found[0])}
    for line, before in zip(lines, ["", *lines], strict=False):
        _look(line, before, tables | named)
    return found[0]


_SETTINGS = re.compile(r"(?i)\bsettings\b")
_QUOTED = re.compile(r"(?s)'(?:[^'\\]|\\.|'')*'|--[^\n]*|/\*.*?\*/")
_WITH = re.compile(r"(?i)([a-z_]\w*)`?\s+as\s*(?:materialized\s*)?\(\s*(?:select|with|from)\b")
_NODE = re.compile(r"(\s*)(\w+)(?: (.*?))?(?: \(alias .*?\))?(?: \(children \d+\))?$")


def _look(line: str, before: str, tables: frozenset[str]) -> None:
    found = _NODE.match(line)
    if found is None:
        return
    depth, node, rest = len(found[1]), found[2], found[3] or ""
    if node == "TableIdentifier" and rest.lower() not in tables:
        raise UsageError(f"There is no table `{rest[:60]}` in the store.", hint=_HINT)
    if node == "Function":
        if before.strip().startswith("TableExpression"):
            if rest.lower() not in _PURE:
                raise UsageError(f"`{rest}` reads something else than the store.", hint=_HINT)
        elif _CLOSED.match(rest):
            raise UsageError(f"`{rest}` cannot be used here.", hint=_HINT)
    if depth == 1 and (node == "Literal" or (node == "Identifier" and rest != "Native")):
        raise UsageError("Where and how the answer is written is not for the statement to say.")
    if node == "Identifier" and _outside(rest):
        # Behind IN a table may stand as a plain name.
        raise UsageError(f"There is no table `{rest[:60]}` in the store.", hint=_HINT)


def _outside(name: str) -> bool:
    return name.lower().split(".")[0] in ("system", "information_schema")


def _bare(sql: str) -> str:
    """Without leading comments."""
    return re.sub(r"(?s)^(\s*(--[^\n]*\n|/\*.*?\*/))*", "", sql)
