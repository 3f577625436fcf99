"""What the rows of the list of traces and sessions say, and which columns fit."""

from __future__ import annotations

from datetime import UTC

import pytest

from jollyscope_tui.view import COLUMN_NAMES
from jollyscope_tui.widgets.cells import paint_width
from jollyscope_tui.widgets.column_paint import Look, paint_strip_cells
from jollyscope_tui.widgets.columns import COLUMNS, EDGE, USUAL, layout, paint_line, sortable
from tests.tui import fakes
from tests.tui.fake_lists import sessions_of

LONG = "北京 天气 🌦️ 👩‍💻 \x1b[31m e\u0301 and more " * 9
ALL = tuple(COLUMNS)


def text(paint: list[tuple[str, str]]) -> str:
    return "".join(piece for piece, _ in paint)


@pytest.mark.parametrize("width", [40, 60, 79, 80, 100, 120, 160, 200, 250])
@pytest.mark.parametrize("names", [USUAL, ALL, ("trace", "output"), ("labels",)], ids=str)
def test_rows_and_columns_take_exactly_their_cells(width: int, names: tuple[str, ...]) -> None:
    rows = [*fakes.varied_rows(6), fakes.row(7, input=LONG, session_id=LONG, tools=[LONG])]
    look = Look(fakes.NOW, UTC, 9e3, {rows[0].trace_id: [LONG, "b"]})
    for row in (*rows, *sessions_of(rows)):
        for inner in (False, True):
            paint = paint_line(row, width, look._replace(inner=inner), names, edge="▌✓")
            assert paint_width(paint) == width
    assert sum(cells + 1 for _, cells in layout(width, names)) == width


def test_eighty_columns_show_what_matters_and_250_show_all() -> None:
    titles = [column.title for column, _ in layout(79 - EDGE + 1)]
    assert titles == ["when", "status", "input", "steps", "tokens", "cost", "time"]
    assert [column for column, _ in layout(249)] == [COLUMNS[name] for name in USUAL]


def test_chosen_columns_stand_as_chosen() -> None:
    names = ("time", "input", "user")
    assert [column.title for column, _ in layout(78, names)] == list(names)
    assert [column.title for column, _ in layout(30, names)] == ["time", "input"]


def test_a_strip_is_cut_visibly() -> None:
    assert text(paint_strip_cells("utAoer", 8)) == "▸◆✖○✖✔  "
    assert text(paint_strip_cells("utaotaor", 5)) == "▸◆●○…"


def test_a_session_says_how_many_traces_it_has() -> None:
    session = sessions_of([fakes.row(3), fakes.row(4), fakes.row(5)])[0]
    said = text(paint_line(session, 120, Look(fakes.NOW, UTC)))
    assert "3 traces" in said
    assert "6 calls" in text(paint_line(session, 200, Look(fakes.NOW, UTC)))


def test_what_sessions_lack_they_are_not_sorted_by() -> None:
    assert (
        sortable(COLUMN_NAMES, sessions=True).keys() < sortable(COLUMN_NAMES, sessions=False).keys()
    )
    assert "output" not in sortable(COLUMN_NAMES, sessions=True)
