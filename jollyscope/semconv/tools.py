"""Tools that a model was offered along with a call: what they are for and what they take, in whatever
dialect they are told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from jollyscope.model.records import SpanEvent
from jollyscope.semconv.messages.flat import branch
from jollyscope.semconv.messages.otel import DETAILS
from jollyscope.semconv.messages.reading import as_dict, as_list, first, read, word

__all__ = ["OFFERS", "Offer", "Tool", "tools_offered"]


class Tool(msgspec.Struct, frozen=True, kw_only=True):
    """A tool as a model is told of it."""

    name: str
    description: str | None = None
    parameters: dict[str, Any] | None = None
    """JSON Schema of its arguments; None where the trace does not say."""
    strict: bool = False
    """Whether arguments must fit the schema (OpenAI's `strict`)."""


class Offer(NamedTuple):
    """An attribute that lists tools, or with a dot at its end what such attributes begin with."""

    name: str
    dialect: str
    says: str
    request: bool = False
    """Whether the value is all that a model was asked, the tools somewhere in it."""


OFFERS: tuple[Offer, ...] = (
    Offer("gen_ai.tool.definitions", "otel", "a list of definitions"),
    Offer("llm.tools.", "openinference", "`N.tool.json_schema`: a definition each"),
    Offer("llm.request.functions.", "openllmetry", "`N.name`, `N.description`, `N.parameters`"),
    Offer("ai.prompt.tools", "ai-sdk", "a list of definitions"),
    Offer("model_request_parameters", "pydantic-ai", "a request", request=True),
    Offer("gcp.vertex.agent.llm_request", "adk", "a request", request=True),
    Offer("llm.invocation_parameters", "openinference", "a request", request=True),
    Offer(
        "langfuse.observation.input", "langfuse", "a request, or definitions among messages",
        request=True,
    ),
    Offer("input.value", "openinference", "a request", request=True),
)  # fmt: skip
"""In order of precedence: the first counts that says what a tool takes, else the first with a name."""

_LISTS = ("tools", "functions", "function_tools", "output_tools", "function_declarations",
          "functionDeclarations")  # fmt: skip
_BODIES = ("config", "toolConfig", "kwargs", "invocation_params")
"""Members of a request that hold such lists in their turn."""
_HOLDERS = ("function", "tool", "json_schema", "toolSpec", "tool_spec", "custom")
_SCHEMAS = ("parameters", "input_schema", "inputSchema", "parameters_json_schema",
            "parametersJsonSchema")  # fmt: skip
_DEEPEST = 6


def tools_offered(attributes: Mapping[str, Any], events: Sequence[SpanEvent] = ()) -> list[Tool]:
    """The tools that a span's attributes list, each name once, in their order. Never raises."""
    named: list[Tool] = []
    for found in _listed(attributes, events):
        if any(tool.parameters is not None for tool in found):
            return found
        named = named or found
    return named


def _listed(attributes: Mapping[str, Any], events: Sequence[SpanEvent]) -> Iterator[list[Tool]]:
    held = [attributes, *(event.attributes for event in events if event.name == DETAILS)]
    for offer in OFFERS:
        for where in held:
            yield _once(_read(offer, where))


def _read(offer: Offer, attributes: Mapping[str, Any]) -> Iterator[Tool]:
    if offer.name.endswith("."):
        return _defined(branch(attributes, offer.name))
    value = attributes.get(offer.name)
    # Most requests are long, and most of them offer nothing.
    if value is None or (isinstance(value, str) and '"name' not in value):
        return iter(())
    return (_requested if offer.request else _defined)(read(value))


def _once(tools: Iterable[Tool]) -> list[Tool]:
    found: dict[str, Tool] = {}
    for tool in tools:
        found.setdefault(tool.name, tool)
    return list(found.values())


def _requested(value: Any, depth: int = 0) -> Iterator[Tool]:
    """The tools of a request; of a list those that stand behind the messages, as LangChain's tracers
    have them.
    """
    for item in as_list(value) or ():
        message = as_dict(item) or {}
        content = as_dict(message.get("content")) if "role" in message else None
        if content is not None and content.get("type") == "function":
            yield from _defined([content])
    body = as_dict(value)
    if body is None or depth > _DEEPEST:
        return
    for name in _LISTS:
        yield from _defined(read(body.get(name)), depth)
    for name in _BODIES:
        yield from _requested(read(body.get(name)), depth + 1)


def _defined(value: Any, depth: int = 0) -> Iterator[Tool]:
    """The tools of a list of definitions, whichever provider's."""
    for item in as_list(value) or ():
        body = as_dict(read(item))
        while body is not None and "name" not in body and depth <= _DEEPEST:
            depth += 1
            yield from _requested(body, depth)  # Gemini: several in one
            body = next((held for n in _HOLDERS if (held := as_dict(read(body.get(n))))), None)
        if body is not None:
            yield from _tool(body)


def _tool(body: dict[str, Any]) -> Iterator[Tool]:
    name = word(body.get("name"))
    if name is None:
        return
    schema = as_dict(read(first(body, *_SCHEMAS)))
    if schema is not None:
        schema = as_dict(first(schema, "json", "jsonSchema")) or schema
    yield Tool(
        name=name,
        description=word(body.get("description")),
        parameters=None if schema is None else _schema(schema),
        strict=body.get("strict") is True,
    )


_BY_NAME = frozenset({"properties", "patternProperties", "$defs", "definitions"})
_OF_ONE = frozenset({"items", "additionalProperties", "not", "contains"})
_OF_SEVERAL = frozenset({"anyOf", "allOf", "oneOf", "prefixItems"})


def _schema(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with the names of types as JSON Schema has them: Gemini's are in capitals."""
    return {name: _member(name, value) for name, value in schema.items()}


def _member(name: str, value: Any) -> Any:
    if name == "type" and isinstance(value, str):
        return value.lower()
    inner = as_dict(value)
    if inner is not None and name in _BY_NAME:
        return {key: _sub(item) for key, item in inner.items()}
    if name in _OF_SEVERAL:
        return [_sub(item) for item in as_list(value) or ()]
    return _sub(value) if name in _OF_ONE else value


def _sub(value: Any) -> Any:
    inner = as_dict(value)
    return value if inner is None else _schema(inner)
