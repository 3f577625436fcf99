"""The numbers of a comparison in words, a row a number."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from jollyscope.analysis.diff_result import Amount, Pair, Totals
from jollyscope.analysis.diff_summary import signed_cost, signed_count, signed_duration, times
from jollyscope.model import format as fmt

__all__ = ["Told", "pair_told", "totals_told"]


class Told(NamedTuple):
    """A number of A and of B, `-` where it is not known; what lies between them, and how many times
    slower or faster, empty where there is nothing to say.
    """

    name: str
    left: str
    right: str
    delta: str = ""
    ratio: str = ""


def totals_told(totals: Totals) -> list[Told]:
    """Of the whole traces; what neither knows is left out."""
    amounts = [
        ("steps", totals.steps),
        ("spans", totals.spans),
        ("errors", totals.errors),
        ("tool calls", totals.tool_calls),
        ("tokens in", totals.input_tokens),
        ("tokens out", totals.output_tokens),
    ]
    rows = [
        _time("time", totals.duration),
        *(_count(name, amount) for name, amount in amounts),
        _cost(totals.cost),
    ]
    return [row for row in rows if (row.left, row.right) != ("-", "-")]


def pair_told(pair: Pair) -> list[Told]:
    """Of one pair of steps."""
    return [
        _time("time", pair.time),
        _time("own time", pair.own),
        _count("tokens in", pair.input_tokens),
        _count("tokens out", pair.output_tokens),
        _cost(pair.cost),
    ]


def _time(name: str, amount: Amount) -> Told:
    row = _told(name, amount, fmt.duration, signed_duration)
    return row._replace(ratio=times(amount.ratio)) if row.delta and amount.ratio else row


def _count(name: str, amount: Amount) -> Told:
    return _told(name, amount, lambda number: fmt.count(round(number)), signed_count)


def _cost(amount: Amount) -> Told:
    return _told("cost", amount, fmt.cost, signed_cost)


def _told(
    name: str, amount: Amount, form: Callable[[float], str], signed: Callable[[float], str]
) -> Told:
    left, right = ("-" if side is None else form(side) for side in amount)
    return Told(name, left, right, signed(amount.delta) if amount.delta else "")
