"""Which container engine there is: Docker or Podman, and the Compose that goes with it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping

import msgspec

from jollyscope.backend.stack.trouble import EMBEDDED, EngineError

__all__ = ["CHOICE", "Engine", "find_engine"]

CHOICE = "JOLLYSCOPE_COMPOSE"
"""The variable that names the command line of Compose, where another than the first found is wanted."""
_ASK_S = 20
_WAYS = (
    ("docker", ("docker", "compose")),
    ("docker", ("docker-compose",)),
    ("podman", ("podman", "compose")),
    ("podman", ("podman-compose",)),
)


class Engine(msgspec.Struct, frozen=True):
    """The commands to call. `program` lists and inspects containers, `compose` runs the stack."""

    program: str
    compose: tuple[str, ...]
    memory: int
    """Bytes that its containers have together, as the engine says; 0 where it does not."""

    @property
    def name(self) -> str:
        """`docker compose` and the like."""
        return " ".join(self.compose)


def find_engine(environ: Mapping[str, str] | None = None) -> Engine:
    """The first engine that answers and has a Compose. Raises `EngineError` with what is missing."""
    around = os.environ if environ is None else environ
    ways = list(_chosen(around)) or list(_WAYS)
    programs = [p for p in dict.fromkeys(program for program, _ in ways) if _there(p, around)]
    if not programs:
        wanted = " or ".join(dict.fromkeys(program.capitalize() for program, _ in ways))
        raise EngineError(
            f"The backend runs in containers, and {wanted} is not installed.",
            hint=f"Install Docker with its Compose plugin. {EMBEDDED}",
        )
    refusals: list[EngineError] = []
    for program in programs:
        try:
            memory = _memory(program, around)
        except EngineError as error:
            refusals.append(error)
            continue
        for owner, compose in ways:
            if owner == program and _has_compose(compose, around):
                return Engine(program, compose, memory)
        refusals.append(
            EngineError(
                f"{program.capitalize()} is here, its Compose is not.",
                hint="Install the package docker-compose-plugin or docker-compose "
                "(for Podman: podman-compose).",
            )
        )
    raise refusals[0]


def _chosen(environ: Mapping[str, str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    words = tuple(environ.get(CHOICE, "").split())
    if words:
        yield ("podman" if "podman" in words[0] else "docker"), words


def _there(program: str, environ: Mapping[str, str]) -> bool:
    return shutil.which(program, path=environ.get("PATH")) is not None


def _memory(program: str, environ: Mapping[str, str]) -> int:
    """Asks the engine itself, so that it is known to answer."""
    form = "{{.Host.MemTotal}}" if program == "podman" else "{{.MemTotal}}"
    done = _ask([program, "info", "--format", form], environ)
    said = f"{done.stdout}\n{done.stderr}"
    if done.returncode or "cannot connect" in said.lower():
        raise _refused(program, said)
    number = done.stdout.strip()
    return int(number) if number.isdigit() else 0


def _refused(program: str, said: str) -> EngineError:
    low = said.lower()
    name = program.capitalize()
    if "permission denied" in low:
        return EngineError(
            f"{name} does not let this user in.",
            hint="Add yourself to the group `docker` (sudo usermod -aG docker $USER) and log in "
            "again, or use rootless Docker.",
        )
    if "cannot connect" in low or "is the docker daemon running" in low or "no such file" in low:
        start = "`podman machine start`" if program == "podman" else "`sudo systemctl start docker`"
        return EngineError(
            f"{name} is installed but not running.",
            hint=f"Start it ({start}, or Docker Desktop), or point DOCKER_HOST at one. {EMBEDDED}",
        )
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return EngineError(f"{name} does not answer: {lines[-1] if lines else 'no reason given'}.")


def _has_compose(compose: tuple[str, ...], environ: Mapping[str, str]) -> bool:
    """A program of its own is there or not; a plugin has to be asked for."""
    if not _there(compose[0], environ):
        return False
    return len(compose) == 1 or _ask([*compose, "version"], environ).returncode == 0


def _ask(command: list[str], environ: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_ASK_S,
            stdin=subprocess.DEVNULL,
            env=dict(environ),
            check=False,
        )
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 1, "", f"no answer within {_ASK_S} s")
    except OSError as error:
        return subprocess.CompletedProcess(command, 1, "", str(error))
