"""What Grafana and its ClickHouse data source make of a query before ClickHouse sees it.

In the browser, in this order (`CHDatasource.applyTemplateVariables`, plugin 4):

1. `$__conditionalAll(condition, $variable)`, the last one first: the condition, or `1=1` where the variable
   is at All (`$__all`) or empty.
2. Grafana's variables: `${name:singlequote}` is each value in single quotes, a quote within one as `\\'`,
   several with commas (Grafana's `formatRegistry`).

In the backend, `sqlutil.Interpolate` (grafana-plugin-sdk-go) with the plugin's `pkg/macros/macros.go`, the
longest name first, a name ending at a word's end:

- `$__fromTime_ms`, `$__toTime_ms`: `fromUnixTimestamp64Milli(<ms>)`
- `$__fromTime`, `$__toTime`: `toDateTime(<s>)`
- `$__interval_s`: whole seconds, at least 1

Only what the dashboards use stands here; anything else that begins with `$__` is an error. An alert rule
has no browser: there only the second half happens.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

__all__ = ["Shown", "in_backend", "in_browser"]

ALL = "$__all"


class Shown(NamedTuple):
    """The time range, in Unix ms, and how far points of a plot lie apart."""

    since_ms: int
    until_ms: int
    interval_ms: int = 10_000


def in_browser(sql: str, chosen: Mapping[str, Sequence[str]]) -> str:
    """The first half. `chosen`: each variable's values; `["$__all"]` for All, `[""]` for an empty box."""
    return _variables(_conditions(sql, chosen), chosen)


def in_backend(sql: str, shown: Shown) -> str:
    """The second half. Raises `ValueError` where a macro is left."""
    seconds = max(shown.interval_ms // 1000, 1)
    macros = {
        "fromTime_ms": f"fromUnixTimestamp64Milli({shown.since_ms})",
        "toTime_ms": f"fromUnixTimestamp64Milli({shown.until_ms})",
        "interval_s": str(seconds),
        "fromTime": f"toDateTime({shown.since_ms // 1000})",
        "toTime": f"toDateTime({shown.until_ms // 1000})",
    }
    for name, text in macros.items():
        sql = re.sub(rf"\$__{name}\b", text, sql)
    if (left := re.search(r"\$__\w+|\$\{\w+|\$[a-z]\w*", sql)) is not None:
        raise ValueError(f"{left[0]} is left in: {sql}")
    return sql


_CONDITION = "$__conditionalAll("


def _conditions(sql: str, chosen: Mapping[str, Sequence[str]]) -> str:
    while (at := sql.rfind(_CONDITION)) >= 0:
        condition, variable, end = _arguments(sql, at + len(_CONDITION))
        values = chosen[variable.strip().strip("${}")]
        free = ",".join(values) in ("", ALL)
        sql = sql[:at] + ("1=1" if free else condition) + sql[end:]
    return sql


def _arguments(sql: str, start: int) -> tuple[str, str, int]:
    """The two arguments, and where what follows the bracket begins. Brackets are counted, also within
    quotes, as the plugin does."""
    depth, comma = 1, -1
    for at in range(start, len(sql)):
        depth += {"(": 1, ")": -1}.get(sql[at], 0)
        if sql[at] == "," and depth == 1:
            comma = at
        if depth == 0:
            return sql[start:comma], sql[comma + 1 : at], at + 1
    raise ValueError(f"a bracket is not closed: {sql}")


def _variables(sql: str, chosen: Mapping[str, Sequence[str]]) -> str:
    def quoted(found: re.Match[str]) -> str:
        return ",".join("'" + value.replace("'", "\\'") + "'" for value in chosen[found[1]])

    return re.sub(r"\$\{(\w+):singlequote\}", quoted, sql)
