"""A trace as the tree of what a comparison lines up: its spans, and steps that the other trace
records with spans of their own where this one does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from jollyscope.model.records import SpanRecord, StepType
from jollyscope.model.steps import Step, steps_of
from jollyscope.model.tree import Node, TraceTree

__all__ = ["Item", "Signature", "canonical", "items_of"]

Signature = tuple[str, str, bytes | None, bytes | None]
"""Role, name with its digits as `#`, input and output; the texts in canonical form."""

_DIGITS = re.compile(r"\d+")


class Item:
    """One thing to line up. `node` is the span's place in its trace; `derived` says that the step was
    read out of that span and has none of its own. `input` and `output` are what is compared.
    """

    __slots__ = (
        "children", "derived", "input", "name", "node", "order", "output", "parent", "role",
        "signature", "title", "words",
    )  # fmt: skip

    def __init__(self, node: Node, role: StepType, *, derived: bool = False) -> None:
        span = node.span
        self.node = node
        self.role: StepType = role
        self.derived = derived
        self.title = role if derived else _title(node)
        self.name = _DIGITS.sub("#", self.title)
        self.input = span.input if span else None
        self.output = span.output if span else None
        self.children: list[Item] = []
        self.parent: Item | None = None
        self.order = 0
        """Place in the walk of its trace, parents first, from 0."""
        self.signature: Signature = (role, self.name, None, None)
        self.words: tuple[int, int] | None = None
        """Its words as bits, and how many bits are set: `Likeness` keeps them here."""

    @property
    def span(self) -> SpanRecord | None:
        """The record behind it; None for a parent that never arrived."""
        return self.node.span

    def sign(self) -> None:
        """Take input and output into the signature: they are settled now."""
        texts = canonical(self.input), canonical(self.output)
        self.signature = (self.role, self.name, *texts)


def canonical(text: str | None) -> bytes | None:
    """The text such that equal content is equal bytes: JSON without regard to the order of keys and
    to blanks between values.
    """
    if text is None:
        return None
    if text[:1] in ("{", "["):
        try:
            return msgspec.json.encode(msgspec.json.decode(text), order="deterministic")
        except (msgspec.MsgspecError, UnicodeError, RecursionError, OverflowError):
            pass
    return text.encode("utf-8", "surrogatepass")


def _title(node: Node) -> str:
    span = node.span
    if span is None:
        return "missing parent"
    if span.step_type == "act" and span.tool_name:
        return span.tool_name
    return span.name or span.step_type


def items_of(tree: TraceTree, wanted: Iterable[StepType] = ()) -> list[Item]:
    """The roots of a trace's items. Steps of the types `wanted` that the trace does not record, and
    that are to be seen in other steps' spans (see `steps_of`), stand beside those.
    """
    items: dict[str, Item] = {}
    roots: list[Item] = []
    for node in tree.walk():
        item = items[node.span_id] = Item(node, node.span.step_type if node.span else "other")
        above = items[node.parent.span_id] if node.parent else None
        item.parent = above
        (above.children if above else roots).append(item)
    wanted = frozenset(wanted)
    if wanted:
        steps = steps_of(node.span for node in tree.by_id.values() if node.span)
        derived = [step for step in steps if step.derived and step.type in wanted]
        roots = _with_steps(roots, derived, items)
    for order, item in enumerate(walk(roots)):
        item.order = order
        item.sign()
    return roots


def _with_steps(roots: list[Item], steps: list[Step], items: dict[str, Item]) -> list[Item]:
    """The roots with derived steps beside those they are seen in: the user's input before it, an
    observation and an answer behind it, the answer of a whole run as its last child.
    """
    before: dict[Item, Item] = {}
    behind: dict[Item, Item] = {}
    changed: set[Item | None] = set()
    for step in steps:
        seen_in = items[step.span.span_id]
        item = _derive(step, seen_in)
        if step.type == "response" and seen_in.role == "user_input":
            item.parent = seen_in
            seen_in.children.append(item)
        else:
            item.parent = seen_in.parent
            (before if step.type == "user_input" else behind)[seen_in] = item
            changed.add(item.parent)
    for parent in changed:
        siblings = [
            item
            for known in (parent.children if parent else roots)
            for item in (before.get(known), known, behind.get(known))
            if item is not None
        ]
        if parent:
            parent.children = siblings
        else:
            roots = siblings
    return roots


def _derive(step: Step, seen_in: Item) -> Item:
    """The item of a derived step. The text that it stands for belongs to it from now on."""
    item = Item(seen_in.node, step.type, derived=True)
    if step.type == "user_input":
        item.output = None
        return item
    item.input = None
    if seen_in.role != "think":
        seen_in.output = None
    return item


def walk(roots: list[Any]) -> Iterator[Any]:
    """Items, or other things with `children`, parents first."""
    stack = roots[::-1]
    while stack:
        item = stack.pop()
        yield item
        stack.extend(reversed(item.children))
