"""`jollyscope config`: where values come from, and changing one without touching the rest."""

from __future__ import annotations

import json
import os
import tomllib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jollyscope.backend.settings_file import set_value, unset_value
from jollyscope.config import load
from jollyscope.errors import UsageError

HAND_WRITTEN = """\
# My settings.
store = "lake:///data"   # on the big disk

[sdk]
flush_ms = 50 # quick
# service = "later"
service = "a # b"
  [ui]  # looks
theme="nord"
"""


@pytest.fixture
def file(tmp_path) -> Path:
    return tmp_path / "config.toml"


def rows(run) -> dict[str, dict[str, object]]:
    return {row["key"]: row for row in json.loads(run("config", "--json").out)}


def test_every_value_and_its_source(run, file, monkeypatch):
    file.write_text(HAND_WRITTEN)
    monkeypatch.setenv("JOLLYSCOPE_SDK_FLUSH_MS", "25")
    found = rows(run)
    assert found["sdk.flush_ms"] == {
        "key": "sdk.flush_ms",
        "value": 25,
        "source": "JOLLYSCOPE_SDK_FLUSH_MS",
        "variable": "JOLLYSCOPE_SDK_FLUSH_MS",
    }
    assert found["ui.theme"]["source"] == str(file)
    assert found["sdk.queue"]["source"] == "default"
    assert f"ui.theme\tnord\t{file}\tJOLLYSCOPE_UI_THEME\n" in run("config").out
    assert run("config", "path").out == f"{file}\n"
    assert run("config", "get", "ui.theme").out == "nord\n"


def test_tokens_and_passwords_are_not_shown(run, file, monkeypatch):
    monkeypatch.setenv("JOLLYSCOPE_COLLECT_TOKEN", "hush-1")
    monkeypatch.setenv(
        "JOLLYSCOPE_KAFKA_PROPERTIES", '{"sasl.password": "hush-2", "security.protocol": "SSL"}'
    )
    shown = run("config").out + run("config", "--json").out
    assert "hush" not in shown
    assert rows(run)["collect.token"]["value"] == "***"
    assert rows(run)["kafka.properties"]["value"]["security.protocol"] == "SSL"
    assert run("config", "get", "collect.token").out == "hush-1\n"


def test_a_terminal_gets_an_aligned_table(run, monkeypatch):
    monkeypatch.setattr("jollyscope_cli.config.on_terminal", lambda: True)
    header, *lines = run("config").out.splitlines()
    at = header.index("source")
    assert {line[at - 2 : at] for line in lines} == {"  "}
    assert {line[at : at + 7] for line in lines} == {"default"}


def test_passwords_stay_hidden(run, monkeypatch):
    monkeypatch.setenv("JOLLYSCOPE_STORE", "clickhouse://ann:secret@host:9000/db")
    for args in (["config"], ["config", "--json"]):
        assert "secret" not in run(*args).out
        assert "clickhouse://ann:***@host:9000/db" in run(*args).out


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["get", "sdk.flush"], "Did you mean `sdk.flush_ms`?"),
        (["set", "sdk.flushms", "3"], "Did you mean `sdk.flush_ms`?"),
        (["set", "sdk.flush_ms", "soon"], "`sdk.flush_ms` in the command line is 'soon'"),
        (["set", "sdk.flush_ms", "0"], "`sdk.flush_ms`"),
        (["unset", "nothing"], "There is no setting `nothing`."),
    ],
)
def test_mistakes_change_nothing(run, file, args, says):
    file.write_text(HAND_WRITTEN)
    done = run("config", *args)
    assert done.code == 2
    assert says in done.err
    assert file.read_text() == HAND_WRITTEN


def test_a_wrong_file_is_told_by_every_command(run, file):
    file.write_text("[sdk]\nflush_sm = 1\n")
    for command in (["config"], ["ls"]):
        done = run(*command)
        assert done.code == 2
        assert "There is no setting `sdk.flush_sm`" in done.err
        assert "Did you mean `sdk.flush_ms`?" in done.err


