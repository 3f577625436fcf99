"""A question to ClickHouse as its Grafana data source takes it: `CHSqlQuery` in the plugin's
`src/types/sql.ts`, version 4. The SDK has no class for it.
"""

from __future__ import annotations

from typing import Any

from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.runtime import UnknownDataquery
from grafana_foundation_sdk.models.dashboard import DataSourceRef

__all__ = ["SOURCE", "Query", "over_time", "rows", "variable"]

SOURCE = DataSourceRef("grafana-clickhouse-datasource", "jollyscope-clickhouse")
"""The uid that `provisioning/datasources` gives it."""

_FORMATS = {"timeseries": 0, "table": 1}


class Query(Builder[UnknownDataquery]):
    """SQL, and whether its answer is a plot over time or a table."""

    def __init__(self, sql: str, kind: str, ref: str = "A") -> None:
        self.ref = ref
        self._said: dict[str, Any] = {
            "refId": ref,
            "datasource": SOURCE.to_json(),
            "editorType": "sql",
            "pluginVersion": "4.0.0",
            "queryType": kind,
            "format": _FORMATS[kind],
            "rawSql": sql.strip(),
        }

    def build(self) -> UnknownDataquery:
        return UnknownDataquery(self._said)


def over_time(sql: str) -> Query:
    """Its first column is `time`; text columns name the series, numbers are their values."""
    return Query(sql, "timeseries")


def rows(sql: str, ref: str = "A") -> Query:
    """An answer that is shown as it is."""
    return Query(sql, "table", ref)


def variable(sql: str) -> dict[str, Any]:
    """Where a variable's values come from, the first column. Early versions 4 of the plugin take this and
    plain text alike, later ones (`CHVariableSupport`) only this.
    """
    said = rows(sql, "variable").build().to_json()
    return {**{name: said[name] for name in said if name != "datasource"}, "queryType": "sql"}
