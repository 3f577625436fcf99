"""Windows: whatever the order, each span once, and the lake's own minutes."""

# pytest leaves the type of `approx` open.
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import random
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jollyscope.analysis.live import LiveStats, Window
from jollyscope.analysis.live.seen import Recent, Seen
from jollyscope.model.records import SpanRecord
from jollyscope.model.wire import encode, encode_lines
from jollyscope.store.lake.store import LakeStore
from jollyscope.transport.spool import SpoolWriter, spool_dir
from tests.e2e.flink.traffic import unusual

MINUTE = 60 * 10**9
BASE = 1_790_000_000 * 10**9 // MINUTE * MINUTE


@st.composite
def spans(draw: st.DrawFn, number: int) -> SpanRecord:
    """Within nine minutes, of few groups."""
    start = BASE + draw(st.integers(0, 9 * MINUTE))
    few: dict[str, Any] = {
        "step_type": draw(st.sampled_from(["think", "act"])),
        "tool_name": draw(st.sampled_from([None, "搜索"])),
        "model": draw(st.sampled_from([None, "m"])),
        "service": draw(st.sampled_from([None, "desk"])),
        "user_id": draw(st.sampled_from([None, "u"])),
        "status": draw(st.sampled_from(["ok", "error", "unset"])),
    }
    return SpanRecord(
        trace_id=f"{number % 5 + 1:032x}",
        span_id=f"{number + 1:016x}",
        start_time=start,
        end_time=start + 1,
        duration_ms=draw(st.floats(0, 1e6)),
        input_tokens=draw(st.none() | st.integers(0, 10**6)),
        output_tokens=draw(st.none() | st.integers(0, 10**6)),
        cost_usd=draw(st.none() | st.integers(0, 640).map(lambda n: n / 64)),
        **few,
    )


many = st.integers(1, 40).flatmap(lambda count: st.tuples(*(spans(n) for n in range(count))))


def windows(arriving: list[SpanRecord]) -> list[Window]:
    stats = LiveStats()
    for span in arriving:
        stats.take(span)
    return stats.changed()


@settings(max_examples=25, deadline=None)
@given(data=st.data(), some=many)
def test_any_order_and_any_doubles_make_the_same_windows(
    data: st.DataObject, some: tuple[SpanRecord, ...]
):
    doubled = data.draw(st.lists(st.sampled_from(some), max_size=5))
    arriving = data.draw(st.permutations([*some, *doubled]))
    assert windows(arriving) == windows(sorted(some, key=lambda span: span.start_time))


@settings(max_examples=6, deadline=None)
@given(some=many)
def test_windows_are_the_lakes_minutes(some: tuple[SpanRecord, ...]):
    with TemporaryDirectory() as folder:
        home = Path(folder)
        writer = SpoolWriter(spool_dir(home))
        writer.write("span", encode_lines(some))
        writer.close()
        store = LakeStore(home)
        with store.reader() as reader:
            fields = Window._fields
            table = reader.query(f"SELECT {', '.join(fields)} FROM dws_minutes")
        store.close()
    lakes = sorted(
        (
            Window(*row[:1], *("" if v is None else v for v in row[1:6]), *row[6:])
            for row in table.rows
        ),
        key=lambda window: window[:6],
    )
    ours = windows(list(some))
    assert [window[:8] for window in ours] == [window[:8] for window in lakes]
    for one, other in zip(ours, lakes, strict=True):
        assert one[8:] == pytest.approx(other[8:], rel=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_an_order_within_the_watermark_makes_the_same_alerts(seed: int):
    chance = random.Random(seed)
    odd, _ = unusual(BASE)
    arriving = sorted(odd, key=lambda span: span.start_time + chance.randrange(30 * 10**9))

    def told(of: list[SpanRecord]) -> dict[str, bytes]:
        stats = LiveStats()
        found = [alert for span in of for alert in stats.take(span)]
        for alert in found:
            # Which call was the fifth to arrive is another matter.
            alert.time = 0 if alert.name == "loop" else alert.time
        return {alert.record_id: encode(alert) for alert in found}

    assert len(told(odd)) == 4
    assert told(arriving) == told(odd)


def span(number: int, start: int, **more: Any) -> SpanRecord:
    return SpanRecord(
        trace_id=f"{number + 1:032x}", span_id=f"{number + 1:016x}", start_time=start,
        end_time=start + 1, duration_ms=1.0, **more,
    )  # fmt: skip


def test_a_minute_takes_spans_until_ten_minutes_behind_the_watermark():
    stats = LiveStats()
    stats.take(span(0, BASE))
    # The watermark is 30 s behind: the last moment at which the minute still takes some.
    stats.take(span(1, BASE + 11 * MINUTE + 30 * 10**9 - 2_000_000))
    stats.take(span(2, BASE + 1))
    assert sum(window.span_count for window in stats.changed()) == 3
    stats.take(span(3, BASE + 11 * MINUTE + 30 * 10**9))
    for number in (4, 4, 5):
        stats.take(span(number, BASE + 2))
    assert stats.windows.late == {BASE: 2}
    assert [window.minute for window in stats.changed()] == [BASE + 11 * MINUTE]


def test_a_clock_that_is_ahead_makes_nobody_else_late():
    stats = LiveStats()
    stats.take(span(0, BASE + 600 * MINUTE), written=BASE)
    stats.take(span(1, BASE), written=BASE)
    assert stats.windows.late == {}
    assert [window.minute for window in stats.changed()] == [BASE, BASE + 600 * MINUTE]


def test_spans_that_run_are_not_counted_and_lines_that_are_none_are():
    stats = LiveStats()
    stats.take(span(0, BASE, state="open"))
    stats.hear(b'{"schema":1,"trace_id":"x"}')
    assert stats.changed() == []
    assert stats.skipped == 1


@pytest.mark.parametrize("bound", ["_MOST_GROUPS", "_MOST_SPANS"])
def test_too_much_gives_up_the_oldest_minute(monkeypatch: pytest.MonkeyPatch, bound: str):
    monkeypatch.setattr(f"jollyscope.analysis.live.windows.{bound}", 100)
    stats = LiveStats()
    for number in range(1000):
        stats.take(span(number, BASE + number % 5 * MINUTE, user_id=str(number)))
        held = [minute.groups for minute in stats.windows.minutes.values()]
        assert sum(map(len, held)) <= 100
    assert stats.windows.given_up > 0
    assert sum(stats.windows.late.values()) > 0


@given(st.lists(st.integers(0, 50)), st.lists(st.integers(0, 50)))
def test_what_was_seen(before: list[int], after: list[int]):
    seen, plain, recent = Seen(), set[int](), Recent(10_000)
    for numbers in (before, after):
        for number in numbers:
            assert seen.add(number) == recent.add(number) == (number not in plain)
            plain.add(number)
        seen.settle()
        assert len(seen) == len(plain)


def test_only_the_last_are_remembered():
    recent = Recent(3)
    assert [recent.add(n) for n in (1, 2, 3, 1, 4, 1)] == [True, True, True, False, True, True]
