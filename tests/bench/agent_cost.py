"""What recording costs an agent, beside OpenTelemetry's own batch processor in the same run.

    python -m tests.bench.agent_cost [--quick]

(a) thread time a span with three attributes, the agent's thread alone, its garbage collections
included: our processor / `BatchSpanProcessor` with an exporter that does nothing, interleaved,
medians. (In this storm the peer says that it drops spans at its default bound of 2,048; ours writes
every one.) (b) wall time of an agent with steps of 10 ms, recorded / untraced, and with the same
steps on the batch processor, which is what OpenTelemetry's spans alone cost. (c) memory that
`import jollyscope; init()` adds to a process beside OpenTelemetry's provider and batch processor.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.bench.table import Row, print_rows, row

SPANS = 20_000
BATCH = "OpenTelemetry's batch processor"
REPEATS = 15


def main(*, quick: bool = False) -> list[dict[str, Any]]:
    """All measurements, as rows of the table."""
    repeats = 5 if quick else REPEATS
    rows = [
        *thread_time(repeats),
        *wall_time(3 if quick else 9),
        memory(5 if quick else 11),
    ]
    print_rows("What recording costs the agent", rows)
    return rows


def thread_time(repeats: int) -> list[dict[str, Any]]:
    """µs of the agent's thread a span: nothing, batch processor, ours without and with opens."""
    with tempfile.TemporaryDirectory() as home, ExitStack() as stack:
        closed, opened = (our_processor(Path(home), stack, open_records=o) for o in (False, True))
        loops = {
            "bare": tracer_with(None),
            "batch": tracer_with(batch_processor()),
            "ours": tracer_with(closed),
            "ours+open": tracer_with(opened),
        }
        taken: dict[str, list[float]] = {name: [] for name in loops}
        walls: dict[str, list[float]] = {name: [] for name in loops}
        for loop in loops.values():
            spans(loop, SPANS // 4)
        for _ in range(repeats):
            for name, loop in loops.items():
                time.sleep(0.25)  # let background threads finish the loop before
                gc.collect()
                wall, thread = time.perf_counter(), time.thread_time()
                spans(loop, SPANS)
                taken[name].append((time.thread_time() - thread) / SPANS * 1e6)
                walls[name].append((time.perf_counter() - wall) / SPANS * 1e6)
    medians = {name: statistics.median(values) for name, values in taken.items()}
    wall_medians = {name: statistics.median(values) for name, values in walls.items()}
    rows = [beside("bare span, thread time", medians["bare"], medians["batch"], None, "µs")]
    for name, aim in (("ours", 1.0), ("ours+open", 1.2)):
        rows.append(
            beside(f"{name}, thread time a span", medians[name], medians["batch"], aim, "µs")
        )
    for name in ("ours", "ours+open"):
        peer = wall_medians["batch"]
        rows.append(beside(f"{name}, wall a span, no pause", wall_medians[name], peer, None, "µs"))
    return rows


def spans(tracer: Any, count: int) -> None:
    """The agent: a span with three attributes, over and over."""
    for number in range(count):
        with tracer.start_as_current_span("step") as span:
            span.set_attribute("a", number)
            span.set_attribute("b", "text")
            span.set_attribute("c", 1.5)


def tracer_with(processor: Any | None) -> Any:
    """A tracer of a provider of its own."""
    from opentelemetry.sdk.trace import TracerProvider

    provider = TracerProvider(shutdown_on_exit=False)
    if processor is not None:
        provider.add_span_processor(processor)
    return provider.get_tracer("bench")


def batch_processor() -> Any:
    """OpenTelemetry's own, with its default settings and an exporter that does nothing."""
    from opentelemetry.sdk.trace.export import (
        BatchSpanProcessor,
        SpanExporter,
        SpanExportResult,
    )

    class Nothing(SpanExporter):
        def export(self, spans: Any) -> SpanExportResult:
            return SpanExportResult.SUCCESS

    return BatchSpanProcessor(Nothing())


def our_processor(home: Path, stack: ExitStack, *, open_records: bool) -> Any:
    """Ours as `init()` makes it, writing to a real spool, stopped with `stack`."""
    from jollyscope.config import Config, SdkConfig
    from jollyscope.sdk.convert import Converter
    from jollyscope.sdk.setup import make_recorder
    from jollyscope.sdk.texts import Texts
    from jollyscope.sdk.trouble import Trouble

    config, trouble = Config(sdk=SdkConfig(open_records=open_records)), Trouble()
    texts = Texts(config.sdk.max_text, None, trouble)
    root = home / str(open_records)
    recorder, processor = make_recorder(config, root, Converter(texts), trouble)
    stack.callback(finish, recorder)
    return processor


def finish(recorder: Any) -> None:
    """Stop; a lost span would make the comparison unfair."""
    recorder.stop(30)
    assert recorder.dropped == 0, recorder.dropped


def wall_time(repeats: int) -> list[dict[str, Any]]:
    """Seconds of an agent with steps of 10 ms: recorded, untraced, and with the same steps on
    OpenTelemetry's own processor that sends nothing anywhere; interleaved.

    A step that comes after 10 ms of sleep finds cold caches: OpenTelemetry's spans alone then take
    most of what recording takes.
    """
    import jollyscope
    from jollyscope.sdk.live import Live

    with tempfile.TemporaryDirectory() as home:
        taken: dict[str, list[float]] = {"ours": [], "untraced": [], "batch": []}
        batch = tracer_with(batch_processor())
        for _ in range(repeats):
            taken["untraced"].append(timed(agent))
            Live.tracer = batch
            taken["batch"].append(timed(agent))
            Live.tracer = None
            jollyscope.init("bench", home=home)
            taken["ours"].append(timed(agent))
            jollyscope.shutdown()
    ours, untraced, peer = (statistics.median(taken[key]) for key in ("ours", "untraced", "batch"))
    return [
        beside("agent with 10 ms steps, wall", ours, untraced, 1.01, "s", "untraced"),
        beside("its steps, batch processor, wall", peer, untraced, None, "s", "untraced"),
        beside("agent, by the batch processor's", ours, peer, 1.01, "s"),
    ]


def agent() -> None:
    """50 steps of 10 ms with what a real step has: input, output, tokens."""
    import jollyscope

    with jollyscope.run("agent", input="question") as run:
        for _ in range(25):
            with jollyscope.think(
                "plan", model="m", input=[{"role": "user", "content": "x" * 500}]
            ) as t:
                time.sleep(0.01)
                t.output("y" * 500)
                t.usage(input_tokens=10, output_tokens=20)
            with jollyscope.act("search", input={"q": "z"}) as tool:
                time.sleep(0.01)
                tool.output({"hits": list(range(20))})
        run.output("answer")


def timed(call: Callable[[], None]) -> float:
    """Wall seconds of one call."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


_PEER = """
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
provider = TracerProvider(); trace.set_tracer_provider(provider)
provider.add_span_processor(BatchSpanProcessor(SpanExporter()))
tracer = trace.get_tracer("bench")
"""
_OURS = """
import jollyscope, sys
jollyscope.init("bench", home=sys.argv[1])
from opentelemetry import trace
tracer = trace.get_tracer("bench")
"""
_MEASURE = """
with tracer.start_as_current_span("a"):
    pass
import time; time.sleep(0.3)
import psutil
print(psutil.Process().memory_full_info().uss)
"""


def memory(repeats: int) -> dict[str, Any]:
    """MB (10^6) of memory of their own (USS) of processes after set-up and one span."""
    with tempfile.TemporaryDirectory() as home:
        found: dict[str, list[float]] = {_PEER: [], _OURS: []}
        for _ in range(repeats):
            for code, values in found.items():
                command = [sys.executable, "-c", code + _MEASURE, home]
                done = subprocess.run(command, check=True, capture_output=True, text=True)
                values.append(int(done.stdout) / 1e6)
    ours, peer = statistics.median(found[_OURS]), statistics.median(found[_PEER])
    more = ours - peer
    return row(
        "memory of the process",
        ours,
        "MB",
        peer=BATCH,
        peer_value=peer,
        aim="<= 15 more",
        met=more <= 15,
    )


def beside(
    what: str, ours: float, peer: float, aim: float | None, unit: str, named: str = BATCH
) -> Row:
    """A row that is to be at most `aim` times the peer's."""
    return row(
        what, ours, unit, peer=named, peer_value=peer,
        aim="" if aim is None else f"<= {aim} x", met=None if aim is None else ours / peer <= aim,
    )  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer repeats")
    main(quick=parser.parse_args().quick)
