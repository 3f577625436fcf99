"""An agent of Pydantic AI with a model of its own making, traced by its own instrumentation and sent
by OpenTelemetry's stock exporters. It prints its spans as an exporter in memory saw them.
"""

from __future__ import annotations

import asyncio
import json
import os
from contextlib import suppress
from typing import Any

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pydantic_ai import Agent
from pydantic_ai.messages import ModelResponse, TextPart, ToolCallPart, ToolReturnPart
from pydantic_ai.models.function import FunctionModel
from spans_as_json import plain  # beside this program


def set_up() -> TracerProvider:
    """The provider that `opentelemetry-instrument` made, else one of our own."""
    provider = trace.get_tracer_provider()
    if isinstance(provider, TracerProvider):
        return provider
    if os.environ["OTEL_EXPORTER_OTLP_PROTOCOL"] == "grpc":
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
    else:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    return provider


def model(messages: Any, _info: Any) -> ModelResponse:
    """Calls the tool for two cities at once, then answers from what came back."""
    returned = [p for m in messages for p in m.parts if isinstance(p, ToolReturnPart)]
    if returned:
        return ModelResponse(parts=[TextPart("; ".join(str(p.content) for p in returned))])
    calls = [ToolCallPart("weather", {"city": city}) for city in ("北京", "Paris")]
    return ModelResponse(parts=[TextPart("Let me look 👀."), *calls])


async def weather(city: str) -> str:
    """The weather in a city."""
    await asyncio.sleep(0.01)
    return f"sunny in {city} ☀"


def broken() -> str:
    """Never works."""
    raise ValueError("no such station")


async def main() -> None:
    """One run that goes well, and one whose tool fails."""
    provider = set_up()
    peer = InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(peer))
    Agent.instrument_all()
    agent = Agent(
        FunctionModel(model), name="weather-agent", tools=[weather], system_prompt="Be brief."
    )
    await agent.run("weather?")
    calls = FunctionModel(lambda *_: ModelResponse(parts=[ToolCallPart("broken", {})]))
    failing = Agent(calls, name="failing", tools=[broken])
    with suppress(ValueError):
        await failing.run("break")
    provider.force_flush()
    print(json.dumps([plain(span) for span in peer.get_finished_spans()]))


asyncio.run(main())
