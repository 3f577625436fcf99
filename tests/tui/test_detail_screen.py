"""The detail pane under the fingers: every key of it, and the mouse."""

from __future__ import annotations

from typing import Any

import pytest
from textual.pilot import Pilot

from jollyscope.errors import StoreError
from jollyscope_tui.navigation import AnnotateAsked, CopyAsked, ExportAsked, PageAsked, TermAsked
from jollyscope_tui.widgets.details import TABS
from jollyscope_tui.widgets.document_pane import DocumentPane
from tests.tui import fakes
from tests.tui.conftest import lines_of, on_trace, screen_of, settle, until, view_of
from tests.tui.detail_runs import looping_run, sampled, talking_run

SIZE = (100, 40)


async def press(pilot: Pilot[Any], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
    await settle(pilot)


def pane_of(pilot: Pilot[Any]) -> DocumentPane:
    return screen_of(pilot).detail.text_pane


def shown(pilot: Pilot[Any]) -> str:
    """All rows of the tab."""
    return "\n".join(row.text for row in pane_of(pilot).rows)


def heard(pilot: Pilot[Any], kind: type[Any]) -> list[Any]:
    """Messages that reach the app, from now on; nothing else happens to them."""
    found: list[Any] = []
    screen = screen_of(pilot)
    send = screen.post_message

    def post(message: Any) -> bool:
        if isinstance(message, kind):
            found.append(message)
            return True
        return send(message)

    screen.post_message = post  # type: ignore[method-assign]
    pane = pane_of(pilot)
    pane.post_message = lambda m: (
        post(m) if isinstance(m, kind) else type(pane).post_message(pane, m)
    )  # type: ignore[method-assign]
    return found


async def stand_on(pilot: Pilot[Any], text: str) -> None:
    """Put the cursor on the first row with the text."""
    await settle(pilot)
    rows = pane_of(pilot).rows
    at = next(n for n, row in enumerate(rows) if text in row.text)
    pane_of(pilot)._stand(at)
    await pilot.pause()


async def test_the_number_keys_choose_the_tabs() -> None:
    async with on_trace(talking_run()).run_test(size=SIZE) as pilot:
        await settle(pilot)
        for number, name in enumerate(TABS, 1):
            await press(pilot, str(number % 10))
            assert screen_of(pilot).detail.tab == name
            assert f"[{name}]" in "\n".join(lines_of(pilot.app))
        await press(pilot, "d")
        assert not screen_of(pilot).detail.display
        await press(pilot, "w")
        assert screen_of(pilot).detail.tab == "Flow"
        assert pane_of(pilot).has_focus


async def test_a_conversation_folds_and_unfolds() -> None:
    async with on_trace(talking_run()).run_test(size=SIZE) as pilot:
        await settle(pilot)
        await press(pilot, "G", "k", "2", "enter")
        text = shown(pilot)
        for said in ("■ system", "▸ user", "◆ assistant", "● calls search", "○ tool", "┊ thinks",
                     '{"query":"北京 天气","days":1}', "… 23 more lines", "… 4 more lines",
                     "# 明天的天气", "│ def umbrella"):  # fmt: skip
            assert said in text, said
        await stand_on(pilot, "… 23 more lines")
        await press(pilot, "enter")
        assert "Rule 30: be brief." in shown(pilot)
        assert "Rule 8: be brief." in pane_of(pilot).rows[pane_of(pilot).cursor].text
        await stand_on(pilot, "▴ fold it again")
        await press(pilot, "enter")
        assert "Rule 30" not in shown(pilot)
        assert "… 23 more" in pane_of(pilot).rows[pane_of(pilot).cursor].text
        await press(pilot, "asterisk")
        assert "Rule 30" in shown(pilot)
        await press(pilot, "underscore")
        assert len(pane_of(pilot).rows) == 9
        await press(pilot, "g", "enter")
        assert "You help with the weather." in shown(pilot)


async def test_r_shows_texts_as_they_are() -> None:
    async with on_trace(talking_run()).run_test(size=SIZE) as pilot:
        await settle(pilot)
        await press(pilot, "j", "4")
        assert "• " not in shown(pilot)
        assert "1. rain until noon" in shown(pilot)
        await press(pilot, "R")
        assert "1. rain until *noon*" in shown(pilot)
        assert "```python" in shown(pilot)
        await press(pilot, "R")
        assert "```python" not in shown(pilot)


async def test_moving_in_a_long_text() -> None:
    async with on_trace([fakes.span(1, input="天气 " * 350_000)]).run_test(size=SIZE) as pilot:
        await settle(pilot)
        await press(pilot, "3", "enter")
        pane = pane_of(pilot)
        assert len(pane.rows) < 200
        assert "… 1.0M more characters" in shown(pilot)
        await press(pilot, "G", "enter")
        await press(pilot, "G")
        assert len(pane.rows) > 10_000
        assert pane.cursor == len(pane.rows) - 1
        assert pane.rows[-1].text == "▴ fold it again"
        for key, step in (("k", -1), ("j", 1), ("pageup", -17), ("ctrl+d", 8), ("ctrl+u", -8)):
            before = pane.cursor
            await press(pilot, key)
            assert abs(pane.cursor - before - step) <= 3, key
            assert 0 <= pane.cursor - pane.scroll_offset.y < pane.size.height
        await press(pilot, "g")
        assert (pane.cursor, pane.scroll_offset.y) == (0, 0)


async def test_a_key_is_answered_before_a_long_text_is_ready() -> None:
    text = "\n".join(f"- line **{n}** of a *long* text" for n in range(8_000))
    async with on_trace([fakes.span(1, input=text)]).run_test(size=SIZE) as pilot:
        await settle(pilot)
        await press(pilot, "3", "enter")
        pane = pane_of(pilot)
        pane.action_fold_all(True)
        assert pane.busy
        pane.action_move(1)
        assert pane.cursor == 1
        await until(pilot, lambda: not pane.busy)
        assert pane.rows[-1].text == "▴ fold it again"
        assert pane.rows[7_999].text == "• line 7999 of a long text"


async def test_attributes_are_filtered_as_one_types() -> None:
    async with on_trace(talking_run()).run_test(size=SIZE) as pilot:
        await settle(pilot)
        await press(pilot, "j", "5", "enter")
        assert "attributes  8" in shown(pilot)
        assert "resource  2" in shown(pilot)
        await press(pilot, "slash", *"http")
        assert shown(pilot).split() == [
            "attributes", "2", "of", "8", "http.method", "GET", "http.status_code", "500",
        ]  # fmt: skip
        await press(pilot, "enter")
        assert pane_of(pilot).has_focus
        assert "http.method" in shown(pilot)
        await press(pilot, "escape")
        assert "attributes  8" in shown(pilot)
        assert pane_of(pilot).has_focus
        await press(pilot, "slash", *"zz")
        assert "None of them has “zz”." in shown(pilot)
        await press(pilot, "escape", "escape")
        assert view_of(pilot).has_focus


async def test_finding_in_other_tabs() -> None:
    async with on_trace(talking_run()).run_test(size=SIZE) as pilot:
        await settle(pilot)
        await press(pilot, "j", "0", "enter", "slash", *"SPAN_ID", "enter")
        pane = pane_of(pilot)
        first = pane.cursor
        assert '"span_id"' in pane.rows[first].text
        await press(pilot, "n")
        assert "parent_span_id" in pane.rows[pane.cursor].text
        await press(pilot, "N")
        assert pane.cursor == first
        await press(pilot, "escape")
        assert pane.needle == ""
        await press(pilot, "slash", *"nowhere", "enter", "n")
        said = [note.message for note in pilot.app._notifications]
        assert any("“nowhere” is not in this tab" in text for text in said)


@pytest.mark.parametrize(
    ("tab", "line", "term"),
    [
        ("5", "http.status_code", "attr.http.status_code:500"),
        ("5", "ok ", "attr.ok:false"),
        ("5", "gen_ai.tool.name", 'tool:"search web"'),
        ("5", "host.name", "resource.host.name:web-1"),
        ("1", "session", 'session:"s 42"'),
        ("1", "user", "user:ann"),
        ("7", "httpx.ReadTimeout", "error:httpx.ReadTimeout"),
    ],
)
async def test_f_filters_the_list_by_the_value_under_the_cursor(
    tab: str, line: str, term: str
) -> None:
    async with on_trace(talking_run()).run_test(size=SIZE) as pilot:
        await settle(pilot)
        await press(pilot, "j", tab, "enter")
        asked = heard(pilot, TermAsked)
        await stand_on(pilot, line)
        await press(pilot, "f")
        assert [message.term for message in asked] == [term]


async def test_f_in_the_tree_takes_the_tool_or_the_model() -> None:
    async with on_trace(talking_run()).run_test(size=SIZE) as pilot:
        await settle(pilot)
        asked = heard(pilot, TermAsked)
        await press(pilot, "j", "f", "j", "f")
        assert [message.term for message in asked] == ['tool:"search web"', "model:gpt-4o"]
        await press(pilot, "5", "enter", "f")
        assert len(asked) == 2
        assert "no value on this line" in next(n.message for n in pilot.app._notifications)


async def test_keys_that_the_app_answers() -> None:
    async with on_trace(talking_run()).run_test(size=SIZE) as pilot:
        await settle(pilot)
        await press(pilot, "j", "3")
        asked = heard(pilot, (CopyAsked, PageAsked, ExportAsked, AnnotateAsked))  # type: ignore[arg-type]
        await press(pilot, "y", "o", "O", "e", "m", "5", "enter", "j", "c")
        copied, paged, edited, exported, noted, value = asked
        assert copied.text.startswith('{"query": "北京 天气"')
        assert (paged.editor, paged.suffix, paged.text) == (False, ".json", copied.text)
        assert (edited.editor, edited.suffix) == (True, ".json")
        assert exported.traces == noted.traces == [fakes.trace_id(1)]
        assert noted.span == fakes.span_id(2)
        assert value.text == '{"inner": [1, 2]}'


async def test_the_detail_alone_and_beside_the_tree() -> None:
    async with on_trace(talking_run()).run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "D")
        assert not view_of(pilot).region
        assert pane_of(pilot).has_focus
        assert pane_of(pilot).size.height == 21
        await press(pilot, "D")
        assert view_of(pilot).has_focus
        assert view_of(pilot).region


