"""docs/collect.md: every setting with its default, every status, and an example that runs."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from jollyscope.config import CollectConfig
from jollyscope.receive.otlp.stats import Counts
from jollyscope.receive.otlp.unpack import ENCODINGS

TEXT = (Path(__file__).parents[3] / "docs" / "collect.md").read_text(encoding="utf-8")


def test_every_setting():
    for field in msgspec.structs.fields(CollectConfig):
        row = re.search(rf"^\| `{field.name}` \| (.*?) \|", TEXT, re.MULTILINE)
        assert row, field.name
        assert row[1].strip("`") == ("none" if field.default is None else str(field.default))


def test_every_encoding_path_and_count():
    for name in ENCODINGS:
        assert name == "identity" or f"`{name}`" in TEXT
    for path in ("/v1/traces", "/v1/logs", "/v1/metrics", "/healthz"):
        assert f"`{path}`" in TEXT or f"GET {path}`" in TEXT
    for name in Counts.__struct_fields__:
        assert f'"{name}":' in TEXT


def test_the_example_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.chdir(tmp_path)
    example = re.search(r"```python\n(.*?)```", TEXT, re.DOTALL)
    assert example
    exec(example[1], {})
    said = capsys.readouterr().out
    assert "http://127.0.0.1:" in said
    assert "Counts(spans=0" in said
