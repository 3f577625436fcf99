"""Token counts and costs that a dialect keeps in one JSON object.

Langfuse: `{"input": 60, "input_cached_tokens": 20, "output": 15, "total": 95}`, where parts of the
input and the output are counted apart from them unless `total` says otherwise; also OpenAI's and
Anthropic's usage as their APIs give it. Google: `usage_metadata` of a response.
"""

from __future__ import annotations

from typing import Any, cast

from jollyscope.semconv.rules import RULES, Rule, decoded

__all__ = ["DOLLARS_OF", "TOKENS_OF"]

_KEYS: dict[str, tuple[str, ...]] = {
    "input_tokens": (
        "input",
        "input_tokens",
        "prompt_tokens",
        "inputTokens",
        "promptTokens",
        "prompt_token_count",
        "promptTokenCount",
    ),
    "output_tokens": (
        "output",
        "output_tokens",
        "completion_tokens",
        "outputTokens",
        "completionTokens",
        "candidates_token_count",
        "candidatesTokenCount",
    ),
    "cached_tokens": (
        "input_cached_tokens",
        "input_cache_read",
        "cache_read_input_tokens",
        "input_cache_read_tokens",
        "cache_read",
        "prompt_details.cache_read",
        "prompt_tokens_details.cached_tokens",
        "input_tokens_details.cached_tokens",
        "cached_content_token_count",
        "cachedContentTokenCount",
    ),
    "reasoning_tokens": (
        "output_reasoning_tokens",
        "output_reasoning",
        "completion_details.reasoning",
        "completion_tokens_details.reasoning_tokens",
        "output_tokens_details.reasoning_tokens",
        "thoughts_token_count",
        "thoughtsTokenCount",
    ),
    "cache_write_tokens": (
        "input_cache_creation",
        "input_cache_write",
        "cache_creation_input_tokens",
        "prompt_details.cache_write",
    ),
    "total_tokens": (
        "total",
        "total_tokens",
        "totalTokens",
        "total_token_count",
        "totalTokenCount",
    ),
}
_HOLDERS = ("usage_metadata", "usageMetadata")
_APART = ("input_cache", "cache_", "output_reasoning")
_SPLIT = ("input_cache_creation_5m", "input_cache_creation_1h")

_count, _dollars = RULES["count"].read, RULES["dollars"].read


def _object(value: Any) -> dict[str, Any] | None:
    held = decoded(value)
    if not isinstance(held, dict):
        return None
    usage = cast(dict[str, Any], held)
    for holder in _HOLDERS:
        if isinstance(usage.get(holder), dict):
            return cast(dict[str, Any], usage[holder])
    return usage


def _at(usage: dict[str, Any], key: str) -> int | None:
    if key in usage:
        return _count(usage[key])
    outer, _, inner = key.partition(".")
    nested = usage.get(outer)
    return _count(cast(dict[str, Any], nested).get(inner)) if isinstance(nested, dict) else None


def _tokens(field: str) -> Rule:
    keys = _KEYS[field]

    def read(value: Any) -> int | None:
        usage = _object(value)
        if usage is None:
            return None
        found = next((n for n in (_at(usage, key) for key in keys) if n is not None), None)
        if field == "cache_write_tokens":
            parts = [n for n in (_at(usage, key) for key in _SPLIT) if n]
            return (found or 0) + sum(parts) if parts else found
        if field == "total_tokens" and found is None:
            return _implied_total(usage)
        return found

    names = ", ".join(f"`{key}`" for key in keys)
    return Rule(f"{field} in JSON", f"of a JSON object: {names}", read, True)


def _implied_total(usage: dict[str, Any]) -> int | None:
    """What Langfuse takes for the total where none is told: the sum of parts counted apart."""
    if not any(key.startswith(_APART) for key in usage):
        return None
    return sum(n for n in map(_count, usage.values()) if n is not None)


def _cost(value: Any) -> float | None:
    costs = _object(value)
    if not costs:
        return None
    total = _dollars(costs.get("total"))
    if total is not None:
        return total
    parts = [n for n in map(_dollars, costs.values()) if n is not None]
    return sum(parts) if parts else None


TOKENS_OF: dict[str, Rule] = {field: _tokens(field) for field in _KEYS}
"""Field -> the rule that finds it in such an object."""

DOLLARS_OF = Rule(
    "dollars in JSON", "of a JSON object: `total`, else the sum of all its numbers", _cost, True
)
"""The cost in US dollars in such an object."""