async def test_the_mouse_folds_and_moves() -> None:
    async with on_trace(talking_run()).run_test(size=SIZE) as pilot:
        await settle(pilot)
        await press(pilot, "j", "3")
        pane = pane_of(pilot)
        rows = len(pane.rows)
        row = next(n for n, r in enumerate(pane.rows) if '"days"' in r.text)
        sign = pane.rows[row].text.index("▾")
        await pilot.click(pane, offset=(5, row))
        await settle(pilot)
        assert (pane.cursor, len(pane.rows)) == (row, rows)
        await pilot.click(pane, offset=(sign + 1, row))
        await settle(pilot)
        assert len(pane.rows) < rows
        await pilot.click(pane, offset=(5, row), times=2)
        await settle(pilot)
        assert len(pane.rows) == rows
        bar = "\n".join(lines_of(pilot.app)).split("\n")[screen_of(pilot).detail.region.y]
        await pilot.click("TabBar", offset=(bar.index("Events") + 1, 0))
        await settle(pilot)
        assert screen_of(pilot).detail.tab == "Events"


async def test_events_and_links_and_what_failed() -> None:
    async with on_trace(talking_run()).run_test(size=SIZE) as pilot:
        await settle(pilot)
        await press(pilot, "j", "6")
        assert "+1.00s  retry" in shown(pilot)
        assert f"link →  {fakes.trace_id(2)}" in shown(pilot)
        assert "attempt  2" in screen_of(pilot).detail.document.text
        await press(pilot, "7")
        assert "▌  File" in shown(pilot)
        assert screen_of(pilot).detail.document.text.count("httpx") == 3


