"""What comparing two traces gives. The first trace is A, the second B; differences are B minus A."""

from __future__ import annotations

from typing import Literal, NamedTuple

from jollyscope.analysis.diff_items import Item
from jollyscope.model.records import StepType
from jollyscope.model.steps import GLYPH, glyph

__all__ = ["MARK", "Amount", "Change", "Group", "Kind", "Pair", "Side", "Totals", "TraceDiff"]

Kind = Literal["same", "changed", "added", "removed", "moved"]
MARK: dict[Kind, str] = {"same": " ", "changed": "~", "added": "+", "removed": "-", "moved": "»"}
"""What stands before a row."""

Change = Literal["name", "status", "model", "input", "output", "tokens", "cost", "time"]


class Amount(NamedTuple):
    """A number of A and of B: None where it is not known, 0 where there is no such step."""

    left: float | None
    right: float | None

    @property
    def delta(self) -> float | None:
        """B minus A; None where one of them is not known."""
        return None if self.left is None or self.right is None else self.right - self.left

    @property
    def ratio(self) -> float | None:
        """B over A; None where one of them is not known or A is 0."""
        if self.left is None or self.right is None or not self.left:
            return None
        return self.right / self.left


class Pair(NamedTuple):
    """One row: a step of A beside its partner in B, or a step that only one of them has.

    `changes` says what differs; time only where it matters (see `diff_numbers`). Of a `moved` pair
    too. `time` in milliseconds, with what stands within; `own` is time that no child accounts for;
    `cost` in US dollars. `depth` from 0; `below` counts the rows that stand under this one.
    """

    kind: Kind
    left: Item | None
    right: Item | None
    depth: int
    below: int
    changes: tuple[Change, ...]
    time: Amount
    own: Amount
    input_tokens: Amount
    output_tokens: Amount
    tokens: Amount
    cost: Amount

    @property
    def shown(self) -> Item:
        """The step of B, or of A where B has none."""
        item = self.right or self.left
        assert item is not None
        return item

    @property
    def glyph(self) -> str:
        """The step's sign, or those of A and B where it ended otherwise: `✖→●`."""
        signs = [
            GLYPH[item.role] if item.derived or item.span is None else glyph(item.span)
            for item in (self.left, self.right)
            if item is not None
        ]
        return "→".join(signs) if "status" in self.changes else signs[-1]


class Group(NamedTuple):
    """All pairs of one step type and name: `calls` is how often each side has it, the rest are sums.
    `paired` is the time of those steps that both have.
    """

    role: StepType
    name: str
    calls: Amount
    time: Amount
    tokens: Amount
    cost: Amount
    paired: Amount


class Side(NamedTuple):
    """A trace of the two, in short. Unix ns."""

    trace_id: str
    name: str
    input: str | None
    start_time: int
    state: str
    status: str


class Totals(NamedTuple):
    """Of the whole traces: `duration` in milliseconds, tokens and cost each model call once."""

    duration: Amount
    spans: Amount
    steps: Amount
    errors: Amount
    tool_calls: Amount
    input_tokens: Amount
    output_tokens: Amount
    tokens: Amount
    cost: Amount


class TraceDiff(NamedTuple):
    """Two traces lined up. `pairs` are parents first, in order; each step of both is in one of them.

    `first`: the first of `pairs` that differs in more than time, tokens and cost. `approximate`: the
    traces were so long that steps were only looked for near where they stood in the other.
    """

    left: Side
    right: Side
    pairs: list[Pair]
    counts: dict[Kind, int]
    totals: Totals
    groups: list[Group]
    first: int | None
    approximate: bool
    summary: list[str]

    @property
    def equal(self) -> bool:
        """Whether nothing differs but what always does: ids, and time where it does not matter."""
        return self.counts["same"] == len(self.pairs)

    def impact(self) -> list[int]:
        """Places in `pairs` by how much of the difference in time they make up themselves, then by
        cost; without those that make none.
        """
        ranked = [
            (-abs(pair.own.delta or 0), -abs(pair.cost.delta or 0), at)
            for at, pair in enumerate(self.pairs)
            if pair.own.delta or pair.cost.delta
        ]
        return [at for _, _, at in sorted(ranked)]

    def leading(self) -> set[int]:
        """Places of equal steps that a difference stands under, at any depth."""
        found: set[int] = set()
        above: list[int] = []
        for at, pair in enumerate(self.pairs):
            while above and self.pairs[above[-1]].depth >= pair.depth:
                above.pop()
            if pair.kind != "same":
                found.update(above)
                above.clear()  # all of them are found
            else:
                above.append(at)
        return found
