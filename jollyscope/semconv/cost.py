"""The cost of a model call, from its tokens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jollyscope.semconv.prices import Price, Rate, Steps, price_of

__all__ = ["bill", "cost_of"]


def cost_of(
    fields: Mapping[str, Any], cache_write: int | None, requested: Any, time: int | None
) -> float | None:
    """US dollars for the tokens in `fields` (a record's), None where model or tokens are unknown.

    `requested`: the model that was asked for, where the one that answered is not known (Azure
    calls models as its customers do). `time`: Unix ns.
    """
    tokens = fields.get("input_tokens")
    if tokens is None:
        return None
    model, provider = fields.get("model"), fields.get("provider")
    price = price_of(model, provider, time) if model else None
    if price is None and requested != model and isinstance(requested, str) and requested:
        price = price_of(requested, provider, time)
    if price is None:
        return None
    return bill(
        price,
        tokens,
        fields.get("output_tokens"),
        fields.get("cached_tokens") or 0,
        cache_write or 0,
        fields.get("reasoning_tokens") or 0,
    )


def bill(
    price: Price,
    input_tokens: int,
    output_tokens: int | None,
    cached: int = 0,
    cache_write: int = 0,
    reasoning: int = 0,
) -> float | None:
    """US dollars for one call. The input holds what is cached and written to a cache, the output
    the reasoning. None where tokens that cost something are unknown, or nothing has a price."""
    if price.input is None and price.output is None and not price.request:
        return None
    if output_tokens is None and price.output is not None:
        return None
    if cached + cache_write > input_tokens:
        input_tokens += cached + cache_write  # counted apart, since they cannot be within
    dollars, fresh, made = 0.0, input_tokens, output_tokens or 0
    if cached and price.cache_read is not None:
        dollars += _rate(price.cache_read, input_tokens) * cached
        fresh -= cached
    if cache_write and price.cache_write is not None:
        dollars += _rate(price.cache_write, input_tokens) * cache_write
        fresh -= cache_write
    if reasoning and price.reasoning is not None:
        dollars += _rate(price.reasoning, input_tokens) * reasoning
        made -= reasoning
    if fresh > 0:
        dollars += _rate(price.input, input_tokens) * fresh
    if made > 0:
        dollars += _rate(price.output, input_tokens) * made
    return dollars / 1e6 + price.request


def _rate(rate: Rate | None, input_tokens: int) -> float:
    if not isinstance(rate, Steps):
        return rate or 0.0
    reached = [dollars for start, dollars in rate.above if input_tokens > start]
    return reached[-1] if reached else rate.base
