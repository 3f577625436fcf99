"""What is put under load: the embedded store, or the pipeline with its real engines."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from tests import kafka_broker
from tests.e2e.flink import cluster
from tests.e2e.flink.cluster import AS_COMPOSE, Cluster
from tests.e2e.flink.feeding import make_topics
from tests.e2e.running import environment
from tests.kafka_broker import Broker
from tests.load.processes import Program, family
from tests.load.recording import Kind
from tests.load.watching import Pids

__all__ = ["Embedded", "Pipeline", "Receiver", "System"]

PREFIX = "load"
JARS = Path("load-data/jars").resolve()
"""What Maven has gathered and built, for the next run too; `make clean` removes it."""


class System(Protocol):
    """Where agents record, and where it is read."""

    url: str
    """The store's."""
    kinds: tuple[Kind, Kind]
    """How the two halves of the agents record."""
    environ: dict[str, str]
    """Of the commands that a user gives."""
    source: str
    """What `tail` follows."""

    def variables(self, kind: Kind) -> dict[str, str]:
        """The environment of agents."""
        ...

    def groups(self) -> dict[str, Pids]:
        """Its processes, by what they are."""
        ...

    def folders(self) -> dict[str, Path]:
        """What it keeps on the disk, by what it is."""
        ...

    def settle(self, wanted: int, stored: Callable[[], int]) -> None:
        """All agents have ended: take in what is under way, until so many steps are stored."""
        ...

    def said(self) -> dict[str, Any]:
        """The receiver's last word: its counts."""
        ...

    def close(self) -> None:
        """End all of it."""
        ...


class Receiver:
    """`jollyscope collect` as a process of its own; what it prints goes to a file."""

    def __init__(self, folder: Path, env: dict[str, str], *options: str) -> None:
        self._out = folder / "collect.jsonl"
        words = ["collect", "--json", "--http-port", "0", "--grpc-port", "0", *options]
        with self._out.open("wb") as out, (folder / "collect.stderr").open("wb") as err:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "jollyscope_cli", *words],
                env=env, stdout=out, stderr=err, start_new_session=True,
            )  # fmt: skip
        deadline = time.monotonic() + 120
        while b"\n" not in (begun := self._out.read_bytes()):
            assert self.process.poll() is None, (folder / "collect.stderr").read_text()
            assert time.monotonic() < deadline, "collect does not listen"
            time.sleep(0.05)
        self._told = json.loads(begun.splitlines()[0])

    def variables(self, kind: Kind) -> dict[str, str]:
        """What a program is told to send here."""
        return {
            "OTEL_EXPORTER_OTLP_ENDPOINT": self._told[kind],
            "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc" if kind == "grpc" else "http/protobuf",
            # As `jollyscope run` sets it: five seconds otherwise, which would be all that waits show.
            "OTEL_BSP_SCHEDULE_DELAY": "200",
            "NO_PROXY": "127.0.0.1",
        }

    def pids(self) -> list[int]:
        """The server and its workers, without the loader."""
        loader = self.loader()
        return [pid for pid in family(self.process.pid) if pid not in loader]

    def loader(self) -> list[int]:
        """The loader beside it."""
        return [pid for pid in family(self.process.pid) if _is_loader(pid)]

    def stop(self) -> None:
        """End it as a supervisor does."""
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(60)

    def said(self) -> dict[str, Any]:
        """The newest line."""
        return json.loads(self._out.read_bytes().splitlines()[-1])


def _is_loader(pid: int) -> bool:
    with suppress(OSError):
        return b"backend.loading" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False


