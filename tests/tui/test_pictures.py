"""The pictures of README and docs are the explorer's own: as it draws them now, showing what they say."""

from __future__ import annotations

import html
import re

import pytest

from tests.tui.make_pictures import FAILING, FOLDER, SCENES, drawn

ROOT = FOLDER.parents[1]


def words(picture: str) -> str:
    found = re.findall(r"<text[^>]*>([^<]*)</text>", picture)
    return html.unescape(" ".join(found)).replace("\xa0", " ")


@pytest.mark.parametrize("name", SCENES)
async def test_a_picture_is_what_the_explorer_draws(name: str) -> None:
    kept = (FOLDER / f"{name}.svg").read_text("utf-8")
    assert words(kept) == words(await drawn(SCENES[name])), "python -m tests.tui.make_pictures"


def test_the_failing_step_is_four_keys_away() -> None:
    assert len(FAILING) <= 4
    shown = words((FOLDER / "failing-step.svg").read_text("utf-8"))
    assert "calendar.add" in shown
    assert "TimeoutError" in shown


def test_every_picture_is_in_the_readme_loads_nothing_and_is_small() -> None:
    page = (ROOT / "README.md").read_text("utf-8")
    assert {path.stem for path in FOLDER.glob("*.svg")} == set(SCENES)
    for name in SCENES:
        assert f"docs/pictures/{name}.svg" in page
        text = (FOLDER / f"{name}.svg").read_text("utf-8")
        assert not re.search(r"url\(.?https?:", text)
        assert len(text) < 200_000


def test_the_page_of_the_explorer_has_those_of_its_screens() -> None:
    page = (ROOT / "docs" / "explorer.md").read_text("utf-8")
    assert set(re.findall(r"pictures/([\w-]+)\.svg", page)) == {*SCENES} - {
        "traces",
        "failing-step",
    }
