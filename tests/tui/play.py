"""`python -m tests.tui.play SCENE`: the real explorer on a real terminal over a source in memory."""

from __future__ import annotations

import resource
import sys
import time

from jollyscope.errors import JollyScopeError
from jollyscope.model.records import SpanRecord
from jollyscope.query.loading import LoadedTrace
from jollyscope_tui.opening import Opening
from jollyscope_tui.starting import run_with
from tests.tui import fakes
from tests.tui.fake_million import million


class TimedSource(fakes.FakeSource):
    """Remembers when it gave a trace, on the clock that all processes share."""

    returned = 0.0

    def load_trace(self, text: str) -> LoadedTrace:
        trace = super().load_trace(text)
        self.returned = time.monotonic()
        return trace


def with_calls(spans: list[SpanRecord]) -> list[SpanRecord]:
    """The same spans, their tool calls repeated every so often."""
    for number, span in enumerate(spans):
        if span.step_type == "act":
            span.tool_name, span.input = "search", f'{{"q": {number % 5_000}}}'
    return spans


def source(scene: str) -> tuple[fakes.FakeSource, str | None]:
    one = fakes.trace_id(1)
    if scene.startswith("huge"):
        spans = with_calls(fakes.huge_run(int(scene[4:] or 100_000)))
        return TimedSource(fakes.varied_rows(), {one: spans}), one
    if scene.startswith("deep"):
        spans = fakes.deep_run(int(scene[4:] or 5_000))
        return TimedSource(fakes.varied_rows(), {one: spans}), one
    if scene == "million":
        return million(), None
    if scene == "list":
        rows = [fakes.row(n) for n in range(1, 100_001)]
        return fakes.FakeSource(rows, {one: fakes.agent_run()}), None
    if scene == "missing":
        return fakes.FakeSource(fakes.varied_rows()), "abc"
    return fakes.FakeSource(fakes.varied_rows(), {one: fakes.agent_run()}), None


def main() -> int:
    made, target = source(sys.argv[1])
    try:
        code = run_with(made, now=lambda: fakes.NOW, opens=Opening(trace=target))
    except JollyScopeError as error:
        print(error, file=sys.stderr)
        code = int(error.exit_code)
    if isinstance(made, TimedSource):
        print(f"query returned at {made.returned:.3f}")
    print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss} kB")
    return code


if __name__ == "__main__":
    sys.exit(main())
