"""The numbers at the top of the dashboard. No Textual."""

from __future__ import annotations

from jollyscope.model.format import cost, count, duration, size
from jollyscope.query.dashboard import Dashboard, Gauge
from jollyscope.query.fields import total_tokens
from jollyscope_tui.widgets.cells import Paint, paint_width
from jollyscope_tui.widgets.panels import percent

__all__ = ["flow_line", "tile_line"]


def tile_line(shown: Dashboard, width: int) -> Paint:
    """The sums of the stretch on show: what does not fit is left out whole, the last first."""
    paint: Paint = [(" ", "")]
    for tile in _tiles(shown):
        if paint_width(paint) + paint_width(tile) + 3 > width:
            break
        paint += [*tile, ("   ", "")]
    return paint


def _tiles(shown: Dashboard) -> list[Paint]:
    total = shown.total
    if total is None:
        return [[("0", "strong"), (" executions", "muted")]]
    buckets = shown.time.buckets
    minutes = max(1.0, (buckets[-1].end_time - buckets[0].start_time) / 60e9) if buckets else 1.0
    bad = "error" if total.error_count else "ok"
    sign = "✖ " if total.error_count else ""
    tiles: list[Paint] = [
        [(count(total.count), "strong"), (" executions", "muted")],
        [(_rate(total.count / minutes), "strong"), ("/min", "muted")],
        [(f"{sign}{percent(total.error_share)}", bad), (" failed", "muted")],
        [("p50 ", "muted"), (duration(total.p50_ms), "strong")],
        [("p95 ", "muted"), (duration(total.p95_ms), "strong")],
        [("p99 ", "muted"), (duration(total.p99_ms), "strong")],
    ]
    if (tokens := total_tokens(total)) is not None:
        tiles.append([(count(tokens), "strong"), (" tokens", "muted")])
    if total.cost_usd is not None:
        tiles.append([(cost(total.cost_usd), "strong")])
    return tiles + [_gauge(gauge) for gauge in shown.gauges]


def _rate(rate: float) -> str:
    return count(round(rate)) if rate >= 10 else f"{rate:.2g}"


def _gauge(gauge: Gauge) -> Paint:
    known = [mean for mean in gauge.means if mean is not None]
    last = known[-1] if known else 0.0
    if gauge.name == "cpu":
        return [("CPU ", "muted"), (percent(last), "strong")]
    return [("memory ", "muted"), (size(round(last)), "strong")]


def flow_line(shown: Dashboard, now: int) -> Paint:
    """How far records have come, whole: running, stored, refused, and how fresh they are."""
    stages = {(stage.stage, stage.kind): stage for stage in shown.stages}
    refused = sum(stage.records for stage in shown.stages if stage.stage == "refused")
    running = stages.get(("running", "span"))
    parts = [f"{count(running.records)} spans running"] if running and running.records else []
    stored = [
        f"{count(stage.records)} {kind}{'s' if stage.records != 1 else ''}"
        for kind in ("span", "metric", "event")
        if (stage := stages.get(("stored", kind))) is not None and stage.records
    ]
    parts.append("stored " + (", ".join(stored) or "nothing yet"))
    newest = [stage.newest_time for stage in shown.stages if stage.newest_time is not None]
    if newest:
        parts.append(f"newest {duration(max(0, now - max(newest)) / 1e6)} ago")
    paint: Paint = [(" " + " · ".join(parts), "muted")]
    return [*paint, (f" · ✖ {count(refused)} refused", "error")] if refused else paint
