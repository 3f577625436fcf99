"""Which store is opened where none is named."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgspec
import pytest

from jollyscope.errors import StoreError
from jollyscope.store.api import open_store
from jollyscope.store.backend_state import (
    Addresses,
    BackendState,
    forget,
    read_state,
    write_state,
)
from jollyscope.store.clickhouse import replicas
from jollyscope.store.clickhouse.store import ClickHouseStore
from jollyscope.store.lake.store import LakeStore
from jollyscope.store.state import label
from tests.kafka_broker import free_ports


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("JOLLYSCOPE_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def server() -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/ping" else 404)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    made = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=made.serve_forever, args=(0.01,)).start()
    yield made.server_address[1]
    made.shutdown()
    made.server_close()


def state(port: int) -> BackendState:
    return BackendState(
        profile="small",
        started=1,
        addresses=Addresses(
            kafka="127.0.0.1:1", flink="", grafana="", otlp_grpc="", otlp_http="",
            clickhouse=f"clickhouse://jollyscope:secret@127.0.0.1:{port}/jollyscope",
        ),
    )  # fmt: skip


def test_the_lake_without_a_backend(home: Path):
    store = open_store()
    assert type(store) is LakeStore
    with store.reader() as reader:
        assert reader.notes == []


def test_clickhouse_where_it_answers(home: Path, server: int):
    write_state(home, state(server))
    store = open_store()
    assert isinstance(store, ClickHouseStore)
    assert store.address.password == "secret"
    assert "secret" not in store.url


def test_the_lake_meanwhile_says_so_and_changes_nothing(home: Path):
    write_state(home, state(free_ports(1)[0]))
    store = open_store()
    assert isinstance(store, LakeStore)
    with store.reader() as reader:
        assert reader.query("SELECT count(*) FROM ads_traces").rows == [(0,)]
        assert len(reader.notes) == 1
        assert "does not answer" in reader.notes[0]
        assert "secret" not in reader.notes[0]
    assert store.info().problems[0] == reader.notes[0]
    with pytest.raises(StoreError, match="Nothing can be changed now"):
        store.prune(older_than=1)
    with pytest.raises(StoreError, match="Nothing can be changed now"):
        store.state.annotate([label("0" * 32, None, "odd", by="ann", now=1)])
    named = open_store(f"lake://{_made(home)}")
    named.state.annotate([label("0" * 32, None, "odd", by="ann", now=1)])
    assert store.state.known_labels() == ["odd"]


def _made(home: Path) -> Path:
    (home / "lake").mkdir(exist_ok=True)
    return home


def test_the_lake_after_down(home: Path, server: int):
    write_state(home, msgspec.structs.replace(state(server), running=False))
    assert type(open_store()) is LakeStore
    forget(home)
    assert read_state(home) is None


def test_a_broken_state_is_said(home: Path):
    write_state(home, state(1))
    (home / "backend" / "state.json").write_text(json.dumps({"profile": "large"}))
    with pytest.raises(StoreError, match="does not say where the backend is"):
        open_store()


def test_engines_with_copies():
    sql = "CREATE TABLE t (x Int8) ENGINE = ReplacingMergeTree(v, c) ORDER BY x"

    class Client:
        def __init__(self, engine: str) -> None:
            self.engine = engine

        def command(self, _: str) -> str:
            return self.engine

    plain: Any = Client("Atomic")
    copies: Any = Client("Replicated")
    assert replicas.engines_for(plain)(sql) == sql
    assert "ENGINE = ReplicatedReplacingMergeTree(v, c) ORDER" in replicas.engines_for(copies)(sql)
    kafka = "CREATE TABLE q (line String) ENGINE = Kafka"
    assert replicas.engines_for(copies)(kafka) == kafka
