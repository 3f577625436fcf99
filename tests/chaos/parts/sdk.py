"""An agent that records itself: killed, paused, out of disk, with a clock that jumps."""

from __future__ import annotations

import time
from pathlib import Path
from typing import NamedTuple

from jollyscope.store.lake.store import LakeStore
from tests.chaos.room import Room
from tests.chaos.zygote import until

__all__ = ["FAULTS", "run"]

FAULTS = ("kill", "kill", "term", "pause", "exit", "error", "size-error", "clock")
FLUSH_MS = 100.0


class _Notes(NamedTuple):
    started: dict[str, int]
    ended: dict[str, int]
    """When, by span id: ns of the clock that never goes back."""
    numbers: dict[str, int]
    flushed: int
    stalled_ms: float
    """How long the agent itself once stood still, having no processor."""


def run(room: Room) -> None:
    """Every step that a `flush` returned for is stored, and after SIGTERM every one that ended."""
    path = room.folder / "steps"
    child = room.start(
        "agent", fault=room.planted(operations=60, size=1 << 15), seed=room.seed(), notes=path,
        skew=room.rng.choice([30, 86_400, 10**8]) if room.fault == "clock" else 0,
    )  # fmt: skip
    until(lambda: _begun(path) or not child.lives(), "the agent does not begin", pause=0.005)
    room.pause(0.4)
    room.strike(child, most=0.1)
    assert "Traceback" not in child.err
    assert child.err.count("\n") <= 1, child.err
    notes = _read(path.read_text() if path.exists() else "")
    stored = _stored(room)
    _judge(room, notes, stored)
    if room.fault == "kill":
        _prompt(room, notes, stored)


def _begun(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0


def _read(text: str) -> _Notes:
    started: dict[str, int] = {}
    ended: dict[str, int] = {}
    numbers: dict[str, int] = {}
    flushed = last = 0
    stalled = 0.0
    for line in text[: text.rfind("\n") + 1].splitlines():
        mark, span_id, at, number = line.split()
        stalled = max(stalled, (int(at) - (last or int(at))) / 1e6)
        last = int(at)
        if mark == "F":
            flushed = int(number)
            continue
        {"S": started, "E": ended}[mark][span_id] = int(at)
        numbers[span_id] = int(number)
    return _Notes(started, ended, numbers, flushed, stalled)


def _stored(room: Room) -> dict[str, str]:
    """State by span id, the same read from the spool, loaded and compacted."""
    began = time.monotonic()
    store = LakeStore(room.home)
    found: list[dict[str, str]] = []
    for step in (None, store.load, store.compact):
        if step is not None:
            step()
        with store.reader(load=False) as reader:
            rows = reader.query(
                "SELECT span_id, state, input FROM dwd_spans UNION ALL "
                "SELECT span_id, state, input FROM dwd_open_spans"
            ).rows
            assert not reader.notes, reader.notes
        if not found:
            room.recovery_s = time.monotonic() - began
        room.doubled = len(rows) - len({row[0] for row in rows})
        assert not room.doubled, "a step stands there twice"
        for _, _, text in rows:
            number, _, rest = text.partition(" ")
            assert rest.removeprefix("北京 👥 ").strip("x") == "", f"torn: {text[:99]}"
            assert number.isdecimal()
        found.append({span_id: state for span_id, state, _ in rows})
    store.close()
    assert found[0] == found[1] == found[2]
    assert "open" not in found[0].values(), "a step still runs, and its agent is dead"
    return found[0]


def _judge(room: Room, notes: _Notes, stored: dict[str, str]) -> None:
    promised = {
        span_id
        for span_id in notes.ended
        if room.fault == "term" or notes.numbers[span_id] <= notes.flushed
    }
    lost = [span_id for span_id in promised if stored.get(span_id) != "closed"]
    assert not lost, f"{len(lost)} of {len(promised)} flushed steps are lost"
    unknown = stored.keys() - notes.started.keys()
    # One may have begun and been written before it was noted.
    assert len(unknown) <= 1, f"{len(unknown)} steps that never were"
    room.acknowledged, room.stored = len(promised), len(stored)


def _prompt(room: Room, notes: _Notes, stored: dict[str, str]) -> None:
    """Without any flush a step is safe 100 ms after its end. Others may want the processor too: it is
    held to half a second more, and to ten times what the agent itself once waited for its turn.
    """
    killed = room.killed_ns
    late = [
        (killed - at) / 1e6
        for span_id, at in notes.ended.items()
        if stored.get(span_id) != "closed"
    ]
    room.late_ms = max(late, default=0.0)
    bound = FLUSH_MS + 10 * max(notes.stalled_ms, 50)
    assert room.late_ms <= bound, f"a step that ended {room.late_ms:.0f} ms before is lost"
    running = [
        span_id
        for span_id, at in notes.started.items()
        if span_id not in notes.ended and (killed - at) / 1e6 > bound
    ]
    lost = [span_id for span_id in running if stored.get(span_id) != "interrupted"]
    assert not lost, "a step that was running is not there as interrupted"