async def test_resources_are_read_and_drawn() -> None:
    app = on_trace(talking_run())
    app.services.source.sampled = sampled  # type: ignore[attr-defined]
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await press(pilot, "j", "8")
        text = shown(pilot)
        assert "the span says  42 % of one core on average · 128 MB at the end" in text
        assert "CPU of all cores  min " in text
        assert "memory resident" in text
        assert "█" in text


async def test_resources_that_cannot_be_read_say_why() -> None:
    def fails(*_: Any) -> Any:
        raise StoreError("The disk is gone.")

    app = on_trace(talking_run())
    app.services.source.sampled = fails  # type: ignore[attr-defined]
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await press(pilot, "8")
        await until(pilot, lambda: "The disk is gone." in shown(pilot))
        await press(pilot, "1")
        assert "started" in shown(pilot)


async def test_notes_and_labels_are_on_the_overview() -> None:
    app = on_trace(talking_run())
    notes = app.services.source.notes
    one = fakes.trace_id(1)
    notes.annotate([one], None, "label", "slow")
    notes.annotate([one], fakes.span_id(2), "note", "看看 this call")
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await press(pilot, "j")
        await until(pilot, lambda: "#slow of the trace" in shown(pilot))
        assert "看看 this call" in shown(pilot)
        await press(pilot, "j")
        assert "看看" not in shown(pilot)


async def test_the_flow_of_ten_thousand_steps() -> None:
    async with on_trace(looping_run(4_000, 50)).run_test(size=SIZE) as pilot:
        await settle(pilot)
        await press(pilot, "w")
        await until(pilot, lambda: "more than there is room to draw" in shown(pilot))
        assert shown(pilot).startswith("11,202 steps · 54 states")
        await press(pilot, "G")
        assert "● act tool_49" in shown(pilot)
