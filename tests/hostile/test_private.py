"""What is written belongs to whoever runs the program, whatever the umask; nobody's link is followed."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from jollyscope.model.wire import encode_lines
from jollyscope.paths import make_private
from jollyscope.store.backend_state import Addresses, BackendState, write_state
from jollyscope.store.lake.store import LakeStore
from jollyscope.transport.spool import SpoolWriter, spool_dir
from jollyscope_tui.memory import Memory
from tests.cli import records
from tests.cli.conftest import Run

TRACE = "1" * 32
ROOT = Path(__file__).parents[2]


@pytest.fixture(params=[0o000, 0o077], ids=lambda mask: f"umask {mask:03o}")
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def open_to_others(folder: Path) -> list[str]:
    """What somebody else may read, write or enter."""
    return [
        f"{stat.filemode(path.lstat().st_mode)} {path}"
        for path in (folder, *folder.rglob("*"))
        if path.lstat().st_mode & 0o077
    ]


def test_everything_in_the_data_directory(
    umask: int, home: Path, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
):
    """Of a spool, a lake, notes, what the explorer remembers, a backend's state, settings, a salt."""
    deep = tmp_path / "not" / "there" / "yet"
    monkeypatch.setenv("JOLLYSCOPE_HOME", str(deep))
    monkeypatch.setenv("JOLLYSCOPE_CONFIG", str(tmp_path / "settings" / "here" / "config.toml"))
    for number in range(2):
        writer = SpoolWriter(spool_dir(deep))
        writer.write("span", encode_lines([records.span(number, 0, 10, trace_id=TRACE)]))
        writer.close()
        LakeStore(deep).load()
    LakeStore(deep).compact()
    assert run("label", TRACE, "good").code == 0
    assert run("config", "set", "collect.token", "hush").code == 0
    exported = deep / "out.jsonl"
    assert run("export", "--anonymize", "-o", str(exported)).code == 0
    Memory(deep / "state" / "explorer.json").change(theme="nord")
    at = Addresses(kafka="", flink="", clickhouse="", grafana="", otlp_grpc="", otlp_http="")
    write_state(deep, BackendState(profile="small", addresses=at, started=1, running=False))
    assert stat.S_IMODE(exported.stat().st_mode) == 0o666 & ~umask  # a document, as any program's
    exported.unlink()
    assert {path.suffix for path in deep.rglob("*")} >= {".parquet", ".sqlite", ".jsonl", ".json"}
    assert open_to_others(tmp_path / "not") == []
    assert open_to_others(tmp_path / "settings") == []


def test_settings_that_others_may_read_stay_so(umask: int, run: Run):
    file = Path(os.environ["JOLLYSCOPE_CONFIG"])
    file.write_text("[ui]\n")
    file.chmod(0o644)
    assert run("config", "set", "ui.theme", "nord").code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o644  # as their owner chose


def test_folders_above_are_private_too_and_those_that_were_there_stay(umask: int, tmp_path: Path):
    there = tmp_path / "there"
    there.mkdir()
    there.chmod(0o755)
    make_private(there / "a" / "b")
    make_private(there / "a" / "b")
    assert stat.S_IMODE(there.stat().st_mode) == 0o755
    assert open_to_others(there / "a") == []
    (there / "file").touch()
    for wrong in (there / "file", there / "file" / "below"):
        with pytest.raises(OSError, match="file"):
            make_private(wrong)


def test_nothing_is_written_to_a_shared_folder_by_a_name_that_can_be_foretold():
    """Whoever may write to /tmp could leave a link of that name; `tempfile` makes names of its own and
    follows none.
    """
    found = [
        f"{file.relative_to(ROOT)}:{number}: {line.strip()}"
        for top in ("jollyscope", "cli", "tui")
        for file in (ROOT / top).rglob("*.py")
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1)
        if re.search(r"""["']/(var/)?tmp\b|gettempdir|mktemp\(|/dev/shm""", line)
    ]
    assert found == []


def test_a_link_left_where_a_file_is_made_is_not_followed(home: Path, tmp_path: Path):
    """Files that appear by renaming replace a link; those that are made anew refuse it."""
    prey = tmp_path / "prey"
    prey.write_text("mine")
    make_private(home / "backend")
    (home / "backend" / "state.json").symlink_to(prey)
    at = Addresses(kafka="", flink="", clickhouse="", grafana="", otlp_grpc="", otlp_http="")
    write_state(home, BackendState(profile="small", addresses=at, started=1))
    writer = SpoolWriter(spool_dir(home))
    make_private(writer.folder)
    (writer.folder / "span-000001.jsonl").symlink_to(prey)
    with pytest.raises(FileExistsError):
        writer.write("span", b"{}\n")
    writer.close()
    assert prey.read_text() == "mine"