class Embedded:
    """Spool and lake. Half of the agents use the SDK, half send OTLP to `jollyscope collect`."""

    kinds: tuple[Kind, Kind] = ("sdk", "http")
    source = "spool"

    def __init__(self, folder: Path) -> None:
        self._home = folder / "home"
        (self._home / "spool").mkdir(parents=True)  # a store that nobody has recorded into yet
        self.url = f"lake://{self._home}"
        self.environ = environment(self._home)
        self._receiver = Receiver(folder, self.environ)

    def variables(self, kind: Kind) -> dict[str, str]:
        if kind == "sdk":
            return self.environ
        if kind == "off":
            return {**self.environ, "JOLLYSCOPE_SDK_ENABLED": "false"}
        return self.environ | self._receiver.variables(kind)

    def groups(self) -> dict[str, Pids]:
        return {"receiver": self._receiver.pids, "loader": self._receiver.loader}

    def folders(self) -> dict[str, Path]:
        return {"spool": self._home / "spool", "lake": self._home / "lake"}

    def settle(self, wanted: int, stored: Callable[[], int]) -> None:
        """A reader sees the spool too: there is nothing to wait for."""
        self._receiver.stop()

    def said(self) -> dict[str, Any]:
        return self._receiver.said()

    def close(self) -> None:
        self._receiver.stop()


class Pipeline:
    """`jollyscope collect --to kafka`, a broker, Flink with the SQL of Compose, ClickHouse's engine. Half
    of the agents send OTLP over HTTP, half over gRPC.
    """

    kinds: tuple[Kind, Kind] = ("http", "grpc")
    source = "kafka"

    def __init__(self, folder: Path) -> None:
        if lacking := kafka_broker.missing() or cluster.missing():
            raise SystemExit(lacking)
        self._folder = folder
        JARS.mkdir(parents=True, exist_ok=True)
        self._broker = Broker(folder / "kafka", kafka_broker.classpath(JARS))
        jars = cluster.classpath(JARS, rocksdb=True)
        every = {"execution.checkpointing.interval": "10 s"}
        # Both compilers: the first alone is quick to start, and takes more of a core from then on.
        self._flink = Cluster(
            folder / "flink", jars, jvm=["-XX:+UseSerialGC"], **AS_COMPOSE, **every
        )
        self._programs: list[Program] = []
        self._receiver: Receiver | None = None
        try:
            self._start()
        except BaseException:
            self.close()
            raise

    def _start(self) -> None:
        self._broker.start()
        make_topics(self._broker.address, PREFIX)
        self._flink.start()
        self._flink.submit(self._broker.address, PREFIX)
        told = {
            "JOLLYSCOPE_KAFKA_BROKERS": self._broker.address,
            "JOLLYSCOPE_KAFKA_TOPICS": PREFIX,
        }
        self.environ = environment(self._folder / "home", **told)
        store = self._folder / "clickhouse"
        host = Program(
            "clickhouse", "tests.load.clickhouse_host", str(store), self._broker.address, PREFIX, PREFIX,
            env=self.environ, folder=self._folder,
        )  # fmt: skip
        self._programs.append(host)
        self.url = f"clickhouse://127.0.0.1:{host.ready()}/{PREFIX}"
        self._receiver = Receiver(self._folder, self.environ, "--to", "kafka")

    def variables(self, kind: Kind) -> dict[str, str]:
        assert self._receiver is not None
        if kind == "off":
            return {**self.environ, "JOLLYSCOPE_SDK_ENABLED": "false"}
        return self.environ | self._receiver.variables(kind)

    def groups(self) -> dict[str, Pids]:
        assert self._receiver is not None
        return {
            "receiver": self._receiver.pids,
            "broker": self._broker.pids,
            "Flink": self._flink.pids,
            "ClickHouse": lambda: [program.pid for program in self._programs],
        }

    def folders(self) -> dict[str, Path]:
        return {
            "Kafka": self._broker.folder,
            "Flink": self._flink.folder,
            "ClickHouse": self._folder / "clickhouse",
        }

    def settle(self, wanted: int, stored: Callable[[], int]) -> None:
        """What was acknowledged comes through. When nothing has come for a minute, the rest is lost."""
        assert self._receiver is not None
        self._receiver.stop()
        before, since = -1, time.monotonic()
        while (now := stored()) < wanted and time.monotonic() - since < 60:
            if now > before:
                before, since = now, time.monotonic()
            time.sleep(0.5)

    def said(self) -> dict[str, Any]:
        assert self._receiver is not None
        return self._receiver.said()

    def close(self) -> None:
        if self._receiver is not None:
            self._receiver.stop()
        for program in self._programs:
            program.kill()
        self._flink.kill()
        self._broker.stop()
