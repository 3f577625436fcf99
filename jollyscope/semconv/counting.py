"""Token counts brought to one meaning, whoever counted.

As in OpenTelemetry, the input includes what a cache served or took, and the output includes the
reasoning. Some providers' own numbers, handed through as they are, count those parts apart
(Anthropic's and Bedrock's caches, Gemini's thoughts): where a total is told as well, it shows.
"""

from __future__ import annotations

from typing import Any

__all__ = ["COUNTED", "settle"]

COUNTED: frozenset[str] = frozenset(
    {
        "input_tokens",
        "output_tokens",
        "cached_tokens",
        "reasoning_tokens",
        "cache_write_tokens",
        "total_tokens",
        "cost_usd",
        "prompt_usd",
        "completion_usd",
    }
)
"""Fields of the table that count tokens or dollars, the record's own and the helping ones."""

_HELPING = frozenset({"cache_write_tokens", "total_tokens", "prompt_usd", "completion_usd"})
_MOST = 2**63 - 1


def settle(fields: dict[str, Any]) -> int | None:
    """Bring the counts among `fields` to one meaning and drop the helping ones.

    Returns how many input tokens were written to a cache, None where that is unknown.
    """
    write = total = None
    if not _HELPING.isdisjoint(fields):
        write, total = fields.pop("cache_write_tokens", None), fields.pop("total_tokens", None)
        prompt, completion = fields.pop("prompt_usd", None), fields.pop("completion_usd", None)
        if "cost_usd" not in fields and prompt is not None and completion is not None:
            fields["cost_usd"] = prompt + completion
    if total is not None:
        _add_what_was_apart(fields, write or 0, total)
    return write


def _add_what_was_apart(fields: dict[str, Any], write: int, total: int) -> None:
    given, made = fields.get("input_tokens"), fields.get("output_tokens")
    caches = (fields.get("cached_tokens") or 0) + write
    reasoning = fields.get("reasoning_tokens") or 0
    if given is None or made is None or not (caches or reasoning):
        return
    rest = total - given - made
    both = rest >= caches + reasoning
    if caches and (both or rest == caches):
        fields["input_tokens"] = min(given + caches, _MOST)
    if reasoning and (both or rest == reasoning != caches):
        fields["output_tokens"] = min(made + reasoning, _MOST)
