"""Workbooks of 100,000 steps beside what others write, in the same run.

    python -m tests.bench.export_xlsx [--quick]

Each is given the same rows in memory and writes a file: ours a workbook with everything that an export
has (ten fields of each step filled; formats, filters, links, coloured rows, README, statistics, pivot
tables with their records), the others one sheet of the ten fields. CPU seconds, one process each, the
better of two. Then the memory of a million rows.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jollyscope.export.forms import Book
from jollyscope.export.tables import SHEETS, Chunks
from jollyscope.store.answer import Row
from tests.bench.corpus import traces
from tests.bench.table import print_rows, row

FIELDS = (
    "trace_id", "start_time", "name", "step_type", "tool_name", "status", "duration_ms",
    "input_tokens", "input", "output",
)  # fmt: skip
NAMES = [column.name for column in SHEETS["steps"]]
CHUNK = 10_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None)


def main(*, quick: bool = False) -> list[dict[str, Any]]:
    """All measurements."""
    steps = 10_000 if quick else 100_000
    with tempfile.TemporaryDirectory() as home:
        taken = {
            name: min(apart(write, steps, Path(home) / f"{name}.xlsx")[0] for _ in range(2))
            for name, write in WRITERS.items()
        }
        many = steps * 10
        cpu, memory = apart(ours_streamed, many, Path(home) / "many.xlsx")
    ours = taken.pop("ours")
    rows = [
        row(
            f"{steps:,} steps of 10 fields", ours, "s CPU", peer=name, peer_value=peer,
            aim="<= 0.25 x" if name == "pandas + openpyxl" else "",
            met=ours <= peer / 4 if name == "pandas + openpyxl" else None,
        )
        for name, peer in taken.items()
    ]  # fmt: skip
    rows.append(row(f"{many:,} steps, streamed", cpu, "s CPU"))
    rows.append(row(f"{many:,} steps, memory", memory, "MB", aim="< 300", met=memory < 300))
    print_rows("Workbooks", rows)
    return rows


def apart(write: Callable[[int, Path], float], steps: int, path: Path) -> tuple[float, float]:
    """What `write` returns, CPU seconds, and the most memory its process had, in MB."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_told, args=(theirs, write, steps, path))
    process.start()
    answer = ours.recv()
    process.join()
    return answer


def _told(pipe: Any, write: Callable[[int, Path], float], steps: int, path: Path) -> None:
    cpu = write(steps, path)
    pipe.send((cpu, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000))


def steps_of(count: int) -> Iterator[Row]:
    """Ten fields of `count` steps."""
    found = (span for spans in traces(-(-count // 19)) for span in spans)
    for _, span in zip(range(count), found, strict=False):
        yield tuple(getattr(span, name) for name in FIELDS)


def ours(count: int, path: Path) -> float:
    """Our workbook."""
    rows = widened(list(steps_of(count)))
    return timed(lambda: write_ours(lambda: chunks(rows), path))


def ours_streamed(count: int, path: Path) -> float:
    """Ours, of 5,000 steps again and again, as if read in chunks."""
    few = widened(list(steps_of(5_000)))
    return timed(lambda: write_ours(lambda: (few for _ in range(count // len(few))), path))


def write_ours(read: Callable[[], Chunks], path: Path) -> None:
    """A whole workbook whose Steps are `read`, with no rows of other tables."""
    from jollyscope.export.workbook.book import write_workbook

    tables = {**dict.fromkeys(SHEETS, lambda: iter(())), "steps": read}
    write_workbook(Book(tables, SHEETS, {}), path, lambda _rows: None)


def chunks(rows: list[Row]) -> Chunks:
    """As they are read from a store."""
    for at in range(0, len(rows), CHUNK):
        yield rows[at : at + CHUNK]


def widened(rows: list[Row]) -> list[Row]:
    """Rows of ten fields as rows of the table: the others are None."""
    places = [FIELDS.index(name) if name in FIELDS else None for name in NAMES]
    return [tuple(None if at is None else row[at] for at in places) for row in rows]


def pandas_openpyxl(count: int, path: Path) -> float:
    """`DataFrame.to_excel` with openpyxl."""
    import pandas

    frame = pandas.DataFrame(dated(count), columns=list(FIELDS))
    return timed(lambda: frame.to_excel(path, engine="openpyxl", index=False))


def polars_write_excel(count: int, path: Path) -> float:
    """`DataFrame.write_excel`, which has XlsxWriter make a table."""
    import polars

    frame = polars.DataFrame(dated(count), schema=list(FIELDS), orient="row")
    return timed(lambda: frame.write_excel(path, autofilter=True, freeze_panes=(1, 0)))


def plain_xlsxwriter(count: int, path: Path) -> float:
    """XlsxWriter as its manual says for large files."""
    from xlsxwriter import Workbook

    rows = dated(count)

    def write() -> None:
        book = Workbook(
            path, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        )
        sheet = book.add_worksheet("Steps")
        sheet.write_row(0, 0, FIELDS)
        when = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss.000"})
        for number, values in enumerate(rows, 1):
            for place, value in enumerate(values):
                if place == 1:
                    sheet.write_datetime(number, place, value, when)
                elif isinstance(value, str):
                    sheet.write_string(number, place, value)
                elif value is not None:
                    sheet.write_number(number, place, value)
        book.close()

    return timed(write)


def rustpy(count: int, path: Path) -> float:
    """rust_xlsxwriter by way of Python."""
    from rustpy_xlsxwriter import write_worksheet

    records = [dict(zip(FIELDS, values, strict=True)) for values in dated(count)]
    return timed(lambda: write_worksheet(records, str(path), sheet_name="Steps", autofilter=True))


def dated(count: int) -> list[Row]:
    """The rows with dates for their times, as the others want them, which cut no texts themselves."""
    from datetime import timedelta

    return [
        (
            a,
            EPOCH + timedelta(microseconds=time_ns // 1000),
            *rest[:-2],
            *(t and t[:32_000] for t in rest[-2:]),
        )
        for a, time_ns, *rest in steps_of(count)
    ]


def timed(act: Callable[[], Any]) -> float:
    """CPU seconds."""
    begun = time.process_time()
    act()
    return time.process_time() - begun


WRITERS = {
    "ours": ours, "pandas + openpyxl": pandas_openpyxl, "polars write_excel": polars_write_excel,
    "XlsxWriter constant_memory": plain_xlsxwriter, "rustpy-xlsxwriter": rustpy,
}  # fmt: skip

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true", help="a tenth of the steps")
    main(quick=parser.parse_args().quick)
