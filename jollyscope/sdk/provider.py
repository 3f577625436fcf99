"""The tracer provider: the one that is there, else a new one."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from opentelemetry import trace
from opentelemetry.sdk.environment_variables import OTEL_RESOURCE_ATTRIBUTES, OTEL_SERVICE_NAME
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider

from jollyscope.sdk.capture import attribute

__all__ = ["current_provider", "join", "make_provider"]


def current_provider() -> Any | None:
    """The provider that the program set up itself, or None."""
    provider = trace.get_tracer_provider()
    # Before any is set, OpenTelemetry answers with a stand-in of this very class.
    return None if type(provider) is trace.ProxyTracerProvider else provider


def join(provider: Any, processor: SpanProcessor) -> bool:
    """Add the processor, to the SDK's provider or to anything that wraps one and can do so."""
    add = getattr(provider, "add_span_processor", None)
    if add is None:
        return False
    add(processor)
    return True


def make_provider(service: str | None, resource: Mapping[str, Any] | None) -> TracerProvider:
    """A provider of our own, set as the global one. Sampler, limits and resource detectors are
    OpenTelemetry's and read their `OTEL_*` variables.
    """
    attributes = {str(key): attribute(value) for key, value in (resource or {}).items()}
    name = service or attributes.get("service.name") or _named_by_environment() or program_name()
    attributes["service.name"] = cast(str, name)
    provider = TracerProvider(resource=Resource.create(attributes))
    trace.set_tracer_provider(provider)
    return provider


def _named_by_environment() -> str | None:
    name = os.environ.get(OTEL_SERVICE_NAME, "").strip()
    if name:
        return name
    for item in os.environ.get(OTEL_RESOURCE_ATTRIBUTES, "").split(","):
        key, _, value = item.partition("=")
        if key.strip() == "service.name" and value.strip():
            return value.strip()
    return None


def program_name() -> str:
    """`agent` for `python agent.py`, `pkg` for `python -m pkg`, `python` where there is no name."""
    path = Path(sys.argv[0] if sys.argv else "")
    if path.name == "__main__.py":
        return path.parent.name or "python"
    return path.stem if path.stem not in ("", "-", "-c", "-m") else "python"
