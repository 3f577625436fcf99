"""Runs of the demo, recorded by the real SDK and read back from its spool."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

import jollyscope
from jollyscope.demo.api import run_demo
from jollyscope.demo.latency import Latency
from jollyscope.model.records import SpanRecord
from jollyscope.model.tree import settle
from jollyscope.model.wire import decode
from jollyscope.transport.spool import segments, spool_dir


class Recorded(NamedTuple):
    """A run of the demo: its trace ids, what it told, and the closed spans of each trace."""

    trace_ids: list[str]
    told: list[str]
    traces: dict[str, list[SpanRecord]]


Record = Callable[..., Recorded]


@pytest.fixture(scope="session")
def record(tmp_path_factory: pytest.TempPathFactory) -> Record:
    """Run tasks and read back what was recorded."""

    def run(
        tasks: Sequence[str] | None = None,
        *,
        environ: Mapping[str, str] | None = None,
        scale: float = 0,
    ) -> Recorded:
        home, told = tmp_path_factory.mktemp("home"), []
        jollyscope.shutdown()
        try:
            trace_ids = run_demo(
                tasks=tasks,
                home=home,
                on_progress=told.append,
                environ=environ or {},
                latency=Latency(scale),
            )
        finally:
            jollyscope.shutdown()
        return Recorded(trace_ids, told, read_back(home))

    return run


@pytest.fixture(autouse=True)
def _recording_is_on(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("OTEL_SDK_DISABLED", raising=False)
    monkeypatch.delenv("JOLLYSCOPE_SDK_ENABLED", raising=False)
    yield
    jollyscope.shutdown()


def read_back(home: Path) -> dict[str, list[SpanRecord]]:
    spans = [
        decode(line)
        for segment in segments(spool_dir(home))
        if segment.kind == "span"
        for line in segment.path.read_bytes().splitlines()
    ]
    traces: dict[str, list[SpanRecord]] = {}
    for span in settle(spans).values():
        traces.setdefault(span.trace_id, []).append(span)
    for found in traces.values():
        found.sort(key=lambda span: (span.start_time, span.span_id))
    return traces
