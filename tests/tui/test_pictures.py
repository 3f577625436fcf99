"""The README's pictures are the explorer's own: drawn alike every time, and showing what they say."""

from __future__ import annotations

import html
import re

from tests.tui.make_pictures import FOLDER, SCENES, drawn

README = FOLDER.parents[1] / "README.md"


def words(picture: str) -> str:
    found = re.findall(r"<text[^>]*>([^<]*)</text>", picture)
    return html.unescape(" ".join(found)).replace("\xa0", " ")


async def test_a_scene_is_drawn_alike_every_time_and_ends_at_the_failing_step() -> None:
    scene = SCENES["failing-step"]
    first = await drawn(scene)
    assert first == await drawn(scene)
    assert "calendar.add" in words(first)
    assert "TimeoutError" in words(first)
    assert len(scene.keys) <= 4


def test_every_picture_is_there_is_in_the_readme_and_loads_nothing() -> None:
    page = README.read_text("utf-8")
    assert {path.stem for path in FOLDER.glob("*.svg")} == set(SCENES)
    for name in SCENES:
        assert f"docs/pictures/{name}.svg" in page
        text = (FOLDER / f"{name}.svg").read_text("utf-8")
        assert "JollyScope" in words(text) or "calendar.add" in words(text)
        assert not re.search(r"url\(.?https?:", text)
