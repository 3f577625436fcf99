"""A real Docker engine with a folder of its own, and tiny images in the place of the large ones.

There is no registry to pull from, so images are made of Debian's static busybox: a stand-in listens
where the real service does and passes the health check of the real `compose.yaml`. Kafka's topics
and Flink's jobs are made by the real scripts, against stand-ins of the tools they call.
"""

from __future__ import annotations

import io
import os
import shutil
import signal
import subprocess
import tarfile
import time
from pathlib import Path

__all__ = ["SERVICES", "Engine", "missing"]

SERVICES = ("KAFKA", "FLINK", "CLICKHOUSE", "GRAFANA", "COLLECTOR", "KEEPER")
"""Each has a variable that names its image."""
_APPLETS = ("sh", "httpd", "wget", "test", "sleep", "touch", "rm", "cat", "grep", "echo", "true")
_APPLETS += ("mktemp", "dirname", "sed", "head", "ls", "mkdir", "env", "tail")

_STAND_IN = """#!/bin/sh
trap 'exit 0' TERM INT
echo "stand-in for $STAND_IN: $*"
serve() { for port in "$@"; do httpd -f -p "$port" -h /www & done; wait; }
case "$STAND_IN $1" in
    "kafka sh" | "flink bash") exec "$@" ;;
    "kafka ") serve 9092 19092 ;;
    "flink jobmanager") serve 8081 ;;
    "flink taskmanager") serve 6122 ;;
    "clickhouse "*) serve 8123 9000 ;;
    "keeper "*) serve 9181 ;;
    "grafana "*) serve 3000 ;;
    "collector "*) serve 4317 4318 ;;
    "slow "*) while :; do sleep 0.2; done ;;
    "broken "*) echo "reading /etc/settings" ; echo "disk quota exceeded: cannot go on" >&2 ; exit 3 ;;
esac
"""
_BASH = """#!/bin/sh
case "$2" in *6122*) exec wget -q -O /dev/null http://127.0.0.1:6122/overview ;; esac
exec sh "$@"
"""
_FILES = {
    "stand-in": _STAND_IN,
    "bin/bash": _BASH,
    "bin/nc": "#!/bin/sh\nexec wget -q -O /dev/null http://$2:$3/overview\n",
    "bin/python": "#!/bin/sh\nexec wget -q -O - http://127.0.0.1:4318/healthz\n",
    "opt/kafka/bin/kafka-topics.sh": '#!/bin/sh\necho "kafka-topics $*"\n',
    # Busybox's wget falls over its own option -T, and the script takes curl where it is there.
    "bin/curl": '#!/bin/sh\nfor word in "$@"; do last=$word; done\nexec wget -q -O - "$last"\n',
    "opt/flink/bin/sql-client.sh": "#!/bin/sh\nfor job in 1 2 3; do echo Job ID: 0$job; done\n",
    "www/overview": "{}",
    "www/jobs/overview": '{"jobs":[]}',
    "www/ping": "Ok.",
    "www/healthz": "{}",
    "www/api/health": '{"database":"ok","version":"0.0.0"}',
    "etc/passwd": "root:x:0:0::/:/bin/sh\n",
}


def missing() -> str:
    """What is lacking for an engine here, empty where all is there."""
    if os.geteuid():
        return "only root may start a Docker engine"
    lacking = [tool for tool in ("docker", "dockerd") if shutil.which(tool) is None]
    if not lacking and not compose():
        lacking = ["docker-compose"]
    if _busybox() is None:
        lacking.append("busybox (static)")
    return f"a Docker engine needs {' and '.join(lacking)}" if lacking else ""


def compose() -> list[list[str]]:
    """The Compose command lines there are."""
    plugin = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False)
    found = [["docker", "compose"]] if plugin.returncode == 0 else []
    return [*found, ["docker-compose"]] if shutil.which("docker-compose") else found


def _busybox() -> Path | None:
    path = shutil.which("busybox")
    return Path(path) if path else None


class Engine:
    """`dockerd` below `folder`, reached through its own socket; ended by its process id."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.address = f"unix://{folder}/socket"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, timeout: float = 30) -> None:
        """Start it, and make the images."""
        places = {"--data-root": "data", "--exec-root": "exec", "--pidfile": "pid"}
        words = [
            word for option, name in places.items() for word in (option, str(self.folder / name))
        ]
        # The user's own network rules are not touched, and any file system will do.
        words += ["--iptables=false", "--ip6tables=false", "--storage-driver=vfs"]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                ["dockerd", "-H", self.address, *words],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        deadline = time.monotonic() + timeout
        while self.docker("version").returncode:
            said = (self.folder / "log").read_text(errors="replace")[-3000:]
            assert self._process.poll() is None, f"dockerd ended:\n{said}"
            assert time.monotonic() < deadline, f"dockerd does not answer:\n{said}"
            time.sleep(0.05)
        for kind in (*(name.lower() for name in SERVICES), "slow", "broken"):
            self._make_image(kind)

    def docker(self, *words: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """The client, to its end."""
        return subprocess.run(
            ["docker", "-H", self.address, *words], input=stdin, capture_output=True, timeout=60,
            check=False,
        )  # fmt: skip

    def _make_image(self, kind: str) -> None:
        changes = ['ENTRYPOINT ["/bin/sh", "/stand-in"]', f"ENV STAND_IN={kind}", "ENV PATH=/bin"]
        words = [word for change in changes for word in ("--change", change)]
        made = self.docker("import", *words, "-", f"stand-in-{kind}:1", stdin=_root_folder())
        assert made.returncode == 0, made.stderr.decode()

    def stop(self) -> None:
        """End it; what still ran in it goes with it."""
        if self._process is None:
            return
        left = self.docker("ps", "-aq").stdout.decode().split()
        if left:
            self.docker("rm", "-fv", *left)
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None


def _root_folder() -> bytes:
    busybox = _busybox()
    assert busybox is not None
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for name in ("tmp", "checkpoints", "proc", "dev", "sys"):
            folder = tarfile.TarInfo(name)
            folder.type, folder.mode = tarfile.DIRTYPE, 0o1777
            tar.addfile(folder)
        tar.add(busybox.resolve(), "bin/busybox")
        for name in _APPLETS:
            link = tarfile.TarInfo(f"bin/{name}")
            link.type, link.linkname = tarfile.SYMTYPE, "busybox"
            tar.addfile(link)
        for name, text in _FILES.items():
            data = text.encode()
            file = tarfile.TarInfo(name)
            file.size, file.mode = len(data), 0o755
            tar.addfile(file, io.BytesIO(data))
    return packed.getvalue()
