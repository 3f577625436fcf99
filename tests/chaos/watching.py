"""Readers that look all the time and believe nothing."""

from __future__ import annotations

import random
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from jollyscope.config import LakeConfig
from jollyscope.errors import StoreError
from jollyscope.model.records import Record
from jollyscope.model.wire import decode
from jollyscope.store.lake.reader import LakeReader
from jollyscope.store.lake.store import LakeStore
from jollyscope.transport.following import Start, follow_spool
from tests.chaos.records import COLUMNS, OLD, WRITER, number_of, wrong

__all__ = ["Look", "gaps", "gone", "hear", "row_of", "watch"]


class Look:
    """What one view of the store showed: numbers by state."""

    def __init__(self, reader: LakeReader) -> None:
        self.problems: list[str] = []
        rows = reader.query(
            f"SELECT {COLUMNS} FROM dwd_spans UNION ALL SELECT {COLUMNS} FROM dwd_open_spans"
        ).rows
        # The end and the state of a running step are nobody's yet; the rest is as it was written.
        self.states: dict[int, str] = {}
        self.doubled = 0
        for row in rows:
            number = number_of(row[0])
            if number in self.states:
                self.doubled += 1
                self.problems.append(f"record {number} stands there twice")
            self.states[number] = row[6]
            if found := wrong(row):
                self.problems.append(found)
        in_traces = reader.query("SELECT coalesce(sum(span_count), 0) FROM ads_traces").rows[0][0]
        if int(in_traces) != len(rows):
            self.problems.append(f"traces count {in_traces} spans, and {len(rows)} are there")

    @property
    def ended(self) -> set[int]:
        """Numbers that are there closed."""
        return {number for number, state in self.states.items() if state == "closed"}


def watch(folder: Path, *, seed: int, stop: str, gapless: bool = True, grace_s: int = 600) -> int:
    """Look until `stop` is there. What was seen stays; of each writer's records a beginning is seen.

    Prints how often it looked, or what was wrong and ends with 1.
    """
    rng = random.Random(seed)
    store = LakeStore(folder / "home", LakeConfig(grace_s=grace_s))
    seen: dict[int, str] = {}
    looks = told = 0
    print("up")
    while not Path(stop).exists() or not looks:
        try:
            with store.reader(load=rng.random() < 0.3) as reader:
                time.sleep(
                    rng.choice([0, 0, 0.02])
                )  # a view is of its moment, however late it is asked
                found, notes = Look(reader), reader.notes
        except StoreError as error:
            told += 1
            print(f"told: {error}")
            if told > 1000:
                print("the store cannot be read any more")
                return 1
            continue
        problems = found.problems + gone(seen, found.states)
        problems += gaps(found.ended) if gapless else []
        if problems or notes:
            print("\n".join([*problems[:5], *notes]))
            return 1
        seen = found.states
        looks += 1
        time.sleep(rng.uniform(0, 0.1))  # the processor is for those who are struck
    print(f"looked {looks} told {told}")
    return 0


def gone(before: dict[int, str], now: dict[int, str]) -> list[str]:
    """What was there and is no more, or runs again. Records of 1971 may go."""
    return [
        f"record {number} was there as {state} and is {now.get(number, 'gone')} now"
        for number, state in before.items()
        if number % WRITER < OLD
        and (number not in now or (state != "open" and now[number] == "open")
             or (state == "closed" and now[number] != "closed"))
    ]  # fmt: skip


def gaps(ended: set[int]) -> list[str]:
    """Writers of whose records a later one is there without an earlier one."""
    last: defaultdict[int, int] = defaultdict(lambda: -1)
    count: defaultdict[int, int] = defaultdict(int)
    for number in ended:
        writer, within = divmod(number, WRITER)
        if within < OLD:
            last[writer] = max(last[writer], within)
            count[writer] += 1
    return [
        f"of writer {writer} record {last[writer]} is there and not all of those before it"
        for writer in last
        if count[writer] != last[writer] + 1
    ]


def row_of(span: Record) -> tuple[Any, ...]:
    """A span as a row of `COLUMNS`."""
    return tuple(getattr(span, name) for name in COLUMNS.split(", "))


def hear(folder: Path, *, stop: str, heard: str) -> int:
    """Follow the spool from the beginning until `stop` is there and nothing more comes; numbers of
    the closed spans that were heard go to a file, a line each.
    """
    follower = follow_spool(folder / "home", start=Start.beginning(), kinds=("span",))
    print("up")
    with Path(heard).open("w") as file:
        while True:
            over = Path(stop).exists()
            found = follower.poll(0.05)
            for one in found:
                row = row_of(decode(one.line))
                assert not wrong(row), wrong(row)
                if row[-1] == "closed":
                    file.write(f"{number_of(row[0])}\n")
            file.flush()
            if over and not found and not follower.standing.behind:
                break
    print(f"skipped {follower.standing.skipped}")
    follower.close()
    return 0
