"""A few rounds of every part that needs nothing but this machine, and proof that the checks can fail.

`make chaos` runs hundreds, with other seeds.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from jollyscope.store.lake.store import LakeStore
from jollyscope.transport.spool import SpoolWriter, spool_dir
from tests.chaos.failing import KILLED
from tests.chaos.plan import EMBEDDED, SERVERS, Round, faults_of, part, rounds
from tests.chaos.records import COLUMNS, Ledger, lines, opened, record, wrong
from tests.chaos.room import Room
from tests.chaos.trial import Trial, table
from tests.chaos.watching import gaps, gone, row_of
from tests.chaos.zygote import Zygote

SEED = int(os.environ.get("JOLLYSCOPE_TEST_SEED", "20261121"))
ROUNDS = (
    ("sdk", "kill"), ("sdk", "term"), ("sdk", "exit"), ("spool", "size-kill"), ("loader", "exit"),
    ("loader", "two"), ("compaction", "kill"), ("compaction", "stale"),
    ("corrupt", "part-cut"), ("corrupt", "manifest-gone"),
    ("disk", "full"), ("export", "term"), ("receiver", "worker"),
)  # fmt: skip


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trial]:
    with Zygote() as zygote:
        yield Trial(zygote, tmp_path_factory.mktemp("chaos"), SEED)


@pytest.mark.parametrize(("name", "fault"), ROUNDS)
def test_a_round(trial: Trial, name: str, fault: str):
    if lacking := getattr(part(name), "lacking", lambda: "")():
        pytest.skip(lacking)
    outcome = trial.run(Round(ROUNDS.index((name, fault)), name, fault))
    print(table([outcome]))
    assert outcome.problem == ""
    assert outcome.doubled == 0


def test_every_part_is_tried_here_with_faults_that_it_knows():
    assert {name for name, _ in ROUNDS} == set(EMBEDDED)
    assert all(fault in faults_of(name) for name, fault in ROUNDS)


def test_a_seed_gives_the_same_rounds_and_every_fault_before_one_comes_again():
    parts = (*EMBEDDED, *SERVERS)
    planned = list(islice(rounds(7, parts), 600))
    assert planned == list(islice(rounds(7, parts), 600))
    assert planned != list(islice(rounds(8, parts), 600))
    for name in parts:
        mine = [one.fault for one in planned if one.part == name]
        faults = faults_of(name)
        assert len(mine) >= len(faults)
        assert sorted(mine[: len(faults)]) == sorted(faults)


@pytest.fixture
def room(trial: Trial, tmp_path: Path) -> Room:
    return Room(trial.zygote, tmp_path / "round", "seed", "kill", tmp_path)


def written(room: Room, data: bytes) -> None:
    spool = SpoolWriter(spool_dir(room.home))
    spool.write("span", data)
    spool.close()


def test_a_lost_record_is_noticed(room: Room):
    written(room, lines(range(30)))
    ledger = Ledger()
    ledger.whole(range(30))
    room.settled(ledger)
    assert (room.stored, room.acknowledged) == (30, 30)
    ledger.whole(range(31))
    with pytest.raises(
        AssertionError, match=r"after read: record 30 were acknowledged and are lost"
    ):
        room.settled(ledger)


def test_a_record_that_nobody_wrote_is_noticed(room: Room):
    written(room, lines(range(30)))
    ledger = Ledger()
    ledger.whole(range(29))
    with pytest.raises(AssertionError, match="never written"):
        room.settled(ledger)


def test_a_changed_record_is_noticed(room: Room):
    written(room, lines(range(30)).replace(b'"name":"step 4"', b'"name":"step 5"'))
    ledger = Ledger()
    ledger.whole(range(30))
    with pytest.raises(AssertionError, match="record 4 is not as it was written"):
        room.settled(ledger)


def test_a_reader_notices_what_vanishes_or_goes_back():
    before = {1: "open", 2: "interrupted", 3: "closed", 900_004: "closed"}
    assert gone(before, {1: "open", 2: "closed", 3: "closed"}) == []
    assert gone(before, {1: "interrupted", 2: "interrupted", 3: "closed"}) == []
    for number, now in ((1, {}), (2, {2: "open"}), (3, {3: "interrupted"}), (3, {3: "open"})):
        (found,) = gone({number: before[number]}, now)
        assert found.startswith(f"record {number} was there as {before[number]}")


def test_a_gap_is_noticed(room: Room):
    assert gaps({0, 1, 2, 5_000_000}) == []
    written(room, lines([0, 1, 2, 4]))
    with pytest.raises(AssertionError, match="not all of those before it"):
        room.over(room.watcher())


@pytest.mark.parametrize("number", [0, 7, 27, 47, 900_001])
def test_records_are_known_by_their_number(number: int):
    row = row_of(record(number))
    assert wrong(row) == ""
    assert wrong(row_of(opened(number))) == ""
    for at in range(1, len(row)):
        changed = (*row[:at], "x" if isinstance(row[at], str) else -1, *row[at + 1 :])
        assert wrong(changed), COLUMNS.split(", ")[at]


def test_a_fault_strikes_at_the_same_operation_every_time(trial: Trial, tmp_path: Path):
    left: list[list[bytes]] = []
    for turn in range(2):
        folder = tmp_path / str(turn)
        (folder / "home").mkdir(parents=True)
        child = trial.zygote.start(
            "write", folder, "child", ["exit", 9], writer=0, seed=1, notes=folder / "notes"
        )
        assert child.wait() == KILLED, child.err
        left.append([f.read_bytes() for f in sorted(folder.rglob("*.jsonl"))])
    assert left[0] == left[1] != []
    assert not left[0][-1].endswith(b"\n")  # in the midst of a write
    home = tmp_path / "0" / "home"
    with LakeStore(home).reader() as reader:
        found = {row[0] for row in reader.query("SELECT span_id FROM dwd_spans").rows}
    ledger = Ledger().read(tmp_path / "0" / "notes")
    assert {record(number).span_id for number in ledger.acknowledged} <= found
