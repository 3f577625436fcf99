"""A real framework: spans of Pydantic AI's own instrumentation, each of its versions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args, get_type_hints

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from jollyscope.model.messages import Conversation, Message, Part
from jollyscope.semconv import wire_attributes
from jollyscope.semconv.messages import conversation

pydantic_ai = pytest.importorskip("pydantic_ai")

from pydantic_ai import Agent  # noqa: E402
from pydantic_ai.messages import (  # noqa: E402
    ModelMessage,
    ModelResponse,
    TextPart,
    ThinkingPart,
    ToolCallPart,
)
from pydantic_ai.models.function import AgentInfo, FunctionModel  # noqa: E402
from pydantic_ai.models.instrumented import InstrumentationSettings  # noqa: E402

VERSIONS: Sequence[Any] = get_args(get_type_hints(InstrumentationSettings.__init__)["version"])


def answer(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
    if len(messages) == 1:
        call = ToolCallPart("weather", {"city": "東京"}, tool_call_id="c1")
        return ModelResponse(parts=[ThinkingPart("Hm."), call])
    return ModelResponse(parts=[TextPart("Sunny ☀️")])


def spans(version: Any) -> Sequence[ReadableSpan]:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    settings = InstrumentationSettings(tracer_provider=provider, version=version)
    agent = Agent(FunctionModel(answer), instructions="Be kind.")
    agent.instrument = settings

    @agent.tool_plain
    def weather(city: str) -> dict[str, str]:
        return {"sky": f"clear over {city}"}

    agent.run_sync("Weather?")
    provider.shutdown()
    return exporter.get_finished_spans()


def own(span: ReadableSpan) -> Conversation:
    return conversation(wire_attributes(dict(span.attributes or {}), str), ())


SYSTEM = Message(role="system", parts=[Part(kind="text", text="Be kind.")])
ASKED = Message(role="user", parts=[Part(kind="text", text="Weather?")])
CALLED = Message(
    role="assistant",
    parts=[
        Part(kind="reasoning", text="Hm."),
        Part(kind="tool_call", id="c1", name="weather", arguments={"city": "東京"}),
    ],
)
RESULT = Message(
    role="tool",
    parts=[Part(kind="tool_result", id="c1", name="weather", result={"sky": "clear over 東京"})],
)
ANSWER = Message(role="assistant", parts=[Part(kind="text", text="Sunny ☀️")])


@pytest.mark.filterwarnings("ignore:Instrumentation format")
@pytest.mark.parametrize("version", VERSIONS)
def test_model_calls_and_the_run(version: Any) -> None:
    made = sorted(spans(version), key=lambda span: span.start_time or 0)
    run, *rest = made
    first, second = [span for span in rest if span.name.startswith("chat")]
    assert own(first) == Conversation(input=[SYSTEM, ASKED], output=[CALLED])
    assert own(second) == Conversation(input=[SYSTEM, ASKED, CALLED, RESULT], output=[ANSWER])
    assert own(run) == own(second)
    tools = [span for span in rest if not span.name.startswith("chat")]
    assert [bool(own(span)) for span in tools] == [False] * len(tools)
