"""What a model is sent growing from turn to turn, and what it costs to send it again."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from math import erfc, sqrt
from statistics import median

from jollyscope.analysis.finding import Analysis, Evidence, Finding, Request, severity_of
from jollyscope.analysis.runs import Run
from jollyscope.analysis.tally import Tally, Worst
from jollyscope.model.format import cost, count
from jollyscope.model.records import SpanRecord
from jollyscope.query.filter import term
from jollyscope.semconv.prices import Steps, price_of

__all__ = ["GROWTH", "Growth", "kendall", "resent"]

LEAST_TURNS = 4
SIGNIFICANT = 0.005
"""Of runs whose inputs do not grow, so many would be reported at most, whichever their number."""
TIMES = 2.0
"""How much the last turn's input is of the first's, at least, to be worth a line."""
KEPT = 2_000
"""Runs whose growth is kept for the median; of a larger number those that come first."""


def kendall(values: list[int]) -> tuple[int, float]:
    """Mann's S of a series, how many pairs rise less how many fall, and its variance without a trend,
    corrected for ties (Kendall, "Rank Correlation Methods", 1975).
    """
    n = len(values)
    score = sum((b > a) - (b < a) for i, a in enumerate(values) for b in values[i + 1 :])
    ties = [values.count(value) for value in set(values)]
    variance = (n * (n - 1) * (2 * n + 5) - sum(t * (t - 1) * (2 * t + 5) for t in ties)) / 18
    return score, variance


def resent(turns: list[SpanRecord]) -> int:
    """Input tokens of a run's model calls that the call before had been sent or had made itself."""
    total = 0
    for before, turn in pairwise(turns):
        known = (before.input_tokens or 0) + (before.output_tokens or 0)
        total += min(known, turn.input_tokens or 0)
    return total


class _Sum:
    def __init__(self) -> None:
        self.runs = self.turns = self.score = self.again = self.sent = 0
        self.variance = 0.0
        self.usd: float | None = None
        self.growth: list[tuple[float, float]] = []
        self.worst = Worst()


class Growth:
    """Sums by model; per run the growth of at most `KEPT` runs a model."""

    def __init__(self) -> None:
        self._sums: Tally[str, _Sum] = Tally(_Sum)

    def add(self, run: Run) -> None:
        """Take in one run."""
        by_model: dict[str, list[SpanRecord]] = {}
        for call in run.calls:
            if call.step_type == "think" and call.model and call.input_tokens:
                by_model.setdefault(call.model, []).append(call)
        for model, turns in by_model.items():
            # Quadratic in the turns: of very long runs evenly spaced ones show the same.
            if len(turns) >= LEAST_TURNS and (total := self._sums.of(model)) is not None:
                _count(total, turns, run)

    def findings(self, request: Request) -> Iterator[Finding]:
        """The models whose input grows, beyond chance, to at least twice its size."""
        for model, total in self._sums.items():
            times = median(one[0] for one in total.growth)
            if times >= TIMES and _chance(total) < SIGNIFICANT / len(self._sums):
                yield self._finding(model, total, times, request)

    def _finding(self, model: str, total: _Sum, times: float, request: Request) -> Finding:
        share = total.again / total.sent
        a_turn = median(one[1] for one in total.growth)
        within = "In this run" if total.runs == 1 else f"In {total.runs:,} runs"
        price = f", {cost(total.usd)} at the price of uncached input" if total.usd else ""
        return Finding(
            what=f"{within} what `{model}` is sent grows by {count(round(a_turn))} tokens a turn, to "
            f"{times:.1f} times its size; {share:.0%} of it had been sent before: "
            f"{count(total.again)} tokens{price}.",
            severity=severity_of(share / 4),
            saves_usd=total.usd,
            evidence=Evidence(
                traces=total.worst.traces(),
                numbers={
                    "runs": total.runs, "turns": total.turns, "growth_times": times,
                    "a_turn_tokens": a_turn, "resent_tokens": total.again, "sent_tokens": total.sent,
                    "resent_share": share, "chance": _chance(total),
                },
            ),
            filter=request.narrowed(term("model", model)),
        )  # fmt: skip


def _count(total: _Sum, turns: list[SpanRecord], run: Run) -> None:
    sizes = [turn.input_tokens or 0 for turn in turns]
    score, variance = kendall(sizes[:: max(1, len(sizes) // 200)])
    again = resent(turns)
    total.runs, total.turns = total.runs + 1, total.turns + len(turns)
    total.score, total.variance = total.score + score, total.variance + variance
    total.again, total.sent = total.again + again, total.sent + sum(sizes)
    paid = _price(
        turns[0], again - sum(min(t.cached_tokens or 0, t.input_tokens or 0) for t in turns)
    )
    if paid is not None:
        total.usd = (total.usd or 0.0) + paid
    if len(total.growth) < KEPT:
        total.growth.append((sizes[-1] / sizes[0], (sizes[-1] - sizes[0]) / (len(sizes) - 1)))
    total.worst.add(again, run.trace_id)


def _price(turn: SpanRecord, tokens: int) -> float | None:
    """What so many tokens sent again cost; None where the model has no known price."""
    price = price_of(turn.model or "", turn.provider, turn.start_time)
    if price is None or price.input is None:
        return None
    rate = price.input.base if isinstance(price.input, Steps) else price.input
    return rate * max(0, tokens) / 1e6


def _chance(total: _Sum) -> float:
    """How likely such a rise, or more, is where nothing grows: the sum of all runs' S, normal."""
    if total.variance <= 0:
        return 1.0
    return erfc((total.score - 1) / sqrt(2 * total.variance)) / 2


GROWTH = Analysis(
    name="growth",
    title="Contexts that grow from turn to turn",
    method="Mann-Kendall's test for a rise of input tokens over a run's model calls, summed over runs "
    "(Hirsch et al., seasonal Kendall test, 1982), p < 0.005; sent again is what the call before had.",
    fold=Growth,
)
