"""A comparison in a few sentences, the weightiest first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jollyscope.analysis.diff_numbers import LEAST_RATIO, LEAST_SHARE
from jollyscope.analysis.diff_result import Amount, Group, Kind, Pair, Side, Totals
from jollyscope.model import format as fmt
from jollyscope.model.steps import error_text, first_line

__all__ = ["signed_cost", "signed_count", "signed_duration", "summarise", "times"]

MOST = 4
"""Names said to be slower, faster or dearer."""


def summarise(
    sides: tuple[Side, Side],
    pairs: Sequence[Pair],
    counts: dict[Kind, int],
    totals: Totals,
    groups: Sequence[Group],
    first: int | None,
) -> list[str]:
    """Sentences without a full stop."""
    return [
        *_ended(sides, pairs),
        _counted(counts, len(pairs)),
        *_whole(totals),
        *_named(groups, totals),
        *_parted(pairs, first),
    ]


def _ended(sides: tuple[Side, Side], pairs: Sequence[Pair]) -> Iterator[str]:
    """Which of the two failed, where the other did not, and by what."""
    ways = [_way(side) for side in sides]
    if ways[0] == ways[1]:
        return
    text = f"A {ways[0]}, B {ways[1]}"
    side = "right" if ways[1] == "failed" else "left"
    for pair in pairs if "failed" in ways else ():
        item = getattr(pair, side)
        if item and item.span and item.span.status == "error" and not item.node.children:
            yield f"{text}: {item.title}, {first_line(error_text(item.span) or '', 80)}"
            return
    yield text


def _way(side: Side) -> str:
    if side.state != "closed":
        return "is running" if side.state == "open" else "was interrupted"
    return "failed" if side.status == "error" else "succeeded"


def _counted(counts: dict[Kind, int], total: int) -> str:
    words = [f"{counts[kind]:,} {kind}" for kind in ("added", "removed", "moved", "changed")
             if counts[kind]]  # fmt: skip
    if not words:
        return f"All {total:,} spans are the same" if total != 1 else "The one span is the same"
    words[0] = words[0].replace(" ", " step " if words[0].startswith("1 ") else " steps ", 1)
    return ", ".join(words) + f", {counts['same']:,} the same"


def _whole(totals: Totals) -> Iterator[str]:
    parts: list[str] = []
    took = totals.duration
    if took.delta and _differs(took):
        word = "longer" if took.delta > 0 else "shorter"
        parts.append(f"{fmt.duration(abs(took.delta))} {word}{_percent(took)}")
    if totals.tokens.delta:
        word = "more" if totals.tokens.delta > 0 else "fewer"
        parts.append(f"{fmt.count(round(abs(totals.tokens.delta)))} tokens {word}")
    if totals.cost.delta and None not in totals.cost:
        word = "dearer" if totals.cost.delta > 0 else "cheaper"
        parts.append(f"{fmt.cost(abs(totals.cost.delta))} {word}")
    if parts:
        yield f"B is {', '.join(parts)} than A"


def _differs(amount: Amount) -> bool:
    least, most = sorted((amount.left or 0, amount.right or 0))
    return most - least > 0.005 * most


def _percent(amount: Amount) -> str:
    if amount.ratio is None or amount.ratio >= 10:
        return ""
    return f" ({abs(amount.ratio - 1) * 100:.0f} %)"


def _named(groups: Sequence[Group], totals: Totals) -> Iterator[str]:
    """Names whose steps, where both traces have them, are slower or faster by a part that matters."""
    least = LEAST_SHARE * max(totals.duration.left or 0, totals.duration.right or 0)
    said = 0
    for group in groups:
        delta, ratio = group.paired.delta, group.paired.ratio
        if delta is None or ratio is None or abs(delta) < max(1, least) or said == MOST:
            continue
        if ratio < LEAST_RATIO and ratio > 1 / LEAST_RATIO:
            continue
        said += 1
        cost = ""
        if None not in group.cost and group.cost.delta:
            cost = f", {signed_cost(group.cost.delta)}"
        yield f"`{group.name}` {times(ratio)}: {signed_duration(delta)}{cost}"


def _parted(pairs: Sequence[Pair], first: int | None) -> Iterator[str]:
    if first is None or len(pairs) == 1:
        return
    pair = pairs[first]
    what = pair.kind if pair.kind in ("added", "removed") else " and ".join(
        change for change in pair.changes if change not in ("tokens", "cost", "time")
    ) or pair.kind  # fmt: skip
    yield f"They part at step {first + 1:,}, {first_line(pair.shown.title, 60)}: {what}"


def times(ratio: float) -> str:
    """`2.1x slower`, `1.8x faster`."""
    if not ratio:
        return "at once"
    factor = max(ratio, 1 / ratio)
    number = f"{factor:.1f}" if factor < 99.95 else f"{factor:,.0f}"
    return f"{number}x {'slower' if ratio >= 1 else 'faster'}"


def signed_duration(ms: float) -> str:
    """`+1.40s`, `-12ms`."""
    return ("-" if ms < 0 else "+") + fmt.duration(abs(ms))


def signed_count(number: float) -> str:
    """`+1,204`, `-3`, `0`."""
    return f"{'+' if number > 0 else '-' if number < 0 else ''}{fmt.count(round(abs(number)))}"


def signed_cost(usd: float) -> str:
    """`+$0.0040`, `-$1.20`."""
    return ("-" if usd < 0 else "+") + fmt.cost(abs(usd))
