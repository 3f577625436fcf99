"""Rows held by place: whatever is scrolled to comes, nothing twice, nothing wrong, little kept."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from jollyscope.query.listing import SessionRow, TraceRow
from jollyscope_tui.sources.lists import Order, Part, Row, identity, key_of
from jollyscope_tui.widgets.folds import Folds, Inside
from jollyscope_tui.widgets.sheet import KEPT, PAGE, Sheet
from tests.tui import fakes
from tests.tui.fake_lists import sessions_of

ROWS = [fakes.row(n) for n in range(1, 20_001)]
PLACES = {row.trace_id: place for place, row in enumerate(ROWS)}


def answer(part: Part, rows: list[TraceRow]) -> list[Row]:
    """As a store would."""
    ordered = rows[::-1] if part.backwards else rows
    start = part.offset
    if part.after is not None:
        at = PLACES[part.after[1]]
        start += (len(rows) - 1 - at if part.backwards else at) + 1
    found = ordered[start : start + part.limit]
    return list(found[::-1] if part.backwards else found)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 20_000), st.lists(st.floats(0, 1), max_size=12), st.integers(1, 70))
def test_every_place_scrolled_to_gets_its_row(total: int, jumps: list[float], height: int) -> None:
    rows = ROWS[:total]
    sheet = Sheet(rows[:PAGE], total)
    for jump in jumps:
        top = int(jump * max(0, total - height))
        for _ in range(5):
            gap = sheet.gap(top, top + height, Order())
            if gap is None:
                break
            assert 0 < gap.part.limit <= PAGE
            found = answer(gap.part, rows)
            assert len(found) == gap.part.limit or gap.part.after is not None
            sheet.put(gap.start, found)
        for place in range(top, min(total, top + height)):
            assert sheet.get(place) is rows[place]
            assert sheet.find(rows[place].trace_id) == place
        assert sheet.total == total
        assert len(list(sheet.held())) <= KEPT
    for row in sheet.held():
        assert isinstance(row, TraceRow)
        assert sheet.find(row.trace_id) == PLACES[row.trace_id]


def test_the_end_of_a_list_of_unknown_length_is_found() -> None:
    rows = ROWS[:450]
    sheet = Sheet(rows[:PAGE])
    assert not sheet.exact
    top = 0
    while (gap := sheet.gap(top, top + 300, Order())) is not None:
        found = answer(gap.part, rows)
        sheet.put(gap.start, found)
        if len(found) < gap.part.limit:
            sheet.end(gap.start + len(found))
        top = max(0, sheet.total - 50)
    assert (sheet.total, sheet.exact) == (450, True)
    assert [sheet.get(n) for n in range(450)] == rows


def test_far_places_are_counted_from_the_nearer_end() -> None:
    sheet = Sheet(ROWS[:PAGE], 1_000_000)
    early = sheet.gap(300_000, 300_040, Order())
    late = sheet.gap(999_960, 1_000_000, Order())
    assert early is not None
    assert late is not None
    assert (early.part.offset, early.part.backwards) == (299_920, False)
    assert (late.start, late.part) == (999_800, Part(PAGE, offset=0, backwards=True))


def test_next_to_what_is_held_pages_go_on_by_key() -> None:
    sheet = Sheet(ROWS[:PAGE], 20_000)
    sheet.put(10_000, list(ROWS[10_000:10_200]))
    after = sheet.gap(180, 220, Order())
    before = sheet.gap(9_980, 10_020, Order())
    assert after is not None
    assert before is not None
    assert (after.start, after.part) == (200, Part(PAGE, key_of(ROWS[199], Order())))
    assert before.part == Part(PAGE, key_of(ROWS[10_000], Order()), backwards=True)
    assert before.start == 9_800


def test_a_row_that_moved_is_at_its_new_place_alone() -> None:
    sheet = Sheet(ROWS[:3], 10)
    sheet.put(5, [ROWS[1]])
    assert sheet.find(ROWS[1].trace_id) == 5
    assert sheet.get(1) is None


@given(st.sets(st.integers(0, 19)), st.integers(1, 4), st.booleans())
def test_lines_and_places_agree(opened: set[int], inside: int, more: bool) -> None:
    sessions = sessions_of([fakes.row(n, session_id=f"s{n}") for n in range(20)])
    folds = Folds(Sheet(sessions, 20))
    traces = {n: [fakes.row(100 + n * 10 + k) for k in range(inside)] for n in opened}
    folds.open = {sessions[n].session_id: Inside(traces[n], more) for n in opened}
    folds.settle()
    expected: list[str] = []
    for n, session in enumerate(sessions):
        assert folds.line_of(n) == len(expected)
        expected.append(session.session_id)
        if n in opened:
            expected += [trace.trace_id for trace in traces[n]] + ["…"] * more
    shown: list[str] = []
    for line in map(folds.at, range(folds.total)):
        shown.append("…" if line.more else identity(line.row) if line.row else "?")
        if isinstance(line.row, TraceRow | SessionRow):
            assert folds.find(line.row) == len(shown) - 1
    assert shown == expected
