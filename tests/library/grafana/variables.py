"""What a dashboard can be narrowed to, and the frame that all six share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from grafana_foundation_sdk.builders import dashboard as dash
from grafana_foundation_sdk.models import dashboard as model

from tests.library.grafana.query import SOURCE, variable
from tests.library.grafana.sql import within

__all__ = ["Rows", "framed"]

Rows = Sequence[tuple[str, Sequence[Any]]]
"""Headings, each with its panels."""

_COLUMNS = {
    "service": ("service", "Service"),
    "tool": ("tool_name", "Tool"),
    "model": ("model", "Model"),
    "user": ("user_id", "User"),
}
_MOST = 500
"""Values a list offers; the rest can be typed."""


def framed(name: str, title: str, about: str, rows: Rows, *, box: bool = False) -> dash.Dashboard:
    """A dashboard with its variables and links. `box` adds the field that a trace id is typed into."""
    made = (
        dash.Dashboard(f"JollyScope / {title}")
        .uid(f"jollyscope-{name}")
        .description(about)
        .tags(["jollyscope"])
        .time("now-1h", "now")
        .refresh("30s")
        .timezone("browser")
        .tooltip(model.DashboardCursorSync.CROSSHAIR)
        .link(_others())
    )
    for column in _COLUMNS:
        made = made.with_variable(_choice(column))
    if box:
        made = made.with_variable(
            dash.TextBoxVariable("trace").label("Trace").default_value("").current(_option(""))
        )
    for heading, panels in rows:
        made = made.with_row(dash.Row(heading))
        for panel in panels:
            made = made.with_panel(panel)
    return made


def _choice(name: str) -> dash.QueryVariable:
    column, label = _COLUMNS[name]
    sql = (
        f"SELECT DISTINCT {column} FROM dwd_spans\n"
        f"WHERE {column} IS NOT NULL AND {within()}\n"
        f"ORDER BY {column} LIMIT {_MOST}"
    )
    return (
        dash.QueryVariable(name)
        .label(label)
        .datasource(SOURCE)
        .query(variable(sql))
        .refresh(model.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(model.VariableSort.DISABLED)
        .multi(True)
        .include_all(True)
        .current(_option("$__all", "All"))
    )


def _option(value: str, text: str | None = None) -> model.VariableOption:
    return model.VariableOption(selected=True, text=text or value, value=value)


def _others() -> dash.DashboardLink:
    return (
        dash.DashboardLink("JollyScope")
        .type(model.DashboardLinkType.DASHBOARDS)
        .tags(["jollyscope"])
        .as_dropdown(True)
        .include_vars(True)
        .keep_time(True)
    )
