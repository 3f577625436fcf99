"""A real framework's own instrumentation: Pydantic AI with its function model, every version of it."""

from __future__ import annotations

import warnings

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from jollyscope.model.records import SpanRecord
from jollyscope.sdk.convert import Converter
from jollyscope.sdk.taken import take_public

pytest.importorskip("pydantic_ai", reason="comes with the test extra")

from pydantic_ai import Agent
from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart, ToolCallPart
from pydantic_ai.models.function import AgentInfo, FunctionModel
from pydantic_ai.models.instrumented import InstrumentationSettings

QUESTION = "What is the weather in Paris?"


def _answers(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
    if len(messages) == 1:
        return ModelResponse(parts=[ToolCallPart("get_weather", {"city": "Paris"})])
    return ModelResponse(parts=[TextPart("It is sunny.")])


def recorded(version: int) -> list[SpanRecord]:
    """The records of one run, in time order."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the older versions are deprecated, and still about
        settings = InstrumentationSettings(tracer_provider=provider, version=version)  # type: ignore[arg-type] - a literal there
        Agent.instrument_all(settings)
        try:
            agent = Agent(FunctionModel(_answers), name="meteo")
            agent.tool_plain(name="get_weather")(lambda city: f"sunny in {city}")  # type: ignore[misc]
            agent.run_sync(QUESTION)
        finally:
            Agent.instrument_all(False)
    spans = sorted(exporter.get_finished_spans(), key=lambda span: span.start_time or 0)
    converter = Converter(lambda text: text)
    return [converter.closed(take_public(span, events=True)) for span in spans]


@pytest.mark.parametrize("version", [2, 3, 4, 5])
def test_a_run(version: int):
    steps = [r for r in recorded(version) if r.step_type != "other"]
    assert [step.step_type for step in steps] == ["user_input", "think", "act", "think"]
    run, first, act, last = steps
    assert (run.input, run.output) == (QUESTION, "It is sunny.")
    assert (first.input, first.output) == (QUESTION, 'get_weather({"city":"Paris"})')
    assert (act.tool_name, act.input, act.output) == (
        "get_weather",
        '{"city":"Paris"}',
        "sunny in Paris",
    )
    assert act.tool_call_id
    assert (last.input, last.output) == ("sunny in Paris", "It is sunny.")
    # The run repeats the sums of its calls.
    assert run.input_tokens is None
    assert first.input_tokens
    assert last.output_tokens
    assert run.session_id == last.session_id
    # A model of one's own has no price.
    assert [step.cost_usd for step in steps] == [None] * 4
