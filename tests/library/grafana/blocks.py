"""What the panels are made of, so that the same thing looks the same everywhere: a panel of each kind
with its unit, colours, thresholds and legend.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from grafana_foundation_sdk.builders import bargauge, common, nodegraph, stat, table, timeseries
from grafana_foundation_sdk.builders import dashboard as dash
from grafana_foundation_sdk.models import common as look
from grafana_foundation_sdk.models import dashboard as model

from tests.library.grafana.query import SOURCE, Query

__all__ = [
    "COUNT", "DOLLARS", "MS", "SECONDS", "SHARE", "STEPS", "Figure", "bars", "flow", "numbers", "plot",
    "rows_of",
]  # fmt: skip

MS, SECONDS, SHARE, COUNT, DOLLARS = "ms", "s", "percentunit", "short", "currencyUSD"

STEPS = {
    "user_input": "#5794F2", "think": "#B877D9", "act": "#FF9830", "observe": "#8AB8FF",
    "response": "#73BF69", "other": "#8E8E8E",
}  # fmt: skip
"""A colour a step type; red is for failures only."""

_FAILED, _WARNED, _WELL = "#F2495C", "#FADE2A", "#73BF69"
_FIXED = {
    **STEPS, "failed": _FAILED, "error": _FAILED, "ok": _WELL, "unset": STEPS["other"],
    "p50": "#73BF69", "p95": "#FF9830", "p99": "#F2495C",
}  # fmt: skip

Panel = Any
"""A builder of any of the SDK's panels: they share their methods, and no base class."""


def _framed(
    panel: Panel, title: str, queries: Sequence[Query], size: tuple[int, int], about: str
) -> Panel:
    panel = panel.title(title).datasource(SOURCE).span(size[0]).height(size[1]).description(about)
    for query in queries:
        panel = panel.with_target(query)
    return panel


def _limits(limits: tuple[float, float] | None) -> dash.ThresholdsConfig:
    steps = [model.Threshold(None, _WELL if limits else "text")]
    if limits:
        steps += [model.Threshold(limits[0], _WARNED), model.Threshold(limits[1], _FAILED)]
    return dash.ThresholdsConfig().mode(model.ThresholdsMode.ABSOLUTE).steps(steps)


def _reduced() -> common.ReduceDataOptions:
    return common.ReduceDataOptions().calcs(["lastNotNull"]).fields("")


class Figure(NamedTuple):
    """A number among others: its unit, and from where it is yellow and from where red."""

    unit: str
    limits: tuple[float, float] | None = None


def numbers(
    title: str, query: Query, figures: Mapping[str, Figure], *, width: int = 24, about: str = ""
) -> Panel:
    """The columns of one row, each large: one question instead of one a number."""
    panel = _framed(stat.Panel(), title, [query], (width, 4), about)
    panel = (
        panel.no_value("–")
        .reduce_options(_reduced())
        .color_mode(look.BigValueColorMode.VALUE)
        .graph_mode(look.BigValueGraphMode.NONE)
        .text_mode(look.BigValueTextMode.VALUE_AND_NAME)
        .orientation(look.VizOrientation.AUTO)
    )
    for column, figure in figures.items():
        looks = [_value("unit", figure.unit), _value("thresholds", _limits(figure.limits).build())]
        panel = panel.override_by_name(column, looks)
    return panel


def plot(
    title: str,
    query: Query,
    unit: str,
    *,
    label: str | None = None,
    stacked: bool = False,
    limits: tuple[float, float] | None = None,
    width: int = 12,
    least: str = "10s",
    about: str = "",
) -> Panel:
    """Lines over time, stacked ones as bars. `label` is the text column that names the series; without
    one the columns do. `least` is the finest that points lie apart.
    """
    panel = _framed(timeseries.Panel(), title, [query], (width, 8), about)
    panel = panel.thresholds(_limits(limits)).color_scheme(_by_name())
    panel = panel.unit(unit).min(0).interval(least).legend(_legend()).tooltip(_tooltip())
    if label is not None:
        panel = panel.display_name(f"${{__field.labels.{label}}}")
    else:
        for name, colour in _FIXED.items():
            panel = panel.override_by_name(name, [_value("color", _fixed(colour))])
    if limits:
        panel = panel.thresholds_style(
            common.GraphThresholdsStyleConfig().mode(look.GraphThresholdsStyleMode.DASHED)
        )
    if stacked:
        return (
            panel.draw_style(look.GraphDrawStyle.BARS)
            .fill_opacity(70)
            .stacking(common.StackingConfig().mode(look.StackingMode.NORMAL).group("A"))
        )
    return (
        panel.line_width(2).fill_opacity(8).show_points(look.VisibilityMode.AUTO).span_nulls(False)
    )


def _by_name() -> dash.FieldColor:
    """The same name has the same colour in every panel."""
    return dash.FieldColor().mode(model.FieldColorModeId.PALETTE_CLASSIC_BY_NAME)


def _legend() -> common.VizLegendOptions:
    return (
        common.VizLegendOptions()
        .display_mode(look.LegendDisplayMode.LIST)
        .placement(look.LegendPlacement.BOTTOM)
        .show_legend(True)
    )


def _tooltip() -> common.VizTooltipOptions:
    return (
        common.VizTooltipOptions()
        .mode(look.TooltipDisplayMode.MULTI)
        .sort(look.SortOrder.DESCENDING)
    )


def bars(title: str, query: Query, unit: str, *, width: int = 8, about: str = "") -> Panel:
    """A bar a row of a table: its text names it, its number is how long it is."""
    panel = _framed(bargauge.Panel(), title, [query], (width, 8), about)
    return (
        panel.unit(unit)
        .min(0)
        .color_scheme(_by_name())
        .reduce_options(_reduced().values(True))
        .orientation(look.VizOrientation.HORIZONTAL)
        .display_mode(look.BarGaugeDisplayMode.BASIC)
        .value_mode(look.BarGaugeValueMode.TEXT)
    )


def rows_of(
    title: str,
    query: Query,
    units: Mapping[str, str] | None = None,
    *,
    links: Mapping[str, Sequence[Mapping[str, object]]] | None = None,
    width: int = 24,
    height: int = 9,
    about: str = "",
) -> Panel:
    """A table. `units` by column; `links` by column: where a click on a cell leads."""
    panel = _framed(table.Panel(), title, [query], (width, height), about)
    panel = panel.filterable(True).inspect(True).cell_height(look.TableCellHeight.SM)
    for column, unit in (units or {}).items():
        panel = panel.override_by_name(column, [_value("unit", unit)])
    for column, targets in (links or {}).items():
        panel = panel.override_by_name(column, [_value("links", [dict(to) for to in targets])])
    return panel


def flow(title: str, nodes: Query, edges: Query, *, about: str = "") -> Panel:
    """States and what follows what; of a state's ring as much is red as failed."""
    panel = _framed(nodegraph.Panel(), title, [nodes, edges], (24, 14), about)
    arcs = [
        nodegraph.ArcOption().field(f"arc__{name}").color(_FIXED[name])
        for name in (*STEPS, "failed")
        if name != "other"
    ]
    return panel.nodes(
        nodegraph.NodeOptions().main_stat_unit(COUNT).secondary_stat_unit(MS).arcs(arcs)
    ).edges(nodegraph.EdgeOptions().main_stat_unit(COUNT).secondary_stat_unit(SHARE))


def _value(name: str, value: object) -> model.DynamicConfigValue:
    return model.DynamicConfigValue(name, value)


def _fixed(colour: str) -> dict[str, str]:
    return {"mode": "fixed", "fixedColor": colour}
