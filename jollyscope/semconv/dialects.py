"""The dialects that attributes come in, and where each is written down."""

from __future__ import annotations

__all__ = ["DIALECTS"]

DIALECTS: dict[str, tuple[str, str]] = {
    # Label in the tables: name for people, where its attributes are documented.
    "jollyscope": ("JollyScope", "the SDK's guide, [sdk.md](sdk.md)"),
    "otel": (
        "OpenTelemetry",
        "[semantic conventions for generative AI]"
        "(https://github.com/open-telemetry/semantic-conventions-genai), for MCP, sessions, users "
        "and errors, every name from 1.27 on",
    ),
    "adk": (
        "Google ADK",
        "[telemetry of the Agent Development Kit](https://google.github.io/adk-docs/observability/)",
    ),
    "ai-sdk": (
        "Vercel AI SDK",
        "[AI SDK telemetry](https://ai-sdk.dev/docs/ai-sdk-core/telemetry), versions 3 to 7",
    ),
    "pydantic-ai": (
        "Pydantic AI",
        "[instrumentation settings, versions 1 to 5](https://ai.pydantic.dev/logfire/), and Logfire",
    ),
    "openinference": (
        "OpenInference",
        "[semantic conventions]"
        "(https://github.com/Arize-ai/openinference/blob/main/spec/semantic_conventions.md); CrewAI, "
        "LangChain, LangGraph, OpenAI Agents, smolagents and others through its instrumentations",
    ),
    "openllmetry": (
        "OpenLLMetry",
        "[semantic conventions](https://www.traceloop.com/docs/openllmetry/contributing/"
        "semantic-conventions), also their older names",
    ),
    "langsmith": (
        "LangSmith",
        "[OpenTelemetry attributes](https://docs.langchain.com/langsmith/trace-with-opentelemetry)",
    ),
    "kagent": ("kagent", "[tracing](https://kagent.dev/docs/kagent/observability/tracing)"),
    "azure": (
        "Azure AI Foundry",
        "[tracing of the agent service]"
        "(https://learn.microsoft.com/azure/ai-foundry/how-to/develop/trace-agents-sdk)",
    ),
    "langfuse": (
        "Langfuse",
        "[property mapping](https://langfuse.com/integrations/native/opentelemetry), also its export",
    ),
}
