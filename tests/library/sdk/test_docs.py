"""docs/sdk.md: complete, and its examples run."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

import jollyscope
from jollyscope.config import SdkConfig
from tests.library.sdk.conftest import Run, Spool

TEXT = (Path(__file__).parents[3] / "docs" / "sdk.md").read_text(encoding="utf-8")


def test_every_public_name_is_documented() -> None:
    names = [name for name in jollyscope.__all__ if name not in ("Status", "Step")]
    assert not [name for name in names if f"jollyscope.{name}" not in TEXT and name not in TEXT]
    methods = [name for name in vars(jollyscope.Step) if not name.startswith("_")]
    internal = {"again", "start", "context", "end"}
    assert not [name for name in methods if name not in internal and f"`{name}" not in TEXT]


def test_every_setting_is_documented_with_its_default() -> None:
    for field in msgspec.structs.fields(SdkConfig):
        (row,) = [line for line in TEXT.splitlines() if line.startswith(f"| `{field.name}` |")]
        assert f"JOLLYSCOPE_SDK_{field.name.upper()}" in row
        default = {True: "`true`", None: ""}.get(field.default, str(field.default))
        assert row.split("|")[3].strip() == default


def test_the_examples_run(run: Run, home: Spool) -> None:
    code = "\n".join(re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL))
    done = run(code)
    assert done.stderr == ""
    names = [r.name for r in home.lines() if r.state == "closed"]
    assert names.count("look up") == 2
    assert names.count("search") == 5
    (answer,) = [r for r in home.lines() if r.name == "answer" and r.state == "closed"]
    assert (answer.output, answer.model) == ("31 °C.", "gpt-4o")
