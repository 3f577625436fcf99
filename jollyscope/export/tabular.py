"""A table as CSV (RFC 4180), as Parquet and as JSON lines, written by DuckDB."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jollyscope.export.choice import Choice
from jollyscope.export.forms import Look, TableForm
from jollyscope.export.shape import select
from jollyscope.export.tables import Column
from jollyscope.store.answer import Answer, Share

__all__ = ["LINES", "write_csv", "write_lines", "write_parquet"]

_PARQUET = "FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE_BYTES '32MB'"
"""A thread holds the row group that it writes. Bounded by rows alone (DuckDB's 122,880) an export of
500,000 steps took 774 MB, and more where texts are longer; so 313 MB, as many rows as there are."""


def write_csv(
    answer: Answer, columns: Sequence[Column], choice: Choice, look: Look, file: Path,
    share: Share | None,
) -> int:  # fmt: skip
    """UTF-8, lines end in CR LF, names in the first one. An empty text is `""`, what is not known is
    nothing between the commas.
    """
    mark = "\ufeff" if look.bom else ""
    shape = select(columns, choice, "text", safe=look.excel_safe, mark=mark)
    return answer.write(shape, file, "FORMAT csv, HEADER true, NEW_LINE '\\r\\n'", share)


def write_parquet(
    answer: Answer, columns: Sequence[Column], choice: Choice, look: Look, file: Path,
    share: Share | None,
) -> int:  # fmt: skip
    """Times are timestamps in UTC to the nanosecond, lists are lists, JSON is text."""
    return answer.write(select(columns, choice, "typed"), file, _PARQUET, share)


def write_lines(
    answer: Answer, columns: Sequence[Column], choice: Choice, look: Look, file: Path,
    share: Share | None,
) -> int:  # fmt: skip
    """An object a line with all columns; JSON and lists are nested."""
    return answer.write(select(columns, choice, "json"), file, "FORMAT json", share)


LINES = TableForm(".jsonl", "one row a line", write_lines)
"""What `.jsonl` is where a table is asked for by name."""
