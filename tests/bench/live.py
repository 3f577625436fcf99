"""What watching costs: CPU and memory of windows and alerts over a stream of 2,000 spans a second.

    python -m tests.bench.live [--minutes 4]

Event time runs as fast as the machine allows; lines are as the SDK writes them, of eight tools, four
models, twenty users. Memory is what is there at each quarter beyond the start: minutes are kept until ten
behind the watermark, so it grows for 12 minutes and then no more.
"""

from __future__ import annotations

import argparse
import random
import resource
import time
from collections.abc import Iterator
from typing import Any

from jollyscope.analysis.live import LiveStats
from jollyscope.model.records import SpanRecord
from jollyscope.model.wire import encode
from tests.bench.table import print_rows, row

RATE = 2_000
_START = 1_790_000_000 * 10**9
_DISORDER_NS = 10 * 10**9


def main(*, minutes: int = 4) -> list[dict[str, Any]]:
    """CPU seconds for 100,000 spans, the share of a core at 2,000 a second, memory in 10^6 bytes."""
    stats, total = LiveStats(), minutes * 60 * RATE
    spent, alerts = 0.0, 0
    base = _memory()
    held: list[float] = []
    for number, batch in enumerate(batches(total), 1):
        began = time.thread_time()
        for line, written in batch:
            alerts += len(stats.hear(line, written))
        spent += time.thread_time() - began
        if number * RATE % (total // 4) == 0:
            held.append(_memory() - base)
    share = spent / total * RATE
    rows = [
        row("CPU for 100,000 spans", spent / total * 1e5, "s"),
        row(f"of a core at {RATE:,} spans/s", share * 100, "%", aim="< 10 %", met=share < 0.1),
        *(row(f"memory, quarter {at}", value / 1e6, "MB") for at, value in enumerate(held, 1)),
    ]
    print_rows(f"Live windows and alerts, {total:,} spans, {alerts} alerts", rows)
    return rows


def batches(total: int) -> Iterator[list[tuple[bytes, int]]]:
    """A second's lines each, with when they were written."""
    chance = random.Random(1)
    for second in range(total // RATE):
        now = _START + second * 10**9
        yield [
            (encode(span(second * RATE + n, now - chance.randrange(_DISORDER_NS), chance)), now)
            for n in range(RATE)
        ]


def span(number: int, start: int, chance: random.Random) -> SpanRecord:
    """A step of an agent; ten spans a trace."""
    act = number % 2 == 0
    length = chance.expovariate(1 / 400)
    return SpanRecord(
        trace_id=f"{number // 10 + 1:032x}", span_id=f"{number + 1:016x}", service="desk",
        session_id=f"s{number // 100}", user_id=f"u{chance.randrange(20)}",
        name="execute_tool" if act else "chat", step_type="act" if act else "think",
        start_time=start, end_time=start + int(length * 1e6), duration_ms=length,
        status="error" if chance.random() < 0.02 else "ok", input=f'{{"q":"北京 {number}"}}',
        output="晴, 22 degrees " * 8, tool_name=f"tool{chance.randrange(8)}" if act else None,
        model=None if act else f"model{chance.randrange(4)}",
        input_tokens=None if act else 900, output_tokens=None if act else 120,
        attributes={"gen_ai.operation.name": "chat", "n": number, "server.port": 443},
        resource={"service.name": "desk", "process.pid": 4242},
    )  # fmt: skip


def _memory() -> float:
    """Resident bytes now; where the system does not say, the most there were."""
    try:
        with open("/proc/self/statm") as statm:
            return int(statm.read().split()[1]) * resource.getpagesize()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024.0


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("--minutes", type=int, default=4)
    main(**vars(options.parse_args()))
