"""What `init()` has set up, for the steps to find: nothing before, nothing after `shutdown()`."""

from __future__ import annotations

from opentelemetry.trace import Tracer

__all__ = ["Live"]


class Live:
    """`tracer` is None until `init()`, when disabled, and after `shutdown()`: steps do nothing."""

    tracer: Tracer | None = None
