"""One stack: its engine, files and settings, and how Compose is called with them."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import re
import shutil
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from jollyscope.backend.stack import env_file, plan
from jollyscope.backend.stack.engine import Engine
from jollyscope.backend.stack.plan import Profile, Service
from jollyscope.paths import compose_dir
from jollyscope.store.backend_state import Addresses, BackendState, backend_dir, read_state

__all__ = ["PROJECT", "Stack", "address_list", "profile_of"]

PROJECT = "JOLLYSCOPE_PROJECT"
"""The variable with Compose's project name: containers, volumes and network begin with it."""
_OURS = ("jollyscope", "jollyscope_cli", "jollyscope_tui")


class Stack:
    """The backend of one data directory. `environ` goes over the env file and the defaults."""

    def __init__(
        self, engine: Engine, home: Path, profile: Profile, environ: Mapping[str, str] | None = None
    ) -> None:
        self.engine = engine
        self.home = home
        self.profile: Profile = profile
        self.folder = backend_dir(home)
        self.env_path = self.folder / ".env"
        self.files = self.folder / "compose"
        self._environ = dict(os.environ if environ is None else environ)

    @property
    def environ(self) -> dict[str, str]:
        """What Compose fills into the files."""
        return env_file.effective(self.env_path, self._environ)

    @property
    def project(self) -> str:
        """Compose's project name."""
        return self.environ.get(PROJECT, "jollyscope")

    def prepare(self) -> bool:
        """Lay the files and the env file into the data directory; whether secrets were made.

        A copy, because containers mount it for as long as they live: the installation may be
        updated or moved under them.
        """
        made = env_file.make(self.env_path, self._environ)
        _mirror(compose_dir(), self.files)
        _collector_context(self.files / "collector")
        return made

    def services(self) -> list[Service]:
        """What starts with this profile."""
        return plan.services(self._compose_files(), self.environ)

    def state(self, started: int | None = None) -> BackendState:
        """What to remember of it."""
        return BackendState(
            profile=self.profile,
            addresses=address_list(self.services(), self.environ),
            started=started if started is not None else time.time_ns(),
            engine=self.engine.name,
            topics=self.environ.get("JOLLYSCOPE_KAFKA_TOPICS", "jollyscope"),
        )

    def command(self, *arguments: str) -> list[str]:
        """Compose's command line."""
        files = [word for path in self._compose_files() for word in ("-f", str(path))]
        return [*self.engine.compose, *files, "-p", self.project, *arguments]

    def run(self, *arguments: str, timeout: float = 600) -> subprocess.CompletedProcess[str]:
        """Compose, to its end, with what it says."""
        return subprocess.run(
            self.command(*arguments),
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
            start_new_session=True,  # Ctrl-C is for us alone
        )

    def _compose_files(self) -> list[Path]:
        folder = self.files if (self.files / "compose.yaml").exists() else compose_dir()
        return plan.files(folder, self.profile)


def profile_of(home: Path) -> Profile:
    """The profile that was last started; small where none was."""
    state = read_state(home)
    return state.profile if state else "small"


def address_list(services: list[Service], environ: Mapping[str, str]) -> Addresses:
    """Where the parts answer, by the ports they publish."""
    ports = {(service.name, port.inside): port for service in services for port in service.ports}
    bind = environ.get("JOLLYSCOPE_BIND", "127.0.0.1")
    host = "127.0.0.1" if bind in ("0.0.0.0", "::", "[::]") else bind
    told = environ.get("JOLLYSCOPE_ADVERTISED_HOST") or host
    brokers = [f"{told}:{p.number}" for (_, inside), p in ports.items() if inside == 19092]
    password = environ.get("JOLLYSCOPE_CLICKHOUSE_PASSWORD", "")
    return Addresses(
        kafka=",".join(brokers),
        flink=f"http://{host}:{ports['flink-jobmanager', 8081].number}",
        clickhouse=f"clickhouse://jollyscope:{password}@{host}:"
        f"{ports['clickhouse', 8123].number}/jollyscope",
        grafana=f"http://{host}:{ports['grafana', 3000].number}",
        otlp_grpc=f"http://{host}:{ports['collector', 4317].number}",
        otlp_http=f"http://{host}:{ports['collector', 4318].number}",
    )


def _mirror(source: Path, target: Path) -> None:
    """Folders are kept, since containers have them mounted; what is gone from the source goes."""
    wanted = {
        path.relative_to(source) for path in source.rglob("*") if _wanted(path.relative_to(source))
    }
    for path in sorted(wanted):
        place = target / path
        if (source / path).is_dir():
            place.mkdir(parents=True, exist_ok=True)
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        data = (source / path).read_bytes()
        if not place.exists() or place.read_bytes() != data:
            place.write_bytes(data)
        place.chmod(0o644)  # users within the containers read it too
    for path in sorted(target.rglob("*"), reverse=True):
        relative = path.relative_to(target)
        if relative not in wanted and path.is_file():
            path.unlink()


def _wanted(path: Path) -> bool:
    return not {"target", "__pycache__"} & set(path.parts)


def _collector_context(folder: Path) -> None:
    """The packages of this installation, and what they need, for the collector's image."""
    packages = folder / "packages"
    shutil.rmtree(packages, ignore_errors=True)
    for name in _OURS:
        spec = importlib.util.find_spec(name)
        places = spec.submodule_search_locations if spec else None
        if places:
            ignored = shutil.ignore_patterns("__pycache__", "*.pyc", "_compose")
            shutil.copytree(Path(next(iter(places))), packages / name, ignore=ignored)
    (folder / "requirements.txt").write_text("\n".join(_requirements()) + "\n", "utf-8")


def _requirements() -> list[str]:
    """What the distribution requires without extras."""
    named = importlib.metadata.requires("jollyscope") or []
    return [line for line in named if not re.search(r";.*\bextra\b", line)]
