"""Writes `jollyscope/semconv/prices.json`: `python -m tests.library.make_prices`.

The prices come from the PyPI package `genai-prices`, condensed to what tokens can be billed by:
prices of other units (images, searches, hours), prices for a time of day and prices of special
service tiers are left out. Prices that began on a day keep it. `ALIASES` are ours: what the
conventions call the providers.
"""

from __future__ import annotations

import datetime
import importlib.metadata
import json
from pathlib import Path
from typing import Any

from genai_prices import types
from genai_prices.data import providers as PROVIDERS

FILE = Path(__file__).resolve().parents[2] / "jollyscope" / "semconv" / "prices.json"

UNITS: dict[str, str] = {
    "input_mtok": "input",
    "output_mtok": "output",
    "cache_read_mtok": "cache_read",
    "cache_write_mtok": "cache_write",
    "output_reasoning_mtok": "reasoning",
}

ALIASES: dict[str, list[str]] = {
    # OpenTelemetry's `gen_ai.provider.name` and `gen_ai.system`, the AI SDK's and others' words.
    # A name is tried whole, then up to its first dot.
    "aws": ["aws.bedrock", "aws_bedrock", "amazon-bedrock", "bedrock", "bedrock_converse"],
    "azure": [
        "az.ai.agents", "az.ai.inference", "az.ai.openai", "azure.ai.agents", "azure.ai.inference",
        "azure.ai.openai", "azure-openai", "azure_openai", "azure_ai", "microsoft.foundry",
    ],
    "fireworks": ["fireworks_ai", "fireworks-ai"],
    "google": [
        "gcp.gemini", "gcp.gen_ai", "gcp.vertex_ai", "gemini", "google-vertex", "google-gla",
        "google_genai", "google_vertexai", "vertex_ai", "vertexai",
    ],
    "mistral": ["mistral_ai", "mistralai"],
    "moonshotai": ["moonshot_ai"],
    "together": ["together_ai", "togetherai"],
    "x-ai": ["x_ai", "xai"],
}  # fmt: skip


def match(clause: Any) -> dict[str, Any]:
    """A match clause as lists of alternatives."""
    kinds = {
        types.ClauseEquals: "equals",
        types.ClauseStartsWith: "starts_with",
        types.ClauseEndsWith: "ends_with",
        types.ClauseContains: "contains",
    }
    if isinstance(clause, types.ClauseOr):
        made: dict[str, list[Any]] = {}
        for part in clause.or_:
            for key, values in match(part).items():
                made.setdefault(key, []).extend(values)
        return made
    if isinstance(clause, types.ClauseAnd):
        return {"all": [[match(part) for part in clause.and_]]}
    if isinstance(clause, types.ClauseRegex):
        return {"regex": [clause.regex]}
    key = kinds[type(clause)]
    return {key: [getattr(clause, key).lower()]}


def rate(value: Any) -> Any:
    """A price per million tokens, with its steps where it has any."""
    if isinstance(value, types.TieredPrices):
        above = [[tier.start, float(tier.price)] for tier in value.tiers]
        return {"base": float(value.base), "above": above}
    return float(value)


def price(given: Any) -> dict[str, Any]:
    """One set of prices; empty where tokens cost nothing that is known."""
    held = {key: value for key, value in given.__dict__.items() if value is not None}
    made = {ours: rate(held[theirs]) for theirs, ours in UNITS.items() if theirs in held}
    if made and "requests_kcount" in held:
        made["request"] = float(held["requests_kcount"]) / 1000
    return made


def prices(model: types.ModelInfo) -> list[dict[str, Any]]:
    """The model's prices, each with the day it began, the earliest first."""
    if isinstance(model.prices, types.ModelPrice):
        return [price(model.prices)]
    made: list[dict[str, Any]] = []
    for conditional in model.prices:
        constraint = conditional.constraint
        if isinstance(constraint, types.TimeOfDateConstraint):
            continue
        began = {} if constraint is None else {"from": constraint.start_date.isoformat()}
        made.append({**began, **price(conditional.prices)})
    return made


def provider(given: types.Provider) -> dict[str, Any]:
    """A provider with its models."""
    made: dict[str, Any] = {"id": given.id}
    named = match(given.provider_match) if given.provider_match else {}
    if given.id in ALIASES:
        named["equals"] = [*ALIASES[given.id], *named.get("equals", [])]
    if named:
        made["match"] = named
    if given.model_match:
        made["owns"] = match(given.model_match)
    if given.fallback_model_providers:
        made["fallback"] = given.fallback_model_providers
    made["models"] = [
        {
            "id": model.id,
            "match": match(model.match),
            "prices": [one for one in prices(model) if set(one) - {"from"}],
        }
        for model in given.models
    ]
    return made


def about(date: str) -> dict[str, str]:
    """Where the numbers are from."""
    package = importlib.metadata.distribution("genai-prices")
    licence = package.read_text("licenses/LICENSE") or ""
    return {
        "date": date,
        "source": f"genai-prices {package.version}, https://github.com/pydantic/genai-prices",
        "licence": " ".join(licence.split()),
        "unit": "US dollars per million tokens; `request`: US dollars a call",
    }


def render(date: str) -> str:
    """The file, a line a model."""

    def line(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    blocks: list[str] = []
    for given in PROVIDERS:
        made = provider(given)
        models = made.pop("models")
        rows = ",\n".join(line(model) for model in models)
        blocks.append(line(made)[:-1] + ',"models":[\n' + rows + "\n]}")
    return '{"about":' + line(about(date)) + ',\n"providers":[\n' + ",\n".join(blocks) + "\n]}\n"


def main() -> None:
    FILE.write_text(render(datetime.datetime.now(datetime.UTC).date().isoformat()), "utf-8")


if __name__ == "__main__":
    main()
