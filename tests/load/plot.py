"""A run over time: rates, waits, memory, disk, and what somebody who looked waited for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable

from tests.load.report import percentile, title
from tests.load.run import Result
from tests.load.svg import Line, Panel, draw
from tests.load.user import COMMAND, SCREEN, Timing
from tests.load.watching import Sample

__all__ = ["plot"]

BIN = 5.0
"""Seconds that rates and percentiles are taken over."""
_NS = 1e9
Points = list[tuple[float, float]]


def plot(result: Result) -> str:
    """The SVG document."""
    start, samples = result.began, result.samples
    end = max([samples[-1].at, *(one.ended + one.after for one in result.seen[-1:])])
    commands = [one for one in result.timings if one.promised == COMMAND]
    screens = [one for one in result.timings if one.promised == SCREEN]
    panels = [
        Panel("Steps a second", [
            Line("ended, at the agents", _rate(start, result.sent)),
            Line("first in an answer", _rate(start, (one.ended + one.after for one in result.seen))),
        ]),
        Panel("Seconds from a step's end to an answer that has it", _waits(result)),
        Panel("Memory, MB", [
            Line(name, _sampled(start, samples, lambda one, name=name: one.memory[name]))
            for name in samples[0].memory
        ]),
        Panel("Disk, MB", [
            Line(name, _sampled(start, samples, lambda one, name=name: one.disk[name]))
            for name in samples[0].disk
        ]),
        Panel("Commands, seconds", _looks(start, commands), COMMAND),
        Panel("Screens, seconds", _looks(start, screens), SCREEN),
    ]  # fmt: skip
    return draw(title(result.asked), panels, (end - start) / _NS)


def _rate(start: int, moments: Iterable[int]) -> Points:
    found: defaultdict[int, int] = defaultdict(int)
    for at in moments:
        found[int((at - start) / _NS // BIN)] += 1
    if not found:
        return []
    return [((number + 0.5) * BIN, found[number] / BIN) for number in range(max(found) + 1)]


def _waits(result: Result) -> list[Line]:
    bins: defaultdict[int, list[float]] = defaultdict(list)
    for one in result.seen:
        bins[int((one.ended - result.began) / _NS // BIN)].append(one.after / _NS)
    ordered = {number: sorted(values) for number, values in sorted(bins.items())}
    return [
        Line(name, [((number + 0.5) * BIN, percentile(values, share)) for number, values in ordered.items()])
        for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))
    ]  # fmt: skip


def _sampled(start: int, samples: Iterable[Sample], value: Callable[[Sample], int]) -> Points:
    return [((one.at - start) / _NS, value(one) / 1e6) for one in samples]


def _looks(start: int, timings: Iterable[Timing]) -> list[Line]:
    found: defaultdict[str, Points] = defaultdict(list)
    for one in timings:
        found[one.what].append(((one.at - start) / _NS, one.seconds))
    return [Line(name, points, dots=True) for name, points in found.items()]
