"""Where a span's bar stands in a timeline of so many cells, and the round marks above it."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Bar", "Window", "axis", "mark", "ticks"]

_NICE = (1, 2, 5)


class Bar(NamedTuple):
    """A bar in eighths of a cell: from `start` (inclusive) to `end` (exclusive).

    Never empty inside the window: a span shorter than an eighth still gets one.
    """

    start: int
    end: int

    def cells(self) -> str:
        """The bar drawn with eighth blocks, from column `start // 8`; at least one cell.

        A left edge inside a cell is drawn by that cell's own block where the terminal has one
        (right halves do not exist as eighths, so it is rounded to the cell).
        """
        first, whole, rest = self.start // 8, self.end // 8, self.end % 8
        full = "█" * (whole - first)
        return full + ("▏▎▍▌▋▊▉"[rest - 1] if rest else "") or "▏"


class Window(NamedTuple):
    """The stretch of time on show, Unix ns, drawn over `width` cells."""

    start: int
    end: int
    width: int

    def bar(self, start: int, end: int) -> Bar | None:
        """The bar of `[start, end]` (Unix ns), clipped; None when all of it is out of sight.

        An end before the start, from a clock that was set back, counts as the start.
        """
        length = max(1, self.end - self.start)
        end = max(start, end)
        if self.width <= 0 or end < self.start or start > self.end:
            return None
        eighths = self.width * 8
        left = (max(start, self.start) - self.start) * eighths // length
        right = -(-(min(end, self.end) - self.start) * eighths // length)
        left = min(left, eighths - 1)
        return Bar(left, max(left + 1, min(right, eighths)))


def ticks(length_ns: int, width: int, every: int = 12) -> list[tuple[int, int]]:
    """Round marks for a time axis: (ns since the start, column), about `every` cells apart.

    Steps are 1, 2 or 5 times a power of ten ns; below 1 ns there are none but zero.
    """
    if length_ns <= 0 or width <= 0:
        return [(0, 0)]
    least = max(1, length_ns * every // width)
    power = 10 ** (len(str(least)) - 1)
    step = next(n * power for n in (*_NICE, 10) if n * power >= least)
    marks = ((at, at * width // length_ns) for at in range(0, length_ns + 1, step))
    return [(at, column) for at, column in marks if column < width]


def axis(window: Window, origin: int, width: int) -> str:
    """The axis above a window's bars: round times since `origin` (Unix ns), each beginning in the
    column of its time, as one line of `width` cells (those of the window, or more).
    """
    length = window.end - window.start
    marks = ticks(length, window.width)
    step = _clock_step(marks[1][0] if len(marks) > 1 else max(1, length))
    first, longest = window.start - origin, max(1, window.end - origin)
    line = ["─"] * width
    free = 0
    for at in range(-(-first // step) * step, first + length + 1, step):
        column = (at - first) * window.width // max(1, length)
        text = mark(at, longest)
        end = column + len(text)
        if end > width or (column and column <= free):
            continue
        if column:
            line[column - 1] = "╷"
        line[column:end] = text
        if end < width:
            line[end] = " "
        free = end + 1
    return "".join(line)


_CLOCK = [n * 60 * 10**9 for n in (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440)]


def _clock_step(step: int) -> int:
    """A decimal step, as whole minutes or hours where it is that long: 50 s is not round there."""
    if step <= 20 * 10**9:
        return step
    return next((round_step for round_step in _CLOCK if round_step >= step), step)


_UNITS = ((10**9, "s"), (10**6, "ms"), (10**3, "µs"), (1, "ns"))
_LONG = ((86_400, "d"), (3_600, "h"), (60, "m"))


def mark(at: int, longest: int) -> str:
    """A time on an axis (ns since its origin) exactly, in the unit that suits `longest` ns, the last
    time on it: `0`, `20ms`, `0.5s`, `1.5s`, `2m`, `1h 02m 05.5s`.
    """
    if not at:
        return "0"
    if abs(at) < 60 * 10**9:
        unit, name = next(u for u in _UNITS if longest >= u[0])
        return _decimal(at, unit) + name
    rest, parts = abs(at), list[str]()
    for seconds, name in _LONG:
        whole, rest = divmod(rest, seconds * 10**9)
        if whole or parts:
            parts.append(f"{whole:02d}{name}" if parts else f"{whole}{name}")
    if rest:
        number = _decimal(rest, 10**9)
        parts.append(f"{'0' if rest < 10 * 10**9 else ''}{number}s")
    while parts[-1].startswith("00"):
        parts.pop()
    return ("-" if at < 0 else "") + " ".join(parts)


def _decimal(number: int, unit: int) -> str:
    whole, rest = divmod(abs(number), unit)
    digits = f"{rest:0{len(str(unit)) - 1}d}".rstrip("0") if rest else ""
    return f"{'-' if number < 0 else ''}{whole}{'.' if digits else ''}{digits}"
