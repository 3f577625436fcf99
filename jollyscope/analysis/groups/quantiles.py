"""Order statistics that resist outliers: quantiles, and the median absolute deviation."""

from __future__ import annotations

import math
from collections.abc import Sequence

__all__ = ["MAD_TO_SD", "mad", "median", "quantile", "rolling_median"]

MAD_TO_SD = 1.482602218505602
"""1 / Φ⁻¹(3/4): what makes the median absolute deviation of normal data its standard deviation."""


def quantile(values: Sequence[float], share: float) -> float:
    """The value that `share` (0 to 1) of them stay within, with linear interpolation: type 7 of
    Hyndman and Fan (1996), as both engines have it. Raises `ValueError` for none.
    """
    if not values or not 0 <= share <= 1:
        raise ValueError("a quantile is of one value or more, at a share of 0 to 1")
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    # So that between two equal values there is no other.
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def median(values: Sequence[float]) -> float:
    """The middle value."""
    return quantile(values, 0.5)


def mad(values: Sequence[float]) -> float:
    """The median absolute deviation from the median, in the values' own unit."""
    middle = median(values)
    return median([abs(value - middle) for value in values])


def rolling_median(values: Sequence[float], reach: int) -> list[float]:
    """For each value the median of it and of `reach` neighbours on either side; where one side has
    fewer, the other gives more, so that each window is of one size.
    """
    width = min(2 * reach + 1, len(values))
    last = len(values) - width
    return [
        median(values[start : start + width])
        for start in (min(max(at - reach, 0), last) for at in range(len(values)))
    ]
