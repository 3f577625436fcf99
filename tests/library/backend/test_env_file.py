"""Secrets: made once, read by nobody else, never lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jollyscope.backend.stack import env_file
from jollyscope.backend.stack.trouble import BackendError


def test_made_once_and_private(tmp_path: Path):
    path = tmp_path / "backend" / ".env"
    assert env_file.make(path, {})
    first = env_file.read(path)
    assert set(first) == set(env_file.SECRETS)
    assert len(set(first.values())) == 2
    assert all(len(value) >= 32 for value in first.values())
    assert path.stat().st_mode & 0o777 == 0o600
    assert not env_file.make(path, {})
    assert env_file.read(path) == first


def test_what_stands_there_stays(tmp_path: Path):
    path = tmp_path / ".env"
    path.write_text("# mine\nJOLLYSCOPE_GRAFANA_PASSWORD=a = b#c\nJOLLYSCOPE_KAFKA_PORT=9999")
    path.chmod(0o644)
    assert env_file.make(path, {})
    found = env_file.read(path)
    assert found["JOLLYSCOPE_GRAFANA_PASSWORD"] == "a = b#c"
    assert found["JOLLYSCOPE_KAFKA_PORT"] == "9999"
    assert found["JOLLYSCOPE_CLICKHOUSE_PASSWORD"]
    assert path.read_text().startswith("# mine\n")
    assert path.stat().st_mode & 0o777 == 0o600
    around = env_file.effective(path, {"JOLLYSCOPE_KAFKA_PORT": "1", "JOLLYSCOPE_BIND": ""})
    assert around["JOLLYSCOPE_KAFKA_PORT"] == "1"
    assert "JOLLYSCOPE_BIND" not in around


@pytest.mark.parametrize(
    ("bind", "token"),
    [
        ("127.0.0.1", False),
        ("localhost", False),
        ("::1", False),
        ("0.0.0.0", True),
        ("node-3", True),
    ],
)
def test_a_token_where_others_can_reach_it(tmp_path: Path, bind: str, token: bool):
    env_file.make(tmp_path / ".env", {"JOLLYSCOPE_BIND": bind})
    assert (env_file.TOKEN in env_file.read(tmp_path / ".env")) is token


def test_a_line_that_says_nothing(tmp_path: Path):
    (tmp_path / ".env").write_text("A=1\nnonsense\n")
    with pytest.raises(BackendError, match="Line 2 of"):
        env_file.read(tmp_path / ".env")


@given(st.dictionaries(
    st.from_regex(r"[A-Z][A-Z0-9_]{0,8}", fullmatch=True),
    st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=20).map(str.strip),
))  # fmt: skip
def test_whatever_is_set_is_read(
    tmp_path_factory: pytest.TempPathFactory, settings: dict[str, str]
):
    path = tmp_path_factory.mktemp("env") / ".env"
    path.write_text("".join(f"{name}={value}\n" for name, value in settings.items()), "utf-8")
    assert env_file.read(path) == settings
