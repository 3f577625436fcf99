"""What is live, in memory: parts that are well or not, and a follower that hears what a test says."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from jollyscope.backend.health import Report
from jollyscope.backend.probes.probe import Health, State, worst
from jollyscope.errors import StoreError
from jollyscope.model.records import Record
from jollyscope.model.wire import KIND_OF, encode
from jollyscope.transport.following.api import KINDS, Heard, Kinds, Standing, Start

WELL = (
    ("collector", "OTLP is received at http://127.0.0.1:4318 and http://127.0.0.1:4317.", {}),
    ("kafka", "1 broker, 7 topics, readers at most 12 behind.",
     {"brokers": 1, "topics": 7, "missing": [], "lag": {"jollyscope-clean": 12, "jollyscope-stats": 3}}),
    ("flink", "3 jobs run, last checkpoint 4.20s ago.",
     {"version": "2.0.0", "jollyscope clean": {"state": "RUNNING", "checkpoint_age_ms": 4200.0}}),
    ("clickhouse", "ClickHouse 25.8.2.29, newest row 840ms old.",
     {"version": "25.8.2.29", "newest_row_age_ms": 840.0, "refused": 0}),
    ("grafana", "Grafana 12.1.1 answers.", {"version": "12.1.1", "database": "ok"}),
    ("spool", "Nobody is recording, 0 B waiting to be moved into the lake.",
     {"waiting_bytes": 0, "writers_alive": 0}),
    ("disk", "120.0 GB free of 500.0 GB, where /home/ann is.", {"free_bytes": 120 * 10**9}),
)  # fmt: skip

EMBEDDED = (
    ("spool", "2 processes are recording, 1.2 MB waiting to be moved into the lake.",
     {"waiting_bytes": 1_200_000, "writers_alive": 2, "writers": 3, "unreadable": []}),
    ("lake", "41 parts, 812.0 MB, last written 3m 07s ago.",
     {"version": "DuckDB 1.4.2", "parts": 41, "bytes": 812_000_000, "written_age_ms": 187_000.0}),
    ("disk", "120.0 GB free of 500.0 GB, where /home/ann is.", {"free_bytes": 120 * 10**9}),
)  # fmt: skip


def part(
    name: str, sentence: str, facts: dict[str, Any], state: State = "ok", hint: str = ""
) -> Health:
    return Health(
        name=name, state=state, sentence=sentence, facts=facts, hint=hint, took_ms=len(name) * 1.5
    )


def report(*parts: Health) -> Report:
    bad = [one.name for one in parts if one.state != "ok"]
    said = f"Not well: {', '.join(bad)}." if bad else f"All {len(parts)} parts are well."
    return Report(worst(list(parts)), said, list(parts))


def well() -> Report:
    return report(*(part(*one) for one in WELL))


def embedded() -> Report:
    return report(*(part(*one) for one in EMBEDDED))


def unwell() -> Report:
    """Kafka is late, Flink's jobs fail, Grafana is not asked in time, a 卷 is nearly full."""
    parts = {one[0]: part(*one) for one in WELL}
    parts["kafka"] = part(
        "kafka", "jollyscope-clean is 184k messages behind.",
        {"brokers": 1, "lag": {"jollyscope-clean": 184_000}}, "degraded",
        "It catches up once less comes; more of it is docs/backend.md, Sizing.",
    )  # fmt: skip
    parts["flink"] = part(
        "flink", "Nothing answers at http://127.0.0.1:8081: connection refused.", {}, "down",
        "`jollyscope logs flink` says why.",
    )  # fmt: skip
    parts["grafana"] = part(
        "grafana", "No answer within 15 s.", {}, "unknown", "`jollyscope logs grafana` may say why."
    )
    parts["disk"] = part(
        "disk", "40.0 GB free of 500.0 GB, where /home/安/数据 is.", {}, "degraded", "Free some."
    )
    return report(*parts.values())


class FakeHealth:
    """A `HealthSource` that answers by `answer`; `before` may wait or raise."""

    def __init__(self, before: Callable[[], None]) -> None:
        self.before = before
        self.answer: Callable[[], Report] = well
        self.asked: list[tuple[bool, bool]] = []

    def report(self, *, deep: bool = False, send: bool = True) -> Report:
        self.asked.append((deep, send))
        self.before()
        return self.answer()


class FakeFollower:
    """Hears what it is told."""

    def __init__(
        self, start: Start, kinds: Kinds, backlog: list[Heard], standing: Standing
    ) -> None:
        self.start, self.kinds = start, kinds
        self.standing = standing
        self.closed = False
        self._waiting = list(backlog)
        self._changed = threading.Condition()

    def tell(self, heard: list[Heard]) -> None:
        with self._changed:
            self._waiting += [one for one in heard if one.kind in self.kinds]
            self._changed.notify()

    def poll(self, timeout: float) -> list[Heard]:
        until = time.monotonic() + timeout
        with self._changed:
            while not self._waiting and (left := until - time.monotonic()) > 0:
                self._changed.wait(left)
            heard, self._waiting = self._waiting, []
            return heard

    def close(self) -> None:
        self.closed = True


SPOOL = Standing("spool", True, "", 0, 0)


class FakeLive:
    """A `LiveSource`. Without `there` no follower can be had; `backlog` is heard by each at once."""

    def __init__(self) -> None:
        self.there = False
        self.backlog: list[Heard] = []
        self.followers: list[FakeFollower] = []
        self.standing = SPOOL

    def follow(self, start: Start, kinds: Kinds = KINDS) -> FakeFollower:
        if not self.there:
            raise StoreError("Nothing can be followed here.", hint="Try elsewhere.")
        backlog = [one for one in self.backlog if one.kind in kinds]
        follower = FakeFollower(start, kinds, backlog, self.standing)
        self.followers.append(follower)
        return follower

    def say(self, *records: Record) -> None:
        """Every follower hears these."""
        for follower in self.followers:
            follower.tell([heard(record) for record in records])

    def stand(self, standing: Standing) -> None:
        """Every follower stands so."""
        self.standing = standing
        for follower in self.followers:
            follower.standing = standing


def heard(record: Record) -> Heard:
    return Heard(KIND_OF[type(record)], encode(record), 0)
