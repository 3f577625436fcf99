"""What tail is made of: filter, ends, running steps, and the queue before a slow terminal."""

from __future__ import annotations

import threading
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jollyscope.model.records import EventRecord, MetricRecord, SpanRecord
from jollyscope.model.wire import encode
from jollyscope.query.filter import FilterError, parse
from jollyscope.query.tail import Batch, Goal, Item, Pump, Running, Sieve, Tail
from jollyscope.transport.following import Heard, Standing
from tests.strategies import spans

NOW = 1_795_183_391_000_000_000


class Source:
    """A follower that gives one list a poll, and counts what is read."""

    def __init__(self, *batches: list[Heard], behind: int = 0) -> None:
        self._batches = list(batches)
        self._behind = behind
        self.closed = threading.Event()

    def poll(self, timeout: float) -> list[Heard]:
        if self._batches:
            return self._batches.pop(0)
        self.closed.wait(timeout)
        return []

    @property
    def standing(self) -> Standing:
        return Standing("spool", True, "", self._behind if self._batches else 0, 0)

    def close(self) -> None:
        self.closed.set()


class Clock:
    """Stands still until it is told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def span(number: int, **more: object) -> SpanRecord:
    fields = {"trace_id": f"{1:032x}", "span_id": f"{number + 1:016x}", "start_time": NOW,
              "end_time": NOW, "name": f"n{number}"}  # fmt: skip
    return SpanRecord(**(fields | more))


def heard(*records: SpanRecord | EventRecord | MetricRecord) -> list[Heard]:
    kinds = {SpanRecord: "span", EventRecord: "event", MetricRecord: "metric"}
    return [Heard(kinds[type(r)], encode(r), NOW) for r in records]


def names(items: Iterable[Item]) -> list[str]:
    return [item.row.name for item in items]


def tail(source: Source, text: str = "", **more: object) -> Tail:
    return Tail(source, Sieve(text, now=NOW), **more)


@settings(max_examples=40)
@given(
    record=spans(),
    text=st.sampled_from(
        ["status:error", "step:act,think", "duration>1s", "has:parent", "-state:open", "tokens>=10",
         "北京 OR name:*a*", "service:shop OR has:model"]
    ),
)  # fmt: skip
def test_a_span_fits_as_the_language_has_it(record: SpanRecord, text: str):
    (item,) = map(Item, heard(record))
    assert Sieve(text, now=NOW).fits(item) == parse(text).predicate(NOW)(record)


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("", True),
        ("status:error", True),
        ("disk", True),
        ("DISK full", True),
        ("attr.code:7", True),
        ("service:shop", True),
        ("name:alarm", True),
        ("-step:act", True),
        ("step:other", False),
        ("state:closed", False),
        ("kind:internal", False),
        ("tokens>=0", False),
        ("duration>=0", False),
        ("has:error", True),
        ("trace:00000000", False),
    ],
)
def test_of_an_event_what_it_shares_with_spans_is_looked_at(text: str, fits: bool):
    event = EventRecord(
        record_id="1", time=NOW, name="alarm", body={"said": "disk is full"}, severity_number=17,
        service="shop", attributes={"code": 7},
    )  # fmt: skip
    (item,) = map(Item, heard(event))
    assert Sieve(text, now=NOW).fits(item) is fits


def test_what_no_single_record_can_tell_is_refused():
    for text in ("calls.search>1", "label:golden", "note:x"):
        with pytest.raises(FilterError, match="one by one"):
            Sieve(text, now=NOW)


def test_a_session_is_the_whole_name():
    items = [Item(h) for h in heard(span(1, session_id="a"), span(2, session_id="ab"), span(3))]
    sieve = Sieve("", now=NOW, session="a")
    assert [sieve.fits(item) for item in items] == [True, False, False]


def test_count_is_exact_and_exit_on_shows_what_it_found():
    records = heard(*(span(n) for n in range(10)))
    counted = tail(Source(records[:4], records[4:]), goal=Goal(6))
    assert names(counted.step(0).items) == ["n0", "n1", "n2", "n3"]
    last = counted.step(0)
    assert (names(last.items), last.ending) == (["n4", "n5"], "count")
    found = tail(Source(records), "name:n1", exit_on=Sieve("name:n3", now=NOW)).step(0)
    assert (names(found.items), found.ending) == (["n1", "n3"], "found")


def test_idle_is_counted_from_what_fits_and_never_while_it_catches_up():
    clock = Clock()
    source = Source(heard(span(1)), heard(span(2)), heard(span(3)), behind=5)
    tailed = tail(source, "name:n3", goal=Goal(idle=5), clock=clock)
    for _ in range(2):  # nothing fits, more is waiting
        clock.now += 10
        assert tailed.step(0) == Batch([], None)
    clock.now += 10
    assert names(tailed.step(0).items) == ["n3"]
    clock.now += 4
    assert tailed.step(0).ending is None
    clock.now += 1
    assert tailed.step(0).ending == "idle"


@pytest.mark.parametrize(
    ("goal", "ending"),
    [(Goal(timeout=5), "timeout"), (Goal(most=9, timeout=5), "missed"), (Goal(idle=9, timeout=5), "missed")],
)  # fmt: skip
def test_the_time_is_over(goal: Goal, ending: str):
    clock = Clock()
    tailed = tail(Source(), goal=goal, clock=clock)
    assert tailed.step(0).ending is None
    clock.now += 5
    assert tailed.step(600).ending == ending  # and does not wait beyond its time


def test_lines_that_are_no_records_are_shown_or_counted():
    odd = [Heard("span", b"{}", NOW), Heard("span", b"\xff\x00", NOW)]
    everything = tail(Source(odd))
    assert names(everything.step(0).items) == ["no record", "no record"]
    assert everything.unreadable == 0
    filtered = tail(Source(odd + heard(span(1))), "name:n1")
    assert names(filtered.step(0).items) == ["n1"]
    assert filtered.unreadable == 2


def test_running_steps_leave_when_they_end_and_the_oldest_when_there_are_too_many():
    running = Running()
    for item in map(Item, heard(*(span(n, state="open", end_time=None) for n in range(1005)))):
        running.hear(item)
    assert len(running) == 1000
    assert names(running.newest(2)) == ["n1003", "n1004"]
    for item in map(Item, heard(span(1004), span(7), span(2))):
        running.hear(item)
    assert len(running) == 998
    assert names(running.newest(1)) == ["n1003"]
    assert running.newest(0) == []


def test_a_slow_terminal_loses_the_oldest_and_is_told_how_many():
    batches = [heard(*(span(n) for n in range(at, at + 10))) for at in range(0, 100, 10)]
    news = threading.Semaphore(0)
    pump = Pump(tail(Source(*batches), goal=Goal(100)), bound=25, on_news=news.release)
    for _ in [*batches, "its end"]:
        assert news.acquire(timeout=60)
    seen: list[Item] = []
    ending = None
    while ending is None:
        items, ending = pump.take(7)
        seen += items
    assert names(seen) == [f"n{n}" for n in range(75, 100)]
    assert pump.dropped == 75
    assert ending == "count"
    pump.close()


def test_what_goes_wrong_in_the_thread_is_raised_where_records_are_taken():
    class Broken(Source):
        def poll(self, timeout: float) -> list[Heard]:
            raise OSError("the disk is gone")

    told = threading.Event()
    pump = Pump(tail(Broken()), on_news=told.set)
    assert told.wait(60)
    with pytest.raises(OSError, match="the disk is gone"):
        pump.take(1)
    pump.close()
