"""Every step that agents recorded by their own account, and every one that the store has: compared one by
one, by trace, span, kind of step and whether it failed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from jollyscope.store.api import Reader
from tests.load import ledger

__all__ = ["Account", "account"]

_DIGITS = "0123456789abcdef"
_SHOWN = 20


class Account(msgspec.Struct):
    """What came of the comparison; of each sort of difference the first are named."""

    recorded: int
    stored: int
    lost: int
    """Recorded, and not in the store."""
    wrong: int
    """In the store as another kind of step, or failed where it did not, or the other way round."""
    doubled: int
    """Rows beyond the first of a span."""
    strange: int
    """In the store, and recorded by nobody."""
    still_open: int
    """Steps that the store believes to be running though all agents have ended."""
    examples: list[str]

    @property
    def exact(self) -> bool:
        """Whether it is all there, once, and as it was."""
        differences = (self.lost, self.wrong, self.doubled, self.strange, self.still_open)
        return not any(differences) and self.recorded == self.stored


def account(folder: Path, reader: Reader) -> Account:
    """Compare the ledgers in `folder` with what `reader` sees."""
    expected = {
        (entry.trace_id, entry.span_id): (entry.step, entry.failed) for entry in ledger.read(folder)
    }
    made = Account(len(expected), 0, 0, 0, 0, 0, _open(reader), [])
    found: set[tuple[str, str]] = set()
    for key, told in _rows(reader):
        made.stored += 1
        if key in found:
            made.doubled += 1
            _name(made, "doubled", key)
        elif key not in expected:
            made.strange += 1
            _name(made, "recorded by nobody", key)
        elif expected[key] != told:
            made.wrong += 1
            _name(made, f"is {told}, should be {expected[key]}", key)
        found.add(key)
    for key in expected.keys() - found:
        made.lost += 1
        _name(made, "lost", key)
    return made


def _name(made: Account, what: str, key: tuple[str, str]) -> None:
    if len(made.examples) < _SHOWN:
        made.examples.append(f"{what}: {' '.join(key)}")


def _open(reader: Reader) -> int:
    return int(reader.query("SELECT count(*) FROM dwd_open_spans").rows[0][0])


def _rows(reader: Reader) -> Iterator[tuple[tuple[str, str], tuple[str, bool]]]:
    """A sixteenth at a time, so that it does not take all memory."""
    for digit in _DIGITS:
        rows = reader.query(
            "SELECT trace_id, span_id, step_type, status FROM dwd_spans "
            "WHERE substring(trace_id, 1, 1) = ?",
            [digit],
        ).rows
        for trace_id, span_id, step, status in rows:
            yield (trace_id, span_id), (step, status == "error")
