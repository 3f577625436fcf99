"""CPU and memory of this process, sampled at a low rate from the background thread."""

from __future__ import annotations

import os
import secrets
import time
from bisect import bisect_left
from typing import Any

import psutil

from jollyscope.model.records import MetricRecord

__all__ = ["Sampler"]

_KEEP = 4096


class Sampler:
    """Samples of cumulative CPU time, so that the mean over any span is a difference of two.

    `interval_ms` 0 takes none. CPU is `time.process_time_ns` (0.3 µs, so taken at every drain that
    has spans); memory is read through psutil (25 µs) every `interval_ms` only.
    """

    def __init__(self, interval_ms: int) -> None:
        self._interval = interval_ms * 1_000_000
        self._times: list[int] = []
        self._cpu: list[int] = []
        self._next = 0
        self._told: tuple[int, int] | None = None
        self._process: psutil.Process | None = None
        self._ids = secrets.token_hex(8)
        self._count = 0
        self.memory_mb: float | None = None

    def renewed(self) -> Sampler:
        """One without history: a forked child is another process."""
        return Sampler(self._interval // 1_000_000)

    def note_cpu(self) -> None:
        """Add a CPU sample for now."""
        if not self._interval:
            return
        self._times.append(time.time_ns())
        self._cpu.append(time.process_time_ns())
        if len(self._times) > _KEEP:
            # Thin the older half: long spans keep their mean, recent ones their resolution.
            del self._times[: _KEEP // 2 : 2], self._cpu[: _KEEP // 2 : 2]

    def sample(self) -> bool:
        """Take memory and CPU if the interval has passed; true when taken."""
        now = time.monotonic_ns()
        if not self._interval or now < self._next:
            return False
        self._next = now + self._interval
        try:
            if self._process is None:
                self._process = psutil.Process()
            self.memory_mb = self._process.memory_info().rss / 1e6
        except (psutil.Error, OSError):  # a locked-down system, without /proc for one
            self.memory_mb = None
        self.note_cpu()
        return True

    def cpu_percent(self, start: int, end: int) -> float | None:
        """Mean CPU between two Unix ns, 100 = one core; None without samples around them."""
        if len(self._times) < 2:
            return None
        # Shorter than the clock's steps of CPU accounting, the neighbouring samples decide.
        low = max(0, min(bisect_left(self._times, start) - 1, len(self._times) - 2))
        high = min(max(bisect_left(self._times, end), low + 1), len(self._times) - 1)
        begin, finish = max(start, self._times[low]), min(end, self._times[high])
        if finish - begin < 1_000_000:
            begin, finish = self._times[low], self._times[high]
        if finish <= begin:
            return None
        used = self._at(finish, high) - self._at(begin, low + 1)
        return round(max(0.0, used / (finish - begin) * 100), 2)

    def _at(self, when: int, index: int) -> float:
        """CPU time used by `when`, which lies between the samples at `index - 1` and `index`."""
        t0, t1 = self._times[index - 1], self._times[index]
        c0, c1 = self._cpu[index - 1], self._cpu[index]
        return c0 if t1 <= t0 else c0 + (c1 - c0) * (when - t0) / (t1 - t0)

    def metrics(self, service: str | None, resource: Any) -> list[MetricRecord]:
        """The samples since the last call as OpenTelemetry's process metrics."""
        if not self._times or self.memory_mb is None:
            return []
        before, self._told = self._told, (self._times[-1], self._cpu[-1])
        made = [self._metric("process.memory.usage", self.memory_mb * 1e6, "By", service, resource)]
        made[0].type, made[0].temporality, made[0].monotonic = "sum", "cumulative", False
        if before is not None and self._told[0] > before[0]:
            share = (self._told[1] - before[1]) / (self._told[0] - before[0]) / _cores()
            name = "process.cpu.utilization"
            made.append(self._metric(name, max(0.0, share), "1", service, resource))
            made[1].start_time = before[0]
        return made

    def _metric(
        self, name: str, value: float, unit: str, service: str | None, resource: Any
    ) -> MetricRecord:
        self._count += 1
        return MetricRecord(
            record_id=f"{self._ids}-{self._count:x}",
            name=name,
            time=self._times[-1],
            value=value,
            unit=unit,
            service=service,
            resource=resource,
            scope={"name": "jollyscope"},
        )


def _cores() -> int:
    """Cores that this process may use, as the metric's definition asks."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1
