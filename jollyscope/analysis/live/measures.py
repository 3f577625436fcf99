"""Percentiles and outliers, computed step by step as Flink does, so that they agree to the last digit."""

from __future__ import annotations

import math
from collections.abc import Sequence

__all__ = ["median", "percentile", "robust_z"]


def percentile(ordered: Sequence[float], share: float) -> float | None:
    """The value below which `share` (0 to 1) of the sorted values lie, between two of them by linear
    interpolation (Flink's `PERCENTILE`, ClickHouse's `quantileExactInclusive`); None of none.
    """
    if not ordered:
        return None
    # Counted from 1, as Flink does: that decides how the last digit is rounded.
    at = (len(ordered) - 1) * share + 1
    lower, higher = math.floor(at), math.ceil(at)
    below, above = ordered[lower - 1], ordered[higher - 1]
    if below == above:
        return below
    return (higher - at) * below + (at - lower) * above


def median(values: Sequence[float]) -> float:
    """The middle one, or the mean of the two in the middle. Values must not be empty."""
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def robust_z(values: Sequence[float], least: int) -> float | None:
    """How far the last value lies from those before it: 0.6745 (x - median) / MAD (Iglewicz and Hoaglin,
    How to Detect and Handle Outliers, 1993). None with fewer than `least` before it.

    The MAD counts as at least a twentieth of the median and at least 1, so that a series which hardly
    moves does not make an outlier of every ripple.
    """
    *past, newest = values or [0.0]
    if len(past) < max(1, least):
        return None
    middle = median(past)
    spread = max(median([abs(value - middle) for value in past]), abs(middle) / 20, 1)
    return 0.6745 * (newest - middle) / spread