def test_setting_keeps_what_its_owner_wrote(run, file):
    file.write_text(HAND_WRITTEN)
    os.chmod(file, 0o640)
    assert run("config", "set", "sdk.flush_ms", "75") == (0, "", "")
    assert run("config", "set", "sdk.service", 'x "y" 你好').code == 0
    assert run("config", "set", "store", "lake:///other").code == 0
    assert run("config", "set", "ui.time", "utc").code == 0
    assert run("config", "set", "lake.retention_days", "30").code == 0
    assert file.read_text() == (
        "# My settings.\n"
        'store = "lake:///other"  # on the big disk\n'
        "\n"
        "[sdk]\n"
        "flush_ms = 75  # quick\n"
        '# service = "later"\n'
        'service = "x \\"y\\" 你好"\n'
        "  [ui]  # looks\n"
        'theme="nord"\n'
        'time = "utc"\n'
        "\n"
        "[lake]\n"
        "retention_days = 30\n"
    )
    assert file.stat().st_mode & 0o777 == 0o640
    assert load(file=file, environ={}).lake.retention_days == 30
    assert [path.name for path in file.parent.glob(".config*")] == []


def test_setting_makes_the_file(run, tmp_path, monkeypatch):
    file = tmp_path / "deep" / "er" / "config.toml"
    monkeypatch.setenv("JOLLYSCOPE_CONFIG", str(file))
    assert run("config", "set", "sdk.enabled", "false").code == 0
    assert file.read_text() == "[sdk]\nenabled = false\n"
    assert run("config", "set", "store", "lake:///x").code == 0
    assert file.read_text() == 'store = "lake:///x"\n[sdk]\nenabled = false\n'


def test_unsetting(run, file):
    file.write_text(HAND_WRITTEN)
    assert run("config", "unset", "sdk.flush_ms").code == 0
    assert "flush_ms" not in file.read_text()
    assert run("config", "unset", "sdk.flush_ms").err == f"sdk.flush_ms was not set in {file}.\n"
    assert run("config", "get", "sdk.flush_ms").out == "100\n"


def test_a_variable_that_wins_is_told(run, file, monkeypatch):
    monkeypatch.setenv("JOLLYSCOPE_UI_THEME", "nord")
    done = run("config", "set", "ui.theme", "dracula")
    assert done.err == "warning: JOLLYSCOPE_UI_THEME is set and wins over the file.\n"


def test_links_stay_links(tmp_path, file):
    real = tmp_path / "dotfiles.toml"
    real.write_text("[ui]\n")
    file.symlink_to(real)
    set_value(file, "ui.theme", "nord")
    assert file.is_symlink()
    assert real.read_text() == '[ui]\ntheme = "nord"\n'


@pytest.mark.parametrize(
    "layout", ["sdk = { flush_ms = 5 }\n", '[sdk]\nservice = """\nflush_ms = 5\n"""\n', "[sdk\n"]
)
def test_what_cannot_be_edited_safely_is_left_alone(file, layout):
    file.write_text(layout)
    with pytest.raises(UsageError):
        set_value(file, "sdk.flush_ms", "7")
    assert file.read_text() == layout


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("sdk.service"), st.text(max_size=20)),
            st.tuples(st.just("ui.theme"), st.text(max_size=20)),
            st.tuples(st.just("store"), st.text(min_size=1, max_size=9)),
            st.tuples(st.just("sdk.queue"), st.integers(1, 2**40).map(str)),
            st.tuples(st.just("spool.fsync"), st.sampled_from(["true", "false"])),
            st.tuples(st.sampled_from(["sdk.service", "store", "sdk.queue"]), st.none()),
        ),
        max_size=8,
    ),
    st.sampled_from(["", HAND_WRITTEN, "\n\n# only a remark", "[spool]\n[lake]\n"]),
)
def test_any_sequence_of_changes_reads_back(tmp_path, changes, layout):
    file = tmp_path / "any.toml"
    file.write_text(layout)
    for key, text in changes:
        if text is None:
            unset_value(file, key)
            value, expected = load(file=file, environ={}), load(environ={}, file=Path(os.devnull))
        else:
            told = set_value(file, key, text)
            value, expected = load(file=file, environ={}), None
            assert str(told).lower() == text.lower() or told == text
        section, _, name = key.rpartition(".")
        here = getattr(value, section) if section else value
        if expected is None:
            assert getattr(here, name) == told
        else:
            assert getattr(here, name) == getattr(
                getattr(expected, section) if section else expected, name
            )
    comments = [line for line in layout.splitlines() if line.startswith("#")]
    assert [line for line in file.read_text().splitlines() if line in comments] == comments
    tomllib.loads(file.read_text())
