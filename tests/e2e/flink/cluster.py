"""A real Flink cluster: a JobManager and a TaskManager, for tests to use and to kill.

Flink's jars come through Maven (`tests/e2e/flink/pom.xml`), the connector and our functions from
`compose/flink/pom.xml`, the jobs by `compose/flink/submit.sh`: what Compose runs.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jollyscope.paths import compose_dir
from tests.kafka_broker import free_ports

POM = Path(__file__).parent / "pom.xml"
FLINK = compose_dir() / "flink"
MAIN = {
    "jobmanager": "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint",
    "taskmanager": "org.apache.flink.runtime.taskexecutor.TaskManagerRunner",
    "client": "org.apache.flink.table.client.SqlClient",
}

# Quick to start, light beside others.
_LIGHT = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto"]
# What Flink's own scripts open for it under Java 17.
_OPENED = [
    option
    for package in ("lang", "net", "io", "nio", "text", "time", "util", "util.concurrent")
    for option in ("--add-opens", f"java.base/java.{package}=ALL-UNNAMED")
]
_LOG = "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"
_MEMORY = {
    "taskmanager.cpu.cores": "2",
    "taskmanager.numberOfTaskSlots": "4",
    "taskmanager.memory.task.heap.size": "256m",
    "taskmanager.memory.task.off-heap.size": "0m",
    "taskmanager.memory.framework.heap.size": "128m",
    "taskmanager.memory.framework.off-heap.size": "64m",
    "taskmanager.memory.managed.size": "0m",
    "taskmanager.memory.network.min": "64m",
    "taskmanager.memory.network.max": "64m",
    "taskmanager.memory.jvm-overhead.min": "192m",
    "taskmanager.memory.jvm-overhead.max": "192m",
    "taskmanager.memory.jvm-metaspace.size": "256m",
}

AS_COMPOSE = {
    "taskmanager.numberOfTaskSlots": "6",
    "taskmanager.memory.managed.size": "256m",
    "parallelism.default": "2",
    "state.backend.type": "rocksdb",
    "execution.checkpointing.incremental": "true",
}
"""How `compose.yaml` has Flink keep its state and share its work out."""


def missing() -> str:
    """What Flink needs and this machine lacks, empty where all is there."""
    lacking = [tool for tool in ("java", "javac", "mvn", "curl") if shutil.which(tool) is None]
    return f"Flink needs {' and '.join(lacking)}" if lacking else ""


def classpath(folder: Path, *, rocksdb: bool = False) -> str:
    """Flink with what Compose puts beside it. `folder` is shared by the workers of a run."""
    made = folder / ("flink-classpath-rocksdb" if rocksdb else "flink-classpath")
    with (folder / "flink-classpath.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            list_ = folder / "flink-jars"
            more = ["-Procksdb"] if rocksdb else []
            _maven(POM, "dependency:build-classpath", f"-Dmdep.outputFile={list_}", *more)
            built = folder / "flink-built"
            _maven(FLINK / "pom.xml", "package", f"-Dbuilt={built}")
            made.write_text(f"{list_.read_text()}:{built / 'lib'}/*")
    return made.read_text()


def _maven(pom: Path, *asked: str) -> None:
    # Offline first: it is quicker, and all there is after the first time.
    for way in (["-o"], []):
        done = subprocess.run(
            ["mvn", "-q", "-B", "-f", str(pom), *asked, *way],
            capture_output=True, text=True, timeout=600, check=False,
        )  # fmt: skip
        if done.returncode == 0:
            return
    raise AssertionError(f"Maven failed at {pom}:\n{done.stdout}{done.stderr}")


class Cluster:
    """One JobManager, one TaskManager; each can be killed and started again."""

    def __init__(
        self, folder: Path, jars: str, *, jvm: Sequence[str] = _LIGHT, **settings: str
    ) -> None:
        self.folder = folder
        self._jvm = jvm
        self._jars = jars
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        rpc, rest = free_ports(2)
        self.rest = f"http://127.0.0.1:{rest}"
        plain = {
            "jobmanager.rpc.address": "127.0.0.1",
            "jobmanager.rpc.port": str(rpc),
            "jobmanager.bind-host": "127.0.0.1",
            "rest.address": "127.0.0.1",
            "rest.bind-address": "127.0.0.1",
            "rest.port": str(rest),
            "taskmanager.host": "127.0.0.1",
            "taskmanager.bind-host": "127.0.0.1",
            "parallelism.default": "1",
            "execution.target": "remote",
            "execution.attached": "false",
            "execution.checkpointing.interval": "2 s",
            "restart-strategy.type": "fixed-delay",
            "restart-strategy.fixed-delay.attempts": "1000",
            "restart-strategy.fixed-delay.delay": "500 ms",
            "heartbeat.interval": "500",
            "heartbeat.timeout": "3000",
            "io.tmp.dirs": str(folder / "tmp"),
        }
        (folder / "conf").mkdir(parents=True)
        (folder / "tmp").mkdir()
        (folder / "checkpoints").mkdir()
        lines = [f"{key}: {value}\n" for key, value in (plain | _MEMORY | settings).items()]
        (folder / "conf" / "config.yaml").write_text("".join(lines))
        client = folder / "sql-client.sh"
        client.write_text(
            f"#!/bin/sh\nexec java -Xmx256m {' '.join(_LIGHT + _OPENED)} {_LOG} "
            f'-cp "{jars}" {MAIN["client"]} embedded "$@"\n'
        )
        client.chmod(0o755)

    def start(self, *names: str) -> None:
        """Start the JobManager and the TaskManager, or those that are named."""
        for name in names or ("jobmanager", "taskmanager"):
            heap = "384m" if name == "taskmanager" else "256m"
            with (self.folder / f"{name}.txt").open("ab") as log:
                self._processes[name] = subprocess.Popen(
                    ["java", f"-Xmx{heap}", *self._jvm, *_OPENED, _LOG, "-cp", self._jars, MAIN[name],
                     "--configDir", str(self.folder / "conf")],
                    cwd=self.folder, env=self._env(), stdin=subprocess.DEVNULL,
                    stdout=log, stderr=log, start_new_session=True,
                )  # fmt: skip
        self.until(lambda: self.ask("/overview")["slots-total"] > 0, "no TaskManager")

    def submit(self, brokers: str, topics: str, *jobs: str) -> str:
        """Run `submit.sh`; what it said."""
        env = self._env() | {
            "KAFKA_BROKERS": brokers,
            "KAFKA_TOPICS": topics,
            "FLINK_REST": self.rest,
            "FLINK_CHECKPOINTS": str(self.folder / "checkpoints"),
            "SQL_CLIENT": str(self.folder / "sql-client.sh"),
        }
        done = subprocess.run(
            ["sh", str(FLINK / "submit.sh"), *jobs],
            env=env, capture_output=True, text=True, timeout=600, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{done.stdout}{done.stderr}\n{self.said()}"
        self.until(self.running, "the jobs do not run")
        return done.stderr

    def running(self) -> bool:
        """Whether all tasks of all jobs run."""
        jobs = self.ask("/jobs/overview")["jobs"]
        return bool(jobs) and all(
            job["state"] == "RUNNING" and job["tasks"]["running"] == job["tasks"]["total"]
            for job in jobs
            if job["state"] not in ("CANCELED", "FINISHED")
        )

    def checkpoints(self) -> dict[str, int]:
        """By job how many checkpoints it has completed."""
        return {
            job["name"]: self.ask(f"/jobs/{job['jid']}/checkpoints")["counts"]["completed"]
            for job in self.ask("/jobs/overview")["jobs"]
        }

    def ask(self, path: str) -> Any:
        """Flink's REST API."""
        with urllib.request.urlopen(self.rest + path, timeout=10) as answer:
            return json.load(answer)

    def until(self, holds: Any, otherwise: str, timeout: float = 300) -> None:
        """Wait until it holds; nobody answering counts as not yet."""
        deadline = time.monotonic() + timeout
        while True:
            try:
                if holds():
                    return
            except (urllib.error.URLError, OSError):
                pass
            for name, process in self._processes.items():
                assert process.poll() is None, f"the {name} ended:\n{self.said()}"
            assert time.monotonic() < deadline, f"{otherwise}:\n{self.said()}"
            time.sleep(0.1)

    def said(self) -> str:
        """The ends of the logs."""
        return "\n".join(p.read_text(errors="replace")[-4000:] for p in self.folder.glob("*.txt"))

    def pids(self) -> list[int]:
        """Those of the processes that run."""
        return [process.pid for process in self._processes.values()]

    def kill(self, *names: str) -> None:
        """`kill -9`, of both or of those that are named."""
        for name in names or tuple(self._processes):
            process = self._processes.pop(name)
            process.send_signal(signal.SIGKILL)
            process.wait(30)

    def _env(self) -> dict[str, str]:
        return {**os.environ, "FLINK_CONF_DIR": str(self.folder / "conf")}
