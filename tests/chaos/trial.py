"""Rounds run one after the other, what came of each, and all of them in a table."""

from __future__ import annotations

import shutil
import time
import traceback
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from tests.chaos.plan import Round, part
from tests.chaos.room import Room
from tests.chaos.zygote import Zygote

__all__ = ["Outcome", "Trial", "table"]


class Outcome(NamedTuple):
    """What came of a round."""

    round: Round
    acknowledged: int
    stored: int
    doubled: int
    looks: int
    recovery_s: float
    late_ms: float
    seconds: float
    notes: list[str]
    problem: str
    """What did not hold, empty where all did."""


class Trial:
    """Runs rounds below a folder. One that fails keeps its own."""

    def __init__(self, zygote: Zygote, folder: Path, seed: int) -> None:
        self.zygote, self.folder, self.seed = zygote, folder, seed
        self._shared = folder / "shared"

    def run(self, asked: Round) -> Outcome:
        """One round."""
        folder = self.folder / f"round-{asked.number}"
        room = Room(self.zygote, folder, f"{self.seed}:{asked.number}", asked.fault, self._shared)
        began, problem = time.monotonic(), ""
        try:
            part(asked.part).run(room)
        except Exception as error:  # noqa: BLE001 - told, and the next round is run
            where = traceback.extract_tb(error.__traceback__)[-1]
            problem = (
                f"{error or type(error).__name__} ({Path(where.filename).name}:{where.lineno})"
            )
            (folder / "traceback").write_text(traceback.format_exc())
        finally:
            self.zygote.sweep()
        if not problem:
            shutil.rmtree(folder)
        return Outcome(
            asked, room.acknowledged, room.stored, room.doubled, room.looks, room.recovery_s,
            room.late_ms, time.monotonic() - began, room.notes, problem,
        )  # fmt: skip


_HEAD = ("part", "fault", "rounds", "failed", "acknowledged", "stored", "doubled", "looks",
         "told", "unnoticed", "recovery", "late")  # fmt: skip


def table(outcomes: Iterable[Outcome]) -> str:
    """Rounds by part and fault: sums, and the worst times."""
    grouped: defaultdict[tuple[str, str], list[Outcome]] = defaultdict(list)
    everything: list[Outcome] = []
    for outcome in outcomes:
        grouped[outcome.round.part, outcome.round.fault].append(outcome)
        everything.append(outcome)
    rows = [_HEAD, *(_row(*key, found) for key, found in sorted(grouped.items()))]
    rows.append(_row("all", "", everything))
    widths = [max(len(row[at]) for row in rows) for at in range(len(_HEAD))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if at < 2 else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def _row(name: str, fault: str, found: list[Outcome]) -> tuple[str, ...]:
    notes = Counter(note for outcome in found for note in outcome.notes)
    sums = (
        len(found), sum(bool(one.problem) for one in found), sum(one.acknowledged for one in found),
        sum(one.stored for one in found), sum(one.doubled for one in found),
        sum(one.looks for one in found), notes["told"], notes["unnoticed"],
    )  # fmt: skip
    worst = max((one.recovery_s for one in found), default=0.0)
    late = max((one.late_ms for one in found), default=0.0)
    times = (f"{worst:.2f} s", f"{late:.0f} ms" if late else "")
    return (name, fault, *(f"{count:,}" for count in sums), *times)
