"""The backend's life on a real Docker engine, with tiny images in the place of the large ones."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jollyscope.backend.stack.engine import find_engine
from jollyscope.backend.stack.progress import Quiet
from jollyscope.backend.stack.stack import Stack
from jollyscope.backend.stack.trouble import BackendError
from jollyscope.backend.stack.up import Options, up
from jollyscope.store.backend_state import read_state
from tests import docker_engine
from tests.docker_engine import SERVICES, Engine
from tests.e2e.running import environment
from tests.kafka_broker import free_ports

PORTS = ("KAFKA", "FLINK", "CLICKHOUSE", "CLICKHOUSE_NATIVE", "GRAFANA", "OTLP_GRPC", "OTLP_HTTP")


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    lacking = docker_engine.missing()
    if lacking:
        pytest.skip(lacking)
    # Short: a socket's path may have 107 characters.
    made = Engine(tmp_path_factory.mktemp("dk"))
    try:
        made.start()
        yield made
    finally:
        made.stop()


class Backend:
    """`jollyscope` with a data directory, ports and a Compose project of its own."""

    def __init__(self, engine: Engine, home: Path, name: str) -> None:
        self.home, self.name, self._engine = home, name, engine
        ports = zip(PORTS, free_ports(len(PORTS)), strict=True)
        ours = {
            "DOCKER_HOST": engine.address,
            "JOLLYSCOPE_PROJECT": name,
            # No more than a container without privileges may ask for.
            "JOLLYSCOPE_CLICKHOUSE_FILES": "1024",
            "JOLLYSCOPE_HEALTH_INTERVAL": "300ms",
            **{
                f"JOLLYSCOPE_{service}_IMAGE": f"stand-in-{service.lower()}:1"
                for service in SERVICES
            },
            **{f"JOLLYSCOPE_{part}_PORT": str(port) for part, port in ports},
        }
        self.environ = {**environment(home), **ours}

    def command(self, *words: str, **more: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "jollyscope_cli", *words],
            env={**self.environ, **more},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def run(self, *words: str, **more: str) -> tuple[int, str, str]:
        process = self.command(*words, **more)
        out, err = process.communicate(timeout=120)
        return process.returncode, out, err

    def states(self) -> dict[str, str]:
        _, out, _ = self.run("status", "--json")
        return {one["service"]: one["state"] for one in json.loads(out)}

    def kinds(self, kind: str) -> list[str]:
        """Names of the project's containers, volumes or networks."""
        listed = self._engine.docker(
            kind, "ls", *(["-a"] if kind == "container" else []), "--format", "{{json .}}"
        ).stdout.decode()
        told: list[dict[str, Any]] = [json.loads(line) for line in listed.splitlines()]
        names = [str(one.get("Names") or one["Name"]) for one in told]
        return [name for name in names if name.startswith(f"{self.name}_")]


@pytest.fixture
def backend(engine: Engine, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Backend]:
    made = Backend(engine, tmp_path / "home", re.sub(r"\W", "", request.node.name)[5:25])
    yield made
    left = engine.docker("ps", "-aq", "--filter", f"name={made.name}_").stdout.decode().split()
    if left:
        engine.docker("rm", "-fv", *left)


class Heard(Quiet):
    def __init__(self) -> None:
        self.phases: dict[str, list[str]] = {}

    def service(self, name: str, phase: str, detail: str = "") -> None:
        seen = self.phases.setdefault(name, [])
        if seen[-1:] != [phase]:
            seen.append(phase)


