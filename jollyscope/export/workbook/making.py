"""The data sheets, table by table, and what is learnt while their rows pass."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from copy import deepcopy
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from jollyscope.export.tables import Tables
from jollyscope.export.workbook.frame import LINKED, Styles
from jollyscope.export.workbook.layout import LAYOUTS, Layout
from jollyscope.export.workbook.pivot import Pivot
from jollyscope.export.workbook.pivot_cache import Cache
from jollyscope.export.workbook.sheet import Cell, Limits, Part, SheetWriter
from jollyscope.export.workbook.tally import Groups

__all__ = ["CUT_SUFFIX", "Sheets"]

CUT_SUFFIX = ".texts.jsonl"
"""How the file is called, after the workbook's name, that has whole what a cell could not hold."""

_PIVOTED = {
    "steps": ("day", "cost_usd", {"By step": "step_type", "By day": "day"}),
    "tool_calls": ("day", "duration_ms", {"By tool": "tool_name"}),
}
"""First and last column of what pivot tables are made from, and their titles and fields."""
_SUMMED = {"steps": ("step_type", "model", "day"), "tool_calls": ("tool_name",)}
_NUMBERS = ("failed", "duration_ms", "input_tokens", "output_tokens", "cost_usd")


class Sheets:
    """Writes the data sheets of `tables` to a package. `watch` is told how many rows are written; with
    `whole` texts that are cut go there as JSON lines.
    """

    def __init__(
        self, package: ZipFile, tables: Tables, styles: Styles, limits: Limits,
        watch: Callable[[int], None], whole: Path | None,
    ) -> None:  # fmt: skip
        self.parts: dict[str, list[Part]] = {}
        self.cut: Counter[str] = Counter()
        self.groups = {field: Groups() for fields in _SUMMED.values() for field in fields}
        self.pivots: list[Pivot] = []
        self.rows = 0
        self._package, self._tables, self._styles, self._limits = package, tables, styles, limits
        self._watch, self._whole = watch, whole
        self._kept = ExitStack()
        self._texts: Any = None
        self._executions: dict[str, Cell] = {}
        self._first_steps: dict[str, Cell] = {}
        self._pivoted: dict[str, Groups] = {}

    def __enter__(self) -> Sheets:
        return self

    def __exit__(self, *_: object) -> None:
        self._kept.close()

    def write(self) -> None:
        """All sheets. That of executions last: its links lead to steps whose rows are known then."""
        with self._writer("executions", self._first_steps.get, staged=True) as executions:
            self._read("executions", executions, self._executions)
            for table in LAYOUTS:
                if table == "executions":
                    continue
                with self._writer(table, self._executions.get) as writer:
                    self._read(table, writer, self._first_steps if table == "steps" else None)
                self.parts[table] = writer.parts
        self.parts["executions"] = executions.parts

    def _writer(
        self, table: str, target: Callable[[str], Cell | None], *, staged: bool = False
    ) -> SheetWriter:
        return SheetWriter(
            self._package, LAYOUTS[table], self._styles, self._limits, cut=self._was_cut,
            target=target, staged=staged,
        )  # fmt: skip

    def _read(self, table: str, writer: SheetWriter, places: dict[str, Cell] | None) -> None:
        layout = LAYOUTS[table]
        cache = None
        if table in _PIVOTED:
            first, last, _ = _PIVOTED[table]
            cache = Cache(layout, first, last)
            self._kept.callback(cache.close)
        for chunk in self._tables[table]():
            at = 0
            while at < len(chunk):
                room, cell = writer.room()
                part = chunk[at : at + room]
                at += room
                columns = layout.arranged(part)
                writer.add(columns)
                if places is not None:
                    self._note_places(places, columns[layout.place(LINKED)], cell)
                if cache is not None:
                    self._note(layout, columns, cell, cache)
                self.rows += len(part)
                self._watch(self.rows)
        if cache is not None and cache.count:
            for title, field in _PIVOTED[table][2].items():
                groups = self._pivoted.get(field, self.groups[field])
                self.pivots.append(Pivot(title, field, cache, groups))

    def _note_places(self, places: dict[str, Cell], traces: Sequence[str], cell: Cell) -> None:
        """Remember where a trace is met first, of as many as can be linked."""
        for row, trace in enumerate(traces, cell.row):
            if trace not in places:
                if len(places) >= self._limits.links:
                    break
                places[trace] = Cell(cell.title, row)

    def _note(self, layout: Layout, columns: list[Sequence[Any]], cell: Cell, cache: Cache) -> None:
        """Add rows up. A pivot table's source is one sheet: the first."""
        in_first = cell.title == layout.title
        if in_first:
            cache.add(columns)
        none = [None] * len(columns[0])
        numbers = [columns[layout.place(n)] if layout.has(n) else none for n in _NUMBERS]
        for field in _SUMMED[layout.table]:
            if not in_first and field not in self._pivoted:
                self._pivoted[field] = deepcopy(self.groups[field])
            values = columns[layout.place(field)]
            self.groups[field].add(values, zip(*numbers, strict=True))

    def _was_cut(self, cell: Cell, column: str, text: str) -> None:
        self.cut[cell.title] += 1
        if self._whole is None:
            return
        if self._texts is None:
            self._texts = self._kept.enter_context(self._whole.open("w", encoding="utf-8"))
        line = {"sheet": cell.title, "row": cell.row, "column": column, "text": text}
        self._texts.write(json.dumps(line) + "\n")
