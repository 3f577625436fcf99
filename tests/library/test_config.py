"""Settings: file, environment, options; and what is said about a wrong one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from jollyscope.config import Config, keys, load, settings, variable_of
from jollyscope.errors import UsageError


@pytest.fixture
def file(tmp_path) -> Path:
    return tmp_path / "config.toml"


def test_defaults_without_a_file(file):
    assert load(file=file, environ={}) == Config()
    assert {setting.source for setting in settings(file=file, environ={})} == {"default"}


def test_options_win_over_variables_over_the_file(file):
    file.write_text('[sdk]\nflush_ms = 1\nqueue = 10\nservice = "file"\n')
    environ = {"JOLLYSCOPE_SDK_FLUSH_MS": "2", "JOLLYSCOPE_SDK_QUEUE": "20"}
    config = load(file=file, environ=environ, overrides={"sdk.flush_ms": "3"})
    assert (config.sdk.flush_ms, config.sdk.queue, config.sdk.service) == (3, 20, "file")
    sources = {s.key: s.source for s in settings(file=file, environ=environ)}
    assert sources["sdk.flush_ms"] == "JOLLYSCOPE_SDK_FLUSH_MS"
    assert sources["sdk.service"] == str(file)
    assert sources["sdk.max_text"] == "default"


def test_every_setting_can_be_set_in_both_ways(file):
    """Each key by its variable and, with the value that gave, in the file."""
    for key, field in keys():
        kinds = getattr(field.type, "__args__", (field.type,))
        choices = {"ui.time": "utc", "alerts.notify": "bell"}
        text = choices.get(key, "text" if kinds[0] is str else "7")
        if isinstance(field.default, bool):
            text = str(not field.default).lower()
        if key == "kafka.properties":
            text = '{"a.b": "c"}'
        if key == "export.redact":
            text = '["a", "b"]'
        by_variable = load(file=file, environ={variable_of(key): text})
        value = by_variable
        for part in key.split("."):
            value = getattr(value, part)
        section, _, name = key.rpartition(".")
        written = str(value).lower() if isinstance(value, bool | int) else f'"{value}"'
        written = "{'a.b' = 'c'}" if isinstance(value, dict) else written
        written = text if isinstance(value, list) else written
        file.write_text(
            f"[{section}]\n{name} = {written}\n" if section else f"{name} = {written}\n"
        )
        assert load(file=file, environ={}) == by_variable != Config(), key
        file.unlink()


def test_variables_have_the_keys_name():
    names = [variable_of(key) for key, _ in keys()]
    assert "JOLLYSCOPE_SDK_FLUSH_MS" in names
    assert len(names) == len(set(names))


def test_an_empty_variable_is_none(file):
    assert load(file=file, environ={"JOLLYSCOPE_SDK_QUEUE": ""}) == Config()


@pytest.mark.parametrize(
    ("text", "value"), [("true", True), ("1", True), ("false", False), ("0", False)]
)
def test_truth_in_a_variable(file, text, value):
    assert load(file=file, environ={"JOLLYSCOPE_SPOOL_FSYNC": text}).spool.fsync is value


@pytest.mark.parametrize(
    ("toml", "says"),
    [
        ("[sdk]\nflush_sm = 1\n", ["There is no setting `sdk.flush_sm`", "Did you mean `sdk.flush_ms`?"]),
        ("[sdkk]\nx = 1\n", ["There is no setting `sdkk`", "Did you mean `sdk`?"]),
        ("zzz = 1\n", ["There is no setting `zzz`", "`jollyscope config` lists all settings."]),
        ("[sdk]\nflush_ms = 'soon'\n", ["`sdk.flush_ms` in", "'soon'", "expected `int`"]),
        ("[sdk]\nflush_ms = 0\n", ["`sdk.flush_ms` in", "is 0", ">= 1"]),
        ("[sdk]\nflush_ms = 1.5\n", ["`sdk.flush_ms` in", "is 1.5"]),
        ("[sdk]\nenabled = 1\n", ["`sdk.enabled` in", "expected `bool`"]),
        ("[sdk.flush_ms]\nx = 1\n", ["`sdk.flush_ms` in"]),
        ("sdk = 3\n", ["`sdk` in", "is a section", "Write `[sdk]`"]),
        ("[ui]\ntime = 'mars'\n", ["`ui.time` in", "'mars'"]),
        ("[sdk\n", ["is not TOML", "line 1"]),
    ],
)  # fmt: skip
def test_mistakes_in_the_file_are_named_with_their_place(file, toml, says):
    file.write_text(toml)
    with pytest.raises(UsageError) as caught:
        load(file=file, environ={})
    for part in [*says, str(file)]:
        assert part in str(caught.value)
    assert caught.value.exit_code == 2


def test_mistakes_in_a_variable_are_named(file):
    with pytest.raises(UsageError) as caught:
        load(file=file, environ={"JOLLYSCOPE_SDK_QUEUE": "many"})
    assert "`JOLLYSCOPE_SDK_QUEUE` in the environment is 'many'" in caught.value.message


def test_a_file_that_cannot_be_read(tmp_path, file):
    file.write_bytes(b"\xff\xfe")
    for path in (file, tmp_path):
        with pytest.raises(UsageError, match="cannot be read"):
            load(file=path, environ={})


def test_a_path_through_a_file_is_no_file(file):
    file.write_text("")
    assert load(file=file / "below", environ={}) == Config()


def test_every_setting_says_what_it_is():
    """The docstring under each field is its documentation; a field without one is not finished."""
    import ast
    import inspect

    from jollyscope import config

    structs = [
        node
        for node in ast.parse(inspect.getsource(config)).body
        if isinstance(node, ast.ClassDef) and node.name.endswith("Config") and node.name != "Config"
    ]
    for struct in structs:
        fields = [n for n, node in enumerate(struct.body) if isinstance(node, ast.AnnAssign)]
        for n in fields:
            follows = struct.body[n + 1]
            assert isinstance(follows, ast.Expr), (struct.name, ast.unparse(struct.body[n]))


def test_settings_load_lean():
    """The SDK reads them inside other people's programs."""
    code = "import sys, jollyscope.config as c; c.load(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"duckdb", "typer", "rich", "pydantic", "textual"} & set(done.stdout.split())


def test_the_structs_are_frozen():
    with pytest.raises(AttributeError):
        load(environ={}, file=Path("/dev/null")).store = "x"  # type: ignore[misc]
    assert msgspec.structs.fields(Config)
