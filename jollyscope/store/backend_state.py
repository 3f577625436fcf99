"""What `jollyscope up` left behind: where the backend is, so that reading finds it.

`<data dir>/backend/state.json`, readable by its owner only: the store's URL has the password.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import msgspec

from jollyscope.config import KafkaConfig
from jollyscope.errors import StoreError
from jollyscope.paths import make_private

__all__ = [
    "Addresses",
    "BackendState",
    "backend_dir",
    "forget",
    "kafka_of",
    "read_state",
    "write_state",
]


class Addresses(msgspec.Struct, frozen=True, kw_only=True):
    """Where each part answers, as seen from this machine."""

    kafka: str
    """`host:port`, several with commas."""
    flink: str
    clickhouse: str
    """The store's URL, with the password."""
    grafana: str
    otlp_grpc: str
    otlp_http: str


class BackendState(msgspec.Struct, frozen=True, kw_only=True):
    """One backend."""

    profile: Literal["small", "cluster"]
    addresses: Addresses
    started: int
    """Unix ns of the last `up`."""
    running: bool = True
    """False after `down`, which keeps the data."""
    proved: bool = False
    """Whether a span has gone all the way through since it was started."""
    engine: str = ""
    topics: str = "jollyscope"
    """What the names of its Kafka topics begin with."""


def kafka_of(settings: KafkaConfig, state: BackendState) -> KafkaConfig:
    """The brokers of a backend, with what else the settings say."""
    return msgspec.structs.replace(settings, brokers=state.addresses.kafka, topics=state.topics)


def backend_dir(home: Path) -> Path:
    """The backend's folder in a data directory."""
    return home / "backend"


def read_state(home: Path) -> BackendState | None:
    """The state, or None where no backend has been started. Raises `StoreError` for a broken file."""
    path = backend_dir(home) / "state.json"
    try:
        return msgspec.json.decode(path.read_bytes(), type=BackendState)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StoreError(
            f"{path} does not say where the backend is: {error}.",
            hint="`jollyscope up` writes it anew; without the file there is no backend.",
        ) from None


def write_state(home: Path, state: BackendState) -> None:
    """Put the state in place, whole."""
    folder = backend_dir(home)
    make_private(folder)
    beside = folder / "state.json.new"
    fd = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(fd, "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(state), indent=2))
    beside.replace(folder / "state.json")


def forget(home: Path) -> None:
    """There is no backend any more."""
    (backend_dir(home) / "state.json").unlink(missing_ok=True)
