"""One `jollyscope run`: the receiver starts, the program runs, the last exports come in."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from jollyscope.config import Config
from jollyscope.model.records import Record, SpanRecord
from jollyscope.receive.run.environment import for_program
from jollyscope.receive.run.process import Process
from jollyscope.receive.run.program import Program, Python, find, inspect
from jollyscope.receive.sink import Sink

if TYPE_CHECKING:
    from jollyscope.receive.otlp.server import OtlpServer
    from jollyscope.receive.otlp.stats import Counts

__all__ = ["MOST_TRACES", "RunResult", "run_program"]

MOST_TRACES = 1000
"""Traces of a run that are remembered one by one; a server that runs for days makes no end of them."""

_MOST_TROUBLES = 5
_QUIET_S = 0.15
_SETTLE_S = 2.0
_LOOK_S = 0.02


class RunResult(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a run. Times in Unix ns."""

    program: Program
    python: Python | None
    """What its interpreter has, for a Python program."""
    wrapped: bool
    """It ran under `opentelemetry-instrument`."""
    code: int
    """Its exit code, or minus the signal that ended it."""
    run_id: str
    """The resource attribute `jollyscope.run.id` of what it recorded."""
    trace_ids: list[str]
    """Of the spans that the receiver was sent, at most `MOST_TRACES`, in the order they came."""
    counts: Counts
    troubles: list[str]
    """What the receiver itself failed on, one sentence each."""
    began: int
    ended: int

    @property
    def exit_code(self) -> int:
        """As shells say it: 128 and the signal's number where one ended the program."""
        return self.code if self.code >= 0 else 128 - self.code


def run_program(
    command: Sequence[str],
    *,
    home: Path,
    config: Config,
    content: bool = True,
    instrument: bool = True,
    environ: Mapping[str, str] | None = None,
) -> RunResult:
    """Run `command` on this terminal with a receiver beside it that writes to the data directory
    `home`. Call from the main thread.

    `content` asks the program's instrumentation for prompts and answers; `instrument` wraps a
    Python program with `opentelemetry-instrument` where its environment has that. Raises
    `CannotRunError` before anything is started, and what the receiver raises.
    """
    base = dict(os.environ if environ is None else environ)
    program = find(command, base)
    python = _asked_while_loading(program, base)
    from jollyscope.receive.otlp.server import OtlpServer
    from jollyscope.receive.spool_sink import SpoolSink

    wrapper = _wrapper(program, python) if instrument else None
    run_id = secrets.token_hex(8)
    troubles: dict[str, None] = {}
    beside = msgspec.structs.replace(
        config.collect, host="127.0.0.1", http_port=0, grpc_port=0, token=None
    )
    with SpoolSink(home, config.spool, queue_bytes=beside.queue_mb << 20) as spool:
        noted = _Noting(spool)
        with OtlpServer(noted, beside, on_trouble=lambda e: _hear(troubles, e)) as server:
            variables = _variables(base, server, program, python, run_id, content)
            began = time.time_ns()
            with Process(
                [*wrapper, *program.argv] if wrapper else program.argv, variables
            ) as process:
                code = process.run()
            ended = time.time_ns()
            _settle(server)
            counts = server.stats
    return RunResult(
        program=program,
        python=python,
        wrapped=wrapper is not None,
        code=code,
        run_id=run_id,
        trace_ids=list(noted.trace_ids),
        counts=counts,
        troubles=list(troubles),
        began=began,
        ended=ended,
    )


def _asked_while_loading(program: Program, environ: Mapping[str, str]) -> Python | None:
    """What the program's interpreter has. It is asked while the receiver's modules load, which take
    as long.
    """
    if program.python is None:
        return None
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(inspect, program.python, environ)
        import_module("jollyscope.receive.otlp.server")
        return asked.result()


def _wrapper(program: Program, python: Python | None) -> list[str] | None:
    """`opentelemetry-instrument`, for a program that it can do something for and is not itself."""
    if python is None or python.instrument is None or not python.can_instrument:
        return None
    same = Path(program.argv[0]).name == Path(python.instrument).name
    return None if same else [python.instrument]


def _variables(
    base: Mapping[str, str],
    server: OtlpServer,
    program: Program,
    python: Python | None,
    run_id: str,
    content: bool,
) -> dict[str, str]:
    over_grpc = python is not None and python.grpc and not python.http
    return for_program(
        base,
        endpoint=server.grpc_endpoint if over_grpc else server.http_endpoint,
        protocol="grpc" if over_grpc else "http/protobuf",
        service=program.name,
        run_id=run_id,
        content=content,
        modes=python is not None and python.genai,
    )


def _settle(server: OtlpServer) -> None:
    """Wait until nothing more comes: a program may end without waiting for its last answer."""
    deadline = time.monotonic() + _SETTLE_S
    last, since = server.stats, time.monotonic()
    while time.monotonic() < deadline and time.monotonic() - since < _QUIET_S:
        time.sleep(_LOOK_S)
        now = server.stats
        if now != last or now.waiting:
            last, since = now, time.monotonic()


def _hear(troubles: dict[str, None], error: BaseException) -> None:
    if len(troubles) < _MOST_TROUBLES:
        troubles[f"{type(error).__name__}: {error}"] = None


class _Noting:
    """A sink that remembers which traces went through it."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self.trace_ids: dict[str, None] = {}

    def submit(self, records: Sequence[Record]) -> Future[None]:
        """See `Sink.submit`."""
        done = self._sink.submit(records)
        for record in records:
            if isinstance(record, SpanRecord) and len(self.trace_ids) < MOST_TRACES:
                self.trace_ids[record.trace_id] = None
        return done

    def close(self, timeout: float = 10.0) -> None:
        """See `Sink.close`."""
        self._sink.close(timeout)
