"""The numbers of a comparison: of each pair, of names, of the whole traces."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from jollyscope.analysis.diff_items import Item
from jollyscope.analysis.diff_match import Placed
from jollyscope.analysis.diff_result import Amount, Change, Group, Kind, Pair, Totals
from jollyscope.model.records import StepType
from jollyscope.model.tree import Node
from jollyscope.query.fields import total_tokens
from jollyscope.query.listing import TraceRow

__all__ = ["CONTENT", "groups_of", "pairs_of", "totals_of"]

CONTENT: frozenset[Change] = frozenset({"name", "status", "model", "input", "output"})
"""Differences in what was done, not in what it took."""

LEAST_MS, LEAST_SHARE, LEAST_RATIO = 1.0, 0.01, 1.25
"""A time differs where it does by all of these: ms, share of the longer trace, and times."""


def pairs_of(rows: Sequence[Placed], longest: float, now: int) -> list[Pair]:
    """Rows with their numbers. `longest`: ms of the longer trace; `now`: where running spans end."""
    below = _below(rows)
    return [_pair(row, below[at], longest, now) for at, row in enumerate(rows)]


def _below(rows: Sequence[Placed]) -> list[int]:
    """How many rows stand under each: those that follow and are deeper."""
    below = [0] * len(rows)
    open_rows: list[int] = []
    for at, row in enumerate(rows):
        while open_rows and rows[open_rows[-1]].depth >= row.depth:
            done = open_rows.pop()
            below[done] = at - done - 1
        open_rows.append(at)
    for done in open_rows:
        below[done] = len(rows) - done - 1
    return below


def _pair(row: Placed, below: int, longest: float, now: int) -> Pair:
    left, right = row.left, row.right
    numbers = [_numbers(left, now), _numbers(right, now)]
    ours, theirs = (side or [0.0] * len(_MEASURED) for side in numbers)
    time, own, inner, outer, tokens, cost = map(Amount, ours, theirs)
    kind: Kind = "removed" if right is None else "added"
    changes: tuple[Change, ...] = ()
    if left is not None and right is not None:
        changes = tuple(_content(left, right))
        changes += tuple(_cost((inner, outer, cost), time, longest))
        kind = "moved" if row.moved else "changed" if changes else "same"
    return Pair(kind, left, right, row.depth, below, changes, time, own, inner, outer, tokens, cost)


_MEASURED = ("time", "own", "input_tokens", "output_tokens", "tokens", "cost")


def _numbers(item: Item | None, now: int) -> list[float | None] | None:
    """What is measured of a step, in the order of `_MEASURED`; None where there is no such
    step. A derived step has no numbers of its own.
    """
    if item is None:
        return None
    span = item.span
    if item.derived or span is None:
        return [_took(item, now), _own(item, now), None, None, None, None]
    return [
        _took(item, now), _own(item, now),
        span.input_tokens, span.output_tokens, total_tokens(span), span.cost_usd,
    ]  # fmt: skip


def _content(left: Item, right: Item) -> Iterable[Change]:
    one, other = left.span, right.span
    if left.title != right.title:
        yield "name"
    if one is not None and other is not None and not left.derived and not right.derived:
        if _ending(left) != _ending(right):
            yield "status"
        if one.model != other.model:
            yield "model"
    if left.signature[2] != right.signature[2]:
        yield "input"
    if left.signature[3] != right.signature[3]:
        yield "output"


def _ending(item: Item) -> tuple[str, bool, str | None]:
    span = item.span
    assert span is not None
    return span.state, span.status == "error", span.error_type


def _cost(amounts: tuple[Amount, Amount, Amount], time: Amount, longest: float) -> Iterable[Change]:
    inner, outer, cost = amounts
    if inner.left != inner.right or outer.left != outer.right:
        yield "tokens"
    if _unlike(cost):
        yield "cost"
    if _matters(time, longest):
        yield "time"


def _unlike(cost: Amount) -> bool:
    if cost.left is None or cost.right is None:
        return cost.left is not cost.right
    # Sums of floats made in another order differ in their last digits.
    return abs(cost.right - cost.left) > 1e-9 * max(abs(cost.left), abs(cost.right))


def _matters(time: Amount, longest: float) -> bool:
    if time.left is None or time.right is None:
        return False
    less, more = sorted((time.left, time.right))
    enough = more - less >= max(LEAST_MS, LEAST_SHARE * longest)
    return enough and more >= LEAST_RATIO * less


def _took(item: Item | None, now: int) -> float | None:
    if item is None or item.derived:
        return None
    span, node = item.span, item.node
    if span is not None and span.duration_ms is not None:
        return span.duration_ms
    return _ns(node, now) / 1e6


def _ns(node: Node, now: int) -> int:
    return max(0, (now if node.end is None else node.end) - node.start)


def _own(item: Item | None, now: int) -> float | None:
    """Milliseconds of a span that none of its children accounts for."""
    if item is None or item.derived:
        return None
    node = item.node
    if not node.children:
        return _took(item, now)
    end = max(node.start, now if node.end is None else node.end)
    covered, reached = 0, node.start
    for child in node.children:  # by start time
        until = min(now if child.end is None else child.end, end)
        begin = max(child.start, reached)
        if until > begin:
            covered += until - begin
            reached = until
    return max(0, end - node.start - covered) / 1e6


def groups_of(pairs: Iterable[Pair]) -> list[Group]:
    """Sums by step type and name, those that differ most in time first. Spans that are no step are
    left out where there are steps: what stands in a call is in the call's time already.
    """
    summed: dict[tuple[StepType, str], list[list[float | None]]] = {}
    for pair in pairs:
        item = pair.shown
        if item.derived or item.role == "user_input":
            continue
        sums = summed.setdefault((item.role, item.title), [[None, None] for _ in range(5)])
        both = pair.left is not None and pair.right is not None
        calls = Amount(_one(pair.left), _one(pair.right))
        _add(sums, [calls, pair.time, pair.tokens, pair.cost, pair.time if both else _NONE])
    if any(role != "other" for role, _ in summed):
        summed = {key: sums for key, sums in summed.items() if key[0] != "other"}
    groups = [
        Group(role, name, *(_amount(sides, calls) for sides in sums))
        for (role, name), sums in summed.items()
        for calls in (sums[0],)
    ]
    return sorted(groups, key=lambda g: (-abs(g.time.delta or 0), g.role, g.name))


_NONE = Amount(None, None)


def _amount(sides: list[float | None], calls: list[float | None]) -> Amount:
    """A sum; 0 on a side that has no such step."""
    return Amount(*(0 if many is None else side for side, many in zip(sides, calls, strict=True)))


def _one(item: Item | None) -> float | None:
    return None if item is None else 1


def _add(sums: list[list[float | None]], amounts: Sequence[Amount]) -> None:
    for sides, amount in zip(sums, amounts, strict=True):
        for side, number in enumerate(amount):
            if number is not None:
                sides[side] = (sides[side] or 0) + number


def totals_of(left: TraceRow, right: TraceRow, now: int) -> Totals:
    """The two traces' sums, as lists show them. A running trace has lasted until `now`."""

    def both(field: str) -> Amount:
        return Amount(getattr(left, field), getattr(right, field))

    return Totals(
        Amount(lasted(left, now), lasted(right, now)),
        both("span_count"),
        both("step_count"),
        both("error_count"),
        both("tool_calls"),
        both("input_tokens"),
        both("output_tokens"),
        Amount(total_tokens(left), total_tokens(right)),
        both("cost_usd"),
    )


def lasted(row: TraceRow, now: int) -> float:
    """Milliseconds that a trace has lasted."""
    if row.state == "open" and now > row.start_time:
        return (now - row.start_time) / 1e6
    return row.duration_ms
