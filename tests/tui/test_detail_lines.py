"""What the detail's tabs are painted from: Markdown, JSON, long texts, stack traces, wrapping."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from jollyscope.analysis.flow import flow
from jollyscope.model.tree import build_tree
from jollyscope_tui.widgets.cells import clean
from jollyscope_tui.widgets.document import Document, Folds, Line
from jollyscope_tui.widgets.error_lines import stack_lines
from jollyscope_tui.widgets.flow_drawing import MOST_STATES, draw
from jollyscope_tui.widgets.json_lines import json_lines
from jollyscope_tui.widgets.markdown_lines import looks_like_markdown, markdown_lines
from jollyscope_tui.widgets.page import Page, marked
from jollyscope_tui.widgets.text_lines import FOLD_LINES, long_lines, plain_lines, prose_lines
from jollyscope_tui.widgets.wrapping import flow as wrapped
from tests.tui import fakes

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


def opened() -> Folds:
    folds = Folds()
    folds.set_all(True)
    return folds


def texts(lines: Any) -> list[str]:
    return [line.text for line in lines]


def styles(line: Line) -> dict[str, str]:
    return {text.strip(): style for text, style in line.paint if text.strip()}


def test_markdown_is_rendered() -> None:
    source = (
        "# A title\n\nSome **bold**, *soft* and `code`, a [link](http://h/p).\n\n"
        "- one\n  - two 二\n3. three\n4. four\n\n> said\n\n```python\ndef f(): return 1  # 一\n```\n\n"
        "| a | 天气 |\n|---|---|\n| 1 | 2 |\n"
    )
    lines = list(markdown_lines(source))
    assert texts(lines) == [
        "# A title", "", "Some bold, soft and code, a link (http://h/p).", "", "• one", "  • two 二",
        "3. three", "4. four", "", "▎ said", "", "│ def f(): return 1  # 一", "", "a │ 天气",
        "──┼─────", "1 │ 2   ",
    ]  # fmt: skip
    assert styles(lines[2])["bold"] == "strong"
    assert styles(lines[2])["soft"] == "emphasis"
    assert styles(lines[2])["code"] == "code"
    assert styles(lines[2])["link"] == "link"
    assert styles(lines[0])["A title"] == "heading"
    code = styles(lines[11])
    assert (code["def"], code["1"], code["# 一"]) == ("literal", "number", "muted")


def test_markdown_says_everything_and_never_fails() -> None:
    for text in (
        "plain words",
        "```\nno end",
        "| a |\n|-|",
        "<b>x</b>",
        "![i](u)",
        "\\*",
        "---",
    ):
        shown = "".join(texts(markdown_lines(text)))
        assert shown.strip()
    long = "\n\n".join(f"paragraph {n} with **some** words" for n in range(500))
    shown = "\n".join(texts(markdown_lines(long)))
    assert all(f"paragraph {n} with some words" in shown for n in range(500))
    block = "```\n" + "\n".join(f"code {n}" for n in range(5_000)) + "\n```\nafter *it*"
    shown = "\n".join(texts(markdown_lines(block)))
    assert all(f"│ code {n}\n" in shown for n in range(5_000))
    assert shown.endswith("after it")


def test_what_is_no_markdown_stays_as_it_is() -> None:
    assert not looks_like_markdown("a line\n  indented\n\n\nand_more_words 3 * 4 * 5")
    assert texts(prose_lines("a\n\n\n  b", "k", Folds())) == ["a", "", "", "  b"]
    assert all(map(looks_like_markdown, ("# x", "- a\n- b", "**b**", "use `x`", "```\nx\n```")))


def test_json_folds_and_unfolds() -> None:
    value = {"a": {"b": [1, {"c": {"d": 1}}]}, "t": "x\n" * 9, "j": '{"k": [true]}', "n": None}
    shut = texts(json_lines(value, "k", Folds()))
    assert "      { ▸ 1 key }" in shut
    assert shut[-2:] == ['  "n": null', "}"]
    folds = opened()
    everything = texts(json_lines(value, "k", folds))
    assert '          "d": 1' in everything
    assert any('"k": [' in line for line in everything)
    folds.set("k/a", False)
    lines = list(json_lines(value, "k", folds))
    assert '  "a": { ▸ 1 key },' in texts(lines)
    assert next(line for line in lines if '"a"' in line.text).value == value["a"]


@given(VALUES)
def test_unfolded_json_is_the_value_again(value: Any) -> None:
    written = msgspec.json.encode(value).decode()
    if any(not char.isprintable() for char in written) or '"{' in written or '"[' in written:
        return
    if isinstance(value, str) and "\n" in value:  # alone it is no JSON but text, shown as lines
        return
    shown = "".join(texts(json_lines(value, "k", opened()))).replace(" ▾", "")
    assert clean(written) != written or msgspec.json.decode(shown) == value


def test_a_long_text_is_folded_and_says_how_much_there_is() -> None:
    text = "\n".join(f"line {n}" for n in range(254))
    folds = Folds()
    lines = list(long_lines(text, "k", folds))
    assert len(lines) == FOLD_LINES + 1
    assert lines[-1].text.startswith("… 214 more lines")
    folds.set("k", True)
    lines = list(long_lines(text, "k", folds))
    assert texts(lines)[:-1] == text.split("\n")
    assert (lines[-1].text, lines[-1].fold) == ("▴ fold it again", "k")
    assert len(list(long_lines("a\n" * 42, "k", Folds()))) == 43
    one = list(long_lines("天" * 20_000, "k", Folds()))
    assert [len(one), one[1].text] == [2, "… 14,000 more characters"]


def test_frames_of_own_files_stand_out() -> None:
    trace = (
        "Traceback (most recent call last):\n"
        '  File "/home/ann/agent/tools.py", line 42, in add\n    reply = wait(2)\n            ^^^^^^^\n'
        '  File "/venv/lib/python3.11/site-packages/httpx/_client.py", line 9, in send\n    raise x\n'
        "TimeoutError: took too long"
    )
    lines = list(stack_lines(trace))
    own, foreign = lines[1], lines[4]
    assert own.text.startswith("▌")
    assert styles(own)["/home/ann/agent/tools.py"] == "strong"
    assert own.value == "/home/ann/agent/tools.py:42"
    assert {style for _, style in foreign.paint} == {"muted"}
    assert {style for _, style in lines[5].paint} == {"muted"}
    assert styles(lines[2])["2"] == "number"
    assert styles(lines[-1]) == {"TimeoutError: took too long": "error"}
    assert "".join(line.text.removeprefix("▌") for line in lines) == trace.replace("\n", "")


@given(
    st.lists(st.tuples(st.text(max_size=30).map(clean), st.sampled_from("ab")), max_size=5),
    st.integers(4, 30),
    st.integers(0, 12),
)
def test_wrapping_keeps_every_character_and_its_colour(
    paint: list[tuple[str, str]], width: int, indent: int
) -> None:
    rows = list(wrapped(paint, width, indent))
    assert rows
    assert all(cell_len("".join(text for text, _ in row)) <= width for row in rows)
    kept = [(char, style) for row in rows for text, style in row if style for char in text]
    assert kept == [(char, style) for text, style in paint for char in text]


def test_a_page_is_made_as_far_as_it_is_wanted() -> None:
    made: list[int] = []

    def lines(_folds: Folds) -> Any:
        for number in range(100_000):
            made.append(number)
            yield Line([(f"line {number}", "text")])

    page = Page(Document(lines, lambda: ""), Folds(), 40)
    assert not page.make(60.0, enough=30)
    assert (len(page.rows), len(made)) == (30, 30)
    assert page.find("line 2", 5, 1) == 20
    assert page.find("line 2", 1, -1) == 29
    assert page.find("nothing", 1, 1) is None
    assert page.make(60.0)
    assert len(page.rows) == 100_000


def test_marking_matches() -> None:
    paint = [("One tw", "a"), ("o ONE", "b")]
    found = [("One", "match"), (" tw", "a"), ("o ", "b"), ("ONE", "match")]
    assert marked(paint, "one") == found
    assert marked([("İx", "a")], "x") == [("İx", "a")]


def test_the_drawing_fits_and_says_what_it_leaves_out() -> None:
    spans = [fakes.span(1, None, 0, 900, step_type="user_input")]
    for number in range(60):
        at = number * 10
        spans.append(fakes.span(2 + 2 * number, 1, at, 1, step_type="think"))
        spans.append(
            fakes.span(3 + 2 * number, 1, at + 1, 1, step_type="act", tool_name=f"工具_{number}")
        )
    graph = flow(build_tree(spans))
    for width in (40, 60, 78, 200):
        drawing = draw(graph, width)
        assert drawing.states_left == len(graph.nodes) - MOST_STATES
        assert drawing.edges_left > 0
        widest = max(cell_len("".join(text for text, _ in line)) for line in drawing.lines)
        assert widest <= max(width, 46)


def test_plain_lines_are_all_of_the_text() -> None:
    assert texts(plain_lines("a\r\nb\n\nc")) == ["a", "b", "", "c"]
    assert texts(plain_lines("")) == [""]