def test_life(backend: Backend):
    """Up, up again, a service that is stopped, restart, logs, down, up with the data, down for good."""
    stack = Stack(find_engine(backend.environ), backend.home, "small", backend.environ)
    heard, finished = Heard(), []
    outcome = up(stack, heard, Options(wait=60), lambda *told: finished.append(told))

    assert outcome.already == []
    assert len(finished) == 1, "the schema and the canary come after all services are well"
    assert {phases[-1] for phases in heard.phases.values()} == {"healthy", "done"}
    state = read_state(backend.home)
    assert state is not None
    assert state.running
    assert state.proved
    assert state.addresses.kafka == f"127.0.0.1:{backend.environ['JOLLYSCOPE_KAFKA_PORT']}"
    env_file = backend.home / "backend" / ".env"
    assert env_file.stat().st_mode & 0o777 == 0o600
    assert (backend.home / "backend" / "state.json").stat().st_mode & 0o777 == 0o600
    secrets = env_file.read_text()
    # The real scripts ran: every topic was asked for, and Flink was given its jobs.
    code, out, _ = backend.run("logs", "kafka-init", "flink-submit")
    assert code == 0
    assert "--topic jollyscope.spans.clean --partitions 6 --replication-factor 1" in out
    assert "compression.type=zstd" in out
    assert "3 submitted" in out

    containers = sorted(backend.kinds("container"))
    code, out, err = backend.run("up", "--no-wait")
    assert code == 0, err
    assert "Everything ran already." in err
    assert sorted(backend.kinds("container")) == containers
    assert env_file.read_text() == secrets, "passwords are made once"
    assert state.addresses.grafana in out
    for line in secrets.splitlines():
        if "PASSWORD=" in line:
            assert line.partition("=")[2] not in out + err

    stack_stop = subprocess.run(
        stack.command("stop", "grafana"), env=stack.environ, capture_output=True, check=False
    )
    assert stack_stop.returncode == 0
    code, out, _ = backend.run("health", "--json")
    assert code == 4
    parts = {part["name"]: part for part in json.loads(out)["parts"]}
    assert parts["grafana"]["state"] == "down"
    assert "refused" in parts["grafana"]["sentence"]
    assert parts["collector"]["state"] == "ok"
    assert backend.run("status")[0] == 4
    code, _, err = backend.run("restart", "grafana")
    assert code == 0, err
    assert "Restarted: grafana." in err
    code, _, err = backend.run("restart", "postgres")
    assert code == 3
    assert "no service `postgres`" in err

    volumes = backend.kinds("volume")
    assert len(volumes) == 4
    code, _, err = backend.run("down")
    assert code == 0, err
    assert backend.kinds("container") == []
    assert sorted(backend.kinds("volume")) == sorted(volumes)
    code, _, err = backend.run("health")
    assert code == 0
    assert "stopped" in err
    with pytest.raises(BackendError, match="made with the profile small"):
        up(Stack(stack.engine, stack.home, "cluster", backend.environ), Quiet(), Options(), print)
    code, _, err = backend.run("down", "--volumes")
    assert code == 2
    assert "nobody to ask" in err
    assert backend.run("down", "--volumes", "--yes")[0] == 0
    assert backend.kinds("volume") == []
    assert backend.kinds("network") == []
    assert "No backend has been started" in backend.run("health")[2]


def test_port(backend: Backend):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, _, err = backend.run("up", JOLLYSCOPE_GRAFANA_PORT=str(port))
    assert code == 1
    assert re.search(rf"Port {port} \(\S+.*, pid {os.getpid()}\) is taken", err)
    assert f"JOLLYSCOPE_GRAFANA_PORT={port + 10000} jollyscope up" in err
    assert backend.kinds("container") == []


def test_image(backend: Backend):
    code, _, err = backend.run("up", JOLLYSCOPE_GRAFANA_IMAGE="127.0.0.1:1/none/grafana:9")
    assert code == 1
    assert "The image 127.0.0.1:1/none/grafana:9 cannot be pulled" in err
    assert "JOLLYSCOPE_GRAFANA_IMAGE names another" in err
    assert backend.kinds("container") == []


def test_death(backend: Backend):
    code, _, err = backend.run(
        "up", "--wait", "60", JOLLYSCOPE_CLICKHOUSE_IMAGE="stand-in-broken:1"
    )
    assert code == 1
    assert re.search(r"The service clickhouse dies again and again \(exit code 3\)\.", err), err
    assert "disk quota exceeded: cannot go on" in err
    assert backend.states()["clickhouse"] in ("restarting", "starting", "failed")


def test_interrupt(backend: Backend):
    """A slow `up`; meanwhile another; then Ctrl-C; then down."""
    first = backend.command("up", JOLLYSCOPE_KAFKA_IMAGE="stand-in-slow:1")
    assert first.stderr is not None
    said: list[str] = []
    starting = threading.Event()

    def listen() -> None:
        for line in first.stderr or ():
            said.append(line)
            if line.startswith("kafka: starting"):
                starting.set()

    listener = threading.Thread(target=listen)
    listener.start()
    try:
        assert starting.wait(60), said
        code, _, err = backend.run("up")
        assert code == 1
        assert f"`jollyscope up` (pid {first.pid}, for " in err
        first.send_signal(signal.SIGINT)
        assert first.wait(30) == 130
    finally:
        first.kill()
        first.wait()
        listener.join()
        assert first.stdout is not None
        first.stdout.close()
        first.stderr.close()
    assert "What had started by now keeps running" in "".join(said)
    assert backend.states()["kafka"] == "starting"
    code, _, err = backend.run("down", "--volumes", "--yes")
    assert code == 0, err
    assert backend.kinds("container") == []


def test_the_engine_is_not_there(engine: Engine, tmp_path: Path):
    backend = Backend(engine, tmp_path / "home", "none")
    code, _, err = backend.run("up", DOCKER_HOST=f"unix://{tmp_path}/none")
    assert code == 1
    assert "Docker is installed but not running." in err
    assert "The embedded store needs no engine" in err
    began = time.monotonic()
    code, _, err = backend.run("up", PATH=str(tmp_path))
    assert code == 1
    assert "is not installed" in err
    assert time.monotonic() - began < 10
