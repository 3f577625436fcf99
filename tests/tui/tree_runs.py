"""Traces with something to mark: loops, gaps, a failure with a cause, a chain of levels."""

from __future__ import annotations

from jollyscope.model.records import SpanRecord
from tests.tui import fakes
from tests.tui.fakes import span


def call(number: int, at: float, arguments: str, **more: object) -> SpanRecord:
    """A tool call of half a second in the run."""
    fields = {
        "name": "execute_tool search", "step_type": "act", "tool_name": "search",
        "input": arguments, "output": "nothing found",
    }  # fmt: skip
    return span(number, 1, at, 0.5, **(fields | more))


def looping_run() -> list[SpanRecord]:
    """The same search again and again, with time between that nothing accounts for."""
    same, same_again = '{"q": "weather", "n": 3}', '{"n":3,"q":"weather"}'
    return [
        span(1, None, 0, 20, name="agent", step_type="user_input", input="What is the weather?"),
        call(2, 0.2, same),
        call(3, 1.0, same_again),
        span(4, 1, 1.6, 1.4, name="think", step_type="think", output="Once more.", model="gpt-4o"),
        call(5, 9, same),
        call(6, 10, '{"q": "rain"}'),
        call(7, 11, same),
        span(8, 7, 11.1, 0.2, name="GET /search", kind="client"),
        span(9, 1, 12, 6, name="answer", step_type="response", output="I do not know."),
    ]


def failing_run() -> list[SpanRecord]:
    """A failure that was survived, then one that went up to the root."""
    bad = {"status": "error", "error_type": "ValueError", "error_message": "no such city"}
    return [
        span(1, None, 0, 10, name="agent", step_type="user_input", input="Go", **bad),
        span(2, 1, 0, 2, name="first try", step_type="other"),
        call(3, 0.5, '{"q": 1}', parent_span_id=fakes.span_id(2), **bad),
        span(4, 1, 3, 6, name="second try", step_type="other", **bad),
        span(5, 4, 3.5, 5, name="fetch", step_type="act", tool_name="fetch", **bad),
        span(6, 5, 4, 4, name="parse", **bad),
    ]


def live_run() -> list[SpanRecord]:
    """One at work, one broken off."""
    return [
        span(1, None, 50, None, name="agent", step_type="user_input", input="Go on"),
        span(
            2, 1, 50.5, 3, name="crashed", step_type="act", tool_name="shell", state="interrupted"
        ),
        span(3, 1, 54, None, name="search", step_type="act", tool_name="search"),
    ]
