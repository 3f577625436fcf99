"""What a store stands on without a backend: the spool, the lake, the disk; and health over time."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from jollyscope.backend.health import Report, store_health
from jollyscope.backend.probes import spool as spool_probe
from jollyscope.backend.probes.lake import probe_lake, probe_parts
from jollyscope.backend.probes.probe import Health, State
from jollyscope.backend.probes.spool import probe_spool
from jollyscope.backend.watching import HealthWatch, lag_of, version_of
from jollyscope.config import Config
from jollyscope.errors import StoreError
from jollyscope.model.wire import encode_lines
from jollyscope.store.api import Store
from jollyscope.store.lake.store import LakeStore
from jollyscope.transport.spool import SpoolWriter, spool_dir
from tests.cli import records

SPANS = encode_lines([records.span(1, 0, 10), records.span(2, 1, 5, parent=1)])


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A part in the lake, and as much again that waits."""
    writer = SpoolWriter(spool_dir(tmp_path))
    writer.write("span", SPANS)
    writer.close()
    LakeStore(tmp_path).load()
    later = SpoolWriter(spool_dir(tmp_path))
    later.write("span", SPANS)
    later.close()
    return tmp_path


def test_the_spool_says_what_waits_and_who_records(home: Path):
    living = SpoolWriter(spool_dir(home))
    living.write("span", SPANS)
    try:
        found = probe_spool(home)
    finally:
        living.close()
    assert (found.state, found.facts["waiting_bytes"]) == ("ok", 2 * len(SPANS))
    assert found.facts["writers_alive"] == 1
    assert found.sentence.startswith("1 process is recording, ")
    assert lag_of(found).endswith(" B") or lag_of(found).endswith(" kB")
    assert probe_spool(home).facts["writers_alive"] == 0


def test_much_that_waits_is_told(home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(spool_probe, "MUCH_WAITING", len(SPANS))
    found = probe_spool(home)
    assert found.state == "degraded"
    assert "cannot be written to" in found.hint


def test_folders_of_others_are_told(home: Path):
    """Root may read everything, so that there somebody else has to look."""
    folder = next(spool_dir(home).iterdir())
    root = os.geteuid() == 0
    if root:
        subprocess.run(["chmod", "-R", "a+rX", str(home)], check=True)
        for above in home.parents:
            if above.stat().st_mode & 0o005 != 0o005:
                above.chmod(0o755)
    folder.chmod(0o700 if root else 0)
    code = (
        "import os, sys; from pathlib import Path;"
        "from jollyscope.backend.probes.spool import probe_spool;"
        "home = Path(sys.argv[1]);"
        "probe_spool(home);"  # all is imported: the other may not read it
        "os.setuid(65534) if os.geteuid() == 0 else None;"
        "print(probe_spool(home).state)"
    )
    try:
        done = subprocess.run(
            [sys.executable, "-c", code, str(home)], capture_output=True, text=True, check=False
        )
    finally:
        folder.chmod(0o700)
    assert done.stdout.strip() == "degraded", done.stderr


def test_a_sound_lake(home: Path):
    found = probe_lake(home)
    assert found.state == "ok"
    assert found.sentence.startswith("1 part, ")
    assert version_of(found).startswith("DuckDB ")
    assert probe_parts(home).sentence == "Every value of 1 part was read."


def test_nothing_is_wrong_with_an_empty_lake(tmp_path: Path):
    assert probe_lake(tmp_path).state == "ok"
    assert probe_parts(tmp_path).facts["parts"] == 0
    assert probe_spool(tmp_path).sentence.startswith("Nobody is recording, 0 B")
    assert not (tmp_path / "lake").exists()


def test_a_part_without_its_footer_is_named(home: Path):
    for part in (home / "lake").rglob("*.parquet"):
        with part.open("r+b") as file:
            file.truncate(part.stat().st_size // 2)
    found = probe_lake(home)
    assert found.state == "degraded"
    assert "cannot be read" in found.sentence
    assert found.hint.startswith("Restore")


def test_a_part_that_is_spoilt_within_is_found_by_reading_all(home: Path):
    for part in (home / "lake").rglob("*.parquet"):
        with part.open("r+b") as file:
            size = part.stat().st_size
            file.seek(4)
            file.write(b"\xff" * (size // 4))
    assert probe_parts(home).state == "degraded"


def opening(store: Store):
    return lambda: store


def test_the_whole_of_an_embedded_store(home: Path):
    found = store_health(opening(LakeStore(home)), home, Config())
    assert [part.name for part in found.parts] == ["spool", "lake", "disk"]
    deep = store_health(opening(LakeStore(home)), home, Config(), deep=True)
    assert [part.name for part in deep.parts] == ["spool", "lake", "parts", "disk"]
    assert deep.parts[2].state == "ok"


def test_a_store_that_does_not_open_is_a_part_that_is_down(tmp_path: Path):
    def closed() -> Store:
        raise StoreError("It is gone.", hint="Bring it back.")

    found = store_health(closed, tmp_path, Config())
    assert [part.name for part in found.parts] == ["store", "spool", "disk"]
    assert found.state == "down"
    assert (found.parts[0].sentence, found.parts[0].hint) == ("It is gone.", "Bring it back.")


def test_a_spoilt_manifest_is_told(home: Path):
    (home / "lake" / "manifest.sqlite").write_bytes(b"no database " * 500)
    found = {
        part.name: part for part in store_health(opening(LakeStore(home)), home, Config()).parts
    }
    assert found["lake"].state == found["spool"].state == "down"
    assert found["disk"].state != "down"


def one(state: State, sentence: str) -> Report:
    return Report(state, "", [Health(name="kafka", state=state, sentence=sentence)])


def test_trouble_is_remembered_when_it_is_over():
    watch = HealthWatch()
    (found,) = watch.take(one("ok", "Well."), 1)
    assert (found.since, found.trouble) == (1, "")
    (found,) = watch.take(one("down", "No broker."), 5)
    assert (found.since, found.trouble, found.trouble_at) == (5, "No broker.", 5)
    (found,) = watch.take(one("down", "Still none."), 7)
    assert (found.since, found.trouble, found.trouble_at) == (5, "Still none.", 7)
    (found,) = watch.take(one("ok", "Well."), 9)
    assert (found.since, found.trouble, found.trouble_at) == (9, "Still none.", 7)
    assert watch.take(Report("unknown", "", []), 10) == []


def test_lag_is_told_in_what_a_part_counts():
    def lag(**facts: object) -> str:
        return lag_of(Health(name="x", state="ok", sentence="", facts=facts))

    assert lag(lag={"a": 12, "b": 3}) == "12 records"
    assert lag(lag={}) == "0 records"
    assert lag(newest_row_age_ms=840.0) == "840ms"
    assert lag(**{"jobs clean": {"checkpoint_age_ms": 4200.0}, "jobs stats": {}}) == "4.20s"
    assert lag(newest_row_age_ms=None, brokers=1) == ""
