"""Trace files of other tools, and the files of a store: what lies on a disk."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import msgspec

from jollyscope.receive.importers.detect import NAMES
from jollyscope.store.backend_state import backend_dir, read_state
from jollyscope.store.lake.state import LakeState
from jollyscope.store.lake.store import LakeStore
from jollyscope_tui.memory import Memory
from tests.hostile.fuzz.target import Target
from tests.hostile.fuzz.texts import told
from tests.hostile.fuzz.wire import JSON_WORDS, chosen
from tests.hostile.upgrade import stored
from tests.library.importers import samples
from tests.library.importers.helpers import protobuf
from tests.library.importers.test_hostile import imported, sound

WAYS = (None, *NAMES)


def trace_file(data: bytes) -> None:
    """Records that can be stored come of it, and words for the rest."""
    wanted, body = chosen(data, WAYS)
    sound(imported(body, wanted))


def trace_file_seeds() -> Iterator[bytes]:
    for _, sample in samples.SAMPLES.values():
        yield b"\0" + (sample.encode() if isinstance(sample, str) else msgspec.json.encode(sample))
    for value in (samples.OTLP, samples.OTLP_LOGS, samples.OTLP_METRICS):
        body = protobuf(value)[1]
        yield b"\0" + body
        yield b"\0" + len(body).to_bytes(4, "big") + body


def small_state(data: bytes) -> None:
    """What the explorer remembers is as good as nothing, where a backend is, is said to be unknown."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        memory = home / "explorer.json"
        memory.write_bytes(data)
        Memory(memory).change(theme="nord")
        backend_dir(home).mkdir()
        (backend_dir(home) / "state.json").write_bytes(data)
        with told():
            read_state(home)


def small_state_seeds() -> Iterator[bytes]:
    yield b'{"theme":"nord","view":{"filter":"x"},"filters":["a"],"share":0.5,"detail":true}'
    at = dict.fromkeys(("kafka", "flink", "clickhouse", "grafana", "otlp_grpc", "otlp_http"), "x")
    yield msgspec.json.encode({"profile": "small", "addresses": at, "started": 1, "running": True})


@cache
def kept() -> tuple[Path, tuple[str, ...]]:
    """A store, and the names of its files."""
    home = stored.unpacked(1, Path(tempfile.mkdtemp(prefix="jollyscope-fuzz-")))
    files = sorted(str(file.relative_to(home)) for file in home.rglob("*") if file.is_file())
    return home, tuple(name for name in files if not name.endswith((".lock", "/lock", "-shm")))


def lake(data: bytes) -> None:
    """A store with a broken file answers with what else it has, or says in a sentence what is wrong."""
    home, names = kept()
    name, body = chosen(data, names)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(shutil.copytree(home, Path(folder) / "data"))
        (copy / name).write_bytes(body)
        store = LakeStore(copy)
        for ask in (read, LakeStore.info, LakeStore.load, LakeStore.compact, read):
            with told():
                ask(store)
        with told():
            LakeState(copy / "lake").all_annotations()
        store.close()


def read(store: LakeStore) -> None:
    with store.reader(load=False) as reader:
        found = stored.answers(reader, stored.QUESTIONS | stored.NOTED)
        assert len(found["spans"]) <= 40
        if found["traces"]:
            reader.spans(found["traces"][0][0])


def lake_seeds() -> Iterator[bytes]:
    home, names = kept()
    for number, name in enumerate(names):
        yield bytes([number]) + (home / name).read_bytes()


TARGETS = (
    Target("trace-file", trace_file, trace_file_seeds, JSON_WORDS),
    Target("state", small_state, small_state_seeds, JSON_WORDS),
    Target("lake", lake, lake_seeds, slow=True),
)
