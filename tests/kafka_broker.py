"""A real Kafka broker, one node that is its own controller (KRaft), for tests to use and to kill.

Its jars come through Maven (`tests/e2e/kafka/pom.xml`) into Maven's own cache; a start takes about
two seconds.
"""

from __future__ import annotations

import fcntl
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

POM = Path(__file__).parent / "e2e" / "kafka" / "pom.xml"

# A small heap, the plain collector and only the first compiler: quick to start, light beside others.
_JVM = ["-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto"]
_LOG = "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"


def missing() -> str:
    """What a broker needs and this machine lacks, empty where all is there."""
    lacking = [tool for tool in ("java", "mvn") if shutil.which(tool) is None]
    return f"a Kafka broker needs {' and '.join(lacking)}" if lacking else ""


def classpath(folder: Path) -> str:
    """The broker's jars. `folder` is shared by the workers of a run, so that one of them asks."""
    made = folder / "kafka-classpath"
    with (folder / "kafka-classpath.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            _ask_maven(made)
    return made.read_text()


def _ask_maven(file: Path) -> None:
    asked = ["mvn", "-q", "-B", "-f", str(POM), "dependency:build-classpath"]
    told = f"-Dmdep.outputFile={file}"
    # Offline first: it is quicker, and all there is after the first time.
    for way in (["-o"], []):
        done = subprocess.run(
            [*asked, told, *way], capture_output=True, text=True, timeout=600, check=False
        )
        if done.returncode == 0:
            return
    raise AssertionError(f"Maven did not get the broker's jars:\n{done.stdout}{done.stderr}")


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


class Broker:
    """One broker with its data in `folder`; it can be killed and started again."""

    def __init__(self, folder: Path, jars: str, **settings: str) -> None:
        self.folder = folder
        self.port, controller = free_ports(2)
        self.address = f"127.0.0.1:{self.port}"
        self._jars = jars
        self._process: subprocess.Popen[bytes] | None = None
        data = folder / "data"
        data.mkdir(parents=True)
        # What `kafka-storage format` writes; doing it here saves the start of another JVM.
        (data / "meta.properties").write_text(
            "version=1\ncluster.id=am9sbHlzY29wZS10ZXN0cw\nnode.id=1\n"
            "directory.id=am9sbHlzY29wZS1kaXIwMQ\n"
        )
        plain = {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.voters": f"1@127.0.0.1:{controller}",
            "listeners": f"PLAINTEXT://{self.address},CONTROLLER://127.0.0.1:{controller}",
            "advertised.listeners": f"PLAINTEXT://{self.address}",
            "controller.listener.names": "CONTROLLER",
            "log.dirs": str(data),
            "num.partitions": "3",
            "offsets.topic.replication.factor": "1",
            "offsets.topic.num.partitions": "1",
            "group.initial.rebalance.delay.ms": "0",
            "auto.create.topics.enable": "false",
            "log.cleaner.enable": "false",
            # How long the controller still counts on a broker that was killed: nine seconds
            # otherwise, in which the restarted one may not serve.
            "broker.session.timeout.ms": "2000",
            "broker.heartbeat.interval.ms": "300",
            "initial.broker.registration.timeout.ms": "30000",
        }
        lines = [f"{key}={value}\n" for key, value in (plain | settings).items()]
        (folder / "server.properties").write_text("".join(lines))

    def start(self, timeout: float = 60) -> None:
        """Start it and wait until it answers."""
        with (self.folder / "log.txt").open("ab") as log:
            self._process = subprocess.Popen(
                ["java", *_JVM, _LOG, "-cp", self._jars, "kafka.Kafka", "server.properties"],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # a Ctrl-C at the tests is for the tests to handle
            )
        deadline = time.monotonic() + timeout
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                said = (self.folder / "log.txt").read_text(errors="replace")
                assert self._process.poll() is None, f"the broker ended:\n{said}"
                assert time.monotonic() < deadline, f"the broker does not answer:\n{said}"
                time.sleep(0.05)

    def pids(self) -> list[int]:
        """Its process, where it runs."""
        return [] if self._process is None else [self._process.pid]

    def kill(self) -> None:
        """`kill -9`."""
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """It stands still: connections stay, and nobody answers."""
        self._tell(signal.SIGSTOP)

    def go_on(self) -> None:
        """After `pause`."""
        self._tell(signal.SIGCONT)

    def stop(self) -> None:
        """End it. Nothing on its disk is needed any more, so it is not asked to tidy up."""
        self._end(signal.SIGKILL)

    def _tell(self, what: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(what)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(30)
            self._process = None
