"""Whoever watches a lake writes each alert once, whenever it began and however many others watch."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import pytest

from jollyscope.analysis.live import LiveStats
from jollyscope.analysis.live.watching import Watch
from jollyscope.backend.loading import BackgroundLoader
from jollyscope.model.records import EventRecord, SpanRecord
from jollyscope.model.wire import decode, encode_lines
from jollyscope.query.alerts import recent_alerts
from jollyscope.store.lake.store import LakeStore
from jollyscope.transport.following import Follower, Start, follow_spool
from jollyscope.transport.spool import SpoolWriter, spool_dir
from tests.e2e.flink.traffic import unusual

WAIT_S = 60.0


class Place:
    """A data directory with a lake, an agent that writes to it, and what is heard of alerts."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.agent = SpoolWriter(spool_dir(home))
        self.events: Follower = follow_spool(home, start=Start.beginning(), kinds=("event",))
        self.told: list[EventRecord] = []

    def write(self, spans: list[SpanRecord]) -> None:
        self.agent.write("span", encode_lines(spans))

    def read(self) -> None:
        """As any command does: what is in the spool is in the lake afterwards."""
        with closing(LakeStore(self.home)) as store, store.reader():
            pass

    def hear(self, count: int) -> list[EventRecord]:
        """All alerts, once there are so many."""
        deadline = time.monotonic() + WAIT_S
        while len(self.told) < count:
            assert time.monotonic() < deadline, self.told
            self.told += [decode(one.line, "event") for one in self.events.poll(1.0)]
        return self.told

    def watch(self) -> Watch:
        return Watch(lambda: LakeStore(self.home)).start()


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path)
    yield made
    made.events.close()
    made.agent.close()


def circle(number: int) -> list[SpanRecord]:
    """A loop of this moment, in a trace of its own."""
    now = time.time_ns()
    return [
        SpanRecord(
            trace_id=f"{number + 1:032x}", span_id=f"{n + 1:016x}", service="round", step_type="act",
            tool_name="search", input="又来", start_time=now + n, end_time=now + n, duration_ms=0.0,
        )
        for n in range(5)
    ]  # fmt: skip


def test_what_happened_before_is_found_and_what_happens_then_and_nothing_twice(place: Place):
    odd, _ = unusual(time.time_ns())
    stats = LiveStats()
    expected = {alert.record_id for span in odd for alert in stats.take(span)}
    place.write(odd)
    place.read()
    watch = place.watch()
    assert {alert.record_id for alert in place.hear(4)} == expected
    place.write(circle(1))
    assert place.hear(5)[-1].trace_id == f"{1 + 1:032x}"
    watch.stop()
    # The next one knows of them, from the store.
    watch = place.watch()
    place.write(circle(2))
    told = place.hear(6)
    watch.stop()
    assert len({alert.record_id for alert in told}) == 6
    with closing(LakeStore(place.home)) as store, store.reader() as reader:
        rows = recent_alerts(reader)
    assert [row.name for row in rows] == ["loop", "loop", "loop", "volume", "errors", "latency"]
    assert rows[0].body == "search called 5 times with the same input"


def test_one_of_many_watches_and_another_takes_over(place: Place, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("jollyscope.analysis.live.watching._AGAIN_S", 0.01)
    place.write(circle(0))
    place.read()
    watches = [place.watch() for _ in range(3)]
    place.hear(1)
    # Only whoever holds the lock hears of spans; it is let go of by one after another.
    for number, watch in enumerate(watches):
        place.write(circle(10 + number))
        assert len(place.hear(number + 2)) == number + 2
        watch.stop()
    place.write(circle(20))
    assert len({alert.trace_id for alert in place.told}) == len(place.told) == 4


def test_the_loader_beside_a_receiver_watches(place: Place):
    place.write(circle(1))
    with BackgroundLoader(place.home):
        assert place.hear(1)[0].name == "loop"


def test_a_place_where_nothing_was_recorded_is_left_alone(tmp_path: Path):
    asked = threading.Event()

    def opens() -> LakeStore:
        asked.set()
        return LakeStore(tmp_path)

    watch = Watch(opens).start()
    assert asked.wait(WAIT_S)
    watch.stop(WAIT_S)
    assert list(tmp_path.iterdir()) == []


def test_another_store_is_not_watched():
    closed: list[bool] = []

    class Other:
        def close(self) -> None:
            closed.append(True)

    watch = Watch(lambda: cast("Any", Other())).start()
    watch._thread.join(WAIT_S)  # pyright: ignore[reportPrivateUsage]
    assert closed == [True]


def test_stop_without_start():
    Watch(lambda: LakeStore(Path("/nowhere"))).stop()
