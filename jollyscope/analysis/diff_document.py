"""A comparison as plain values, for JSON."""

from __future__ import annotations

from typing import Any

from jollyscope.analysis.diff_items import Item
from jollyscope.analysis.diff_result import Amount, Pair, Side, TraceDiff
from jollyscope.model.document import iso

__all__ = ["diff_document"]


def diff_document(diff: TraceDiff, *, everything: bool = True) -> dict[str, Any]:
    """`a` and `b`, `equal`, `summary`, `totals`, `counts`, `groups` and `steps` in order, each with
    its number (from 1). Times in milliseconds, moments ISO 8601. Without `everything` the steps
    that are the same are left out.
    """
    return {
        "a": _side(diff.left),
        "b": _side(diff.right),
        "equal": diff.equal,
        "approximate": diff.approximate,
        "summary": diff.summary,
        "counts": diff.counts,
        "totals": {name: _amount(amount) for name, amount in diff.totals._asdict().items()},
        "groups": [
            {"step_type": group.role, "name": group.name, "calls": _amount(group.calls),
             "duration_ms": _amount(group.time), "tokens": _amount(group.tokens),
             "cost_usd": _amount(group.cost)}
            for group in diff.groups
        ],
        "steps": [
            _pair(number, pair) for number, pair in enumerate(diff.pairs, 1)
            if everything or pair.kind != "same"
        ],
    }  # fmt: skip


def _side(side: Side) -> dict[str, Any]:
    return side._asdict() | {"start_time": iso(side.start_time)}


def _amount(amount: Amount) -> dict[str, float | None]:
    return {"a": amount.left, "b": amount.right, "delta": amount.delta, "ratio": amount.ratio}


def _pair(number: int, pair: Pair) -> dict[str, Any]:
    return {
        "number": number,
        "kind": pair.kind,
        "depth": pair.depth,
        "step_type": pair.shown.role,
        "changes": list(pair.changes),
        "a": _item(pair.left),
        "b": _item(pair.right),
        "duration_ms": _amount(pair.time),
        "own_ms": _amount(pair.own),
        "input_tokens": _amount(pair.input_tokens),
        "output_tokens": _amount(pair.output_tokens),
        "cost_usd": _amount(pair.cost),
    }


def _item(item: Item | None) -> dict[str, Any] | None:
    if item is None:
        return None
    span = item.span
    return {
        "span_id": item.node.span_id,
        "derived": item.derived,
        "name": item.title,
        "status": span.status if span else None,
        "state": span.state if span else None,
        "model": span.model if span else None,
        "input": item.input,
        "output": item.output,
    }
