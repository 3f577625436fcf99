"""Exports in several files of bounded size: `name-00001.csv` and so on."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

from jollyscope.errors import UsageError
from jollyscope.export.choice import Choice
from jollyscope.export.shape import ordered
from jollyscope.store.answer import Answer
from jollyscope.store.lake.engine import connect, literal

__all__ = ["Split", "piece_name", "split_of", "write_pieces"]

_UNITS = {
    "b": 1,
    "kb": 10**3,
    "mb": 10**6,
    "gb": 10**9,
    "kib": 1 << 10,
    "mib": 1 << 20,
    "gib": 1 << 30,
}
_FIRST_ROWS = 10_000
_ROOM = 0.97
"""What part of the bound is aimed at, from the rows before."""


class Split(NamedTuple):
    """What bounds a file: its bytes, or its rows; the other one is 0."""

    size: int = 0
    rows: int = 0

    def full(self, size: int, rows: int) -> bool:
        """Whether a file of so much is to be the last row's."""
        return bool((self.size and size >= self.size) or (self.rows and rows >= self.rows))


def split_of(text: str) -> Split:
    """`100MB` (10⁶ bytes each), `64MiB`, `100000rows`. Raises `UsageError`."""
    found = re.fullmatch(r"\s*(\d[\d_,]*(?:\.\d+)?)\s*([a-z]+)\s*", text.lower())
    if found:
        number, unit = float(re.sub("[_,]", "", found[1])), found[2]
        if unit in ("row", "rows") and number >= 1:
            return Split(rows=int(number))
        if unit in _UNITS and number * _UNITS[unit] >= 1:
            return Split(size=int(number * _UNITS[unit]))
    raise UsageError(f"`{text}` is no size of a file.", hint="Write 100MB, 1GiB or 100000rows.")


def piece_name(name: str, suffix: str, number: int) -> str:
    """`steps-00001.csv` of `steps.csv`."""
    stem = name[: -len(suffix)] if name.lower().endswith(suffix) else name
    return f"{stem}-{number:05}{suffix}"


def write_pieces(
    answer: Answer,
    choice: Choice,
    write: Callable[[Answer, Path], int],
    split: Split,
    name_of: Callable[[int], Path],
) -> int:
    """Write the rows in their order to one file after another; how many there were. No file is larger
    than the bound unless it has one row only.
    """
    with _kept(answer, choice, name_of(0).with_name(".rows")) as (part, total):
        at = number = 0
        guess = split.rows or _FIRST_ROWS
        while at < total or not number:
            number += 1
            guess = _fitting(
                partial(_write, write, part, at, name_of(number)), split, guess, total - at
            )
            at += guess
        return total


def _write(
    write: Callable[[Answer, Path], int],
    part: Callable[[int, int], Answer],
    first: int,
    file: Path,
    rows: int,
) -> int:
    """Write so many rows from the first on; the bytes they take."""
    write(part(first, rows), file)
    return file.stat().st_size


def _fitting(size_of: Callable[[int], int], split: Split, guess: int, left: int) -> int:
    """Write as many rows as the bound allows; how many."""
    rows = max(1, min(guess, left))
    size = size_of(rows)
    if not split.size:
        return rows
    if size < split.size / 2 and rows < left:
        rows = min(left, max(rows, int(rows * split.size / max(1, size) * _ROOM)))
        size = size_of(rows)
    while size > split.size and rows > 1:
        rows = max(1, min(rows - 1, int(rows * split.size / size * _ROOM)))
        size = size_of(rows)
    return rows


@contextmanager
def _kept(
    answer: Answer, choice: Choice, file: Path
) -> Generator[tuple[Callable[[int, int], Answer], int]]:
    """The rows in a file that can be read from any row on, and how many there are."""
    total = answer.write(
        f"SELECT * FROM answer{ordered(choice)}", file, "FORMAT parquet, ROW_GROUP_SIZE 20480"
    )
    con = connect(1024, file.parent)
    source = f"read_parquet({literal(str(file))}, file_row_number = true)"

    def part(first: int, rows: int) -> Answer:
        where = f"file_row_number >= {first} AND file_row_number < {first + rows}"
        return Answer(con, f"SELECT * EXCLUDE (file_row_number) FROM {source} WHERE {where}", [])

    try:
        yield part, total
    finally:
        con.close()
        file.unlink(missing_ok=True)
