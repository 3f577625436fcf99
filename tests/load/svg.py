"""Plots below one another as SVG, by hand: six panels of lines and points need no plotting library, and the
next one would bring NumPy along.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from html import escape
from typing import NamedTuple

__all__ = ["Line", "Panel", "draw"]

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#7f7f7f")
"""Okabe and Ito's, told apart with any colour blindness; the first follow again dashed."""
WIDTH, HEIGHT = 920, 190
LEFT, RIGHT, TOP, BOTTOM = 60, 250, 34, 34
_TICKS = 4


class Line(NamedTuple):
    """Values over time: (seconds, value); `dots` are not joined."""

    name: str
    points: Sequence[tuple[float, float]]
    dots: bool = False


class Panel(NamedTuple):
    """One plot. `bound` is drawn across it."""

    title: str
    lines: Sequence[Line]
    bound: float | None = None


def draw(title: str, panels: Sequence[Panel], seconds: float) -> str:
    """The document; every panel shows the same `seconds`."""
    height = 40 + HEIGHT * len(panels)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
        f'viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="11">',
        f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
        _text(12, 22, title, 'font-size="14" font-weight="bold"'),
    ]
    for number, panel in enumerate(panels):
        parts += [
            f'<g transform="translate(0 {36 + number * HEIGHT})">',
            *_panel(panel, seconds),
            "</g>",
        ]
    return "\n".join([*parts, "</svg>"]) + "\n"


class _Scale(NamedTuple):
    """From seconds and values to places."""

    seconds: float
    top: float

    def x(self, at: float) -> float:
        return LEFT + at / self.seconds * (WIDTH - LEFT - RIGHT)

    def y(self, value: float) -> float:
        return HEIGHT - BOTTOM - value / self.top * (HEIGHT - TOP - BOTTOM)


def _panel(panel: Panel, seconds: float) -> Iterator[str]:
    values = [value for line in panel.lines for _, value in line.points]
    most = max([*values, panel.bound or 0.0, 1e-9])
    step = _step(most)
    scale = _Scale(seconds, step * math.ceil(most / step))
    yield _text(LEFT, TOP - 10, panel.title, 'font-weight="bold"')
    yield from _axes(scale, step)
    if panel.bound is not None:
        y = scale.y(panel.bound)
        yield f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#b00" stroke-dasharray="6 4"/>'
    for number, line in enumerate(panel.lines):
        colour = COLOURS[number % len(COLOURS)]
        dash = ' stroke-dasharray="4 3"' if number >= len(COLOURS) else ""
        yield from _line(scale, line, colour, dash)
        y = TOP + 6 + number * 14
        x = WIDTH - RIGHT + 12
        yield f'<path d="M{x} {y - 4}h18" stroke="{colour}" stroke-width="3"{dash}/>'
        yield _text(x + 24, y, line.name)


def _axes(scale: _Scale, step: float) -> Iterator[str]:
    for number in range(round(scale.top / step) + 1):
        y = scale.y(number * step)
        yield f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>'
        yield _text(LEFT - 8, y + 4, f"{number * step:,.10g}", 'text-anchor="end"')
    unit, name = (60.0, "min") if scale.seconds >= 120 else (1.0, "s")
    step = _step(scale.seconds / unit)
    for number in range(int(scale.seconds / unit / step) + 1):
        x = scale.x(number * step * unit)
        yield f'<path d="M{x:.1f} {HEIGHT - BOTTOM}v4" stroke="#888"/>'
        yield _text(x, HEIGHT - BOTTOM + 16, f"{number * step:g} {name}", 'text-anchor="middle"')


def _line(scale: _Scale, line: Line, colour: str, dash: str) -> Iterator[str]:
    places = [(scale.x(at), scale.y(value)) for at, value in line.points]
    if line.dots:
        for x, y in places:
            yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{colour}"/>'
    elif places:
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
        yield f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="1.5"{dash}/>'


def _step(most: float) -> float:
    """A round distance of ticks: 1, 2 or 5 times a power of ten."""
    raw = most / _TICKS
    power = 10.0 ** math.floor(math.log10(raw))
    return next(times * power for times in (1, 2, 5, 10) if times * power >= raw)


def _text(x: float, y: float, text: str, more: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" {more}>{escape(text)}</text>'
