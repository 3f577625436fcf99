"""Stopping, restarting, looking at and listening to the backend."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from typing import Literal

import msgspec

from jollyscope.backend.stack.containers import containers, phase
from jollyscope.backend.stack.lock import changing
from jollyscope.backend.stack.process import Call
from jollyscope.backend.stack.progress import Progress
from jollyscope.backend.stack.stack import Stack
from jollyscope.backend.stack.trouble import BackendError
from jollyscope.errors import NotFoundError
from jollyscope.store.backend_state import forget, read_state, write_state

__all__ = ["ServiceStatus", "check_services", "down", "logs", "restart", "status"]


class ServiceStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One service as `status` tells of it."""

    service: str
    state: str
    """`absent`, `created`, `starting`, `running`, `healthy`, `unhealthy`, `restarting`, `done`, `failed`."""
    image: str
    container: str
    started: str
    """ISO 8601, empty where it never was."""
    restarts: int
    exit_code: int
    ports: list[str]


def status(stack: Stack) -> list[ServiceStatus]:
    """Every service of the profile, in the order they start."""
    there = containers(stack)
    told: list[ServiceStatus] = []
    for service in stack.services():
        found = there.get(service.name)
        told.append(
            ServiceStatus(
                service=service.name,
                state=phase(found, once=service.once),
                image=found.image if found else service.image,
                container=found.name if found else "",
                started=found.started if found else "",
                restarts=found.restarts if found else 0,
                exit_code=found.exit_code if found else 0,
                ports=found.ports if found else [],
            )
        )
    return told


def down(stack: Stack, progress: Progress, *, volumes: bool = False) -> list[str]:
    """Stop and remove the containers; what ran. Data is kept unless `volumes`."""
    with changing(stack.folder, "down"):
        ran = sorted(containers(stack))
        words = ["down", "--remove-orphans", *(["--volumes"] if volumes else [])]
        _call(stack, words, progress, "stop")
        if volumes:
            forget(stack.home)
        elif (state := read_state(stack.home)) is not None:
            write_state(stack.home, msgspec.structs.replace(state, running=False, proved=False))
        return ran


def restart(stack: Stack, names: Sequence[str], progress: Progress) -> list[str]:
    """Restart what runs, or only `names`; what was. Raises `NotFoundError` for an unknown one."""
    with changing(stack.folder, "restart"):
        check_services(stack, names)
        once = {service.name for service in stack.services() if service.once}
        wanted = [name for name in (names or sorted(containers(stack))) if name not in once]
        if not wanted:
            raise BackendError("Nothing runs here.", hint="`jollyscope up` starts the backend.")
        _call(stack, ["restart", *wanted], progress, "restart")
        return wanted


def check_services(stack: Stack, names: Sequence[str]) -> None:
    """Raises `NotFoundError` for a name that is no service."""
    known = [service.name for service in stack.services()]
    for name in names:
        if name not in known:
            raise NotFoundError(
                f"There is no service `{name}`.", hint=f"There are {', '.join(known)}."
            )


def logs(stack: Stack, names: Sequence[str], *, tail: int, follow: bool) -> int:
    """Compose's own log lines, straight to stdout; its exit code. Raises `NotFoundError`."""
    check_services(stack, names)
    words = ["logs", "--tail", str(tail), *(["--follow"] if follow else []), *names]
    with subprocess.Popen(
        stack.command(*words), env=stack.environ, stdin=subprocess.DEVNULL
    ) as process:
        return process.wait()


def _call(
    stack: Stack, words: list[str], progress: Progress, doing: Literal["stop", "restart"]
) -> None:
    with Call(stack.command(*words), stack.environ) as call:
        for line in call.lines():
            name, phase_ = _told(line, stack.project)
            if name:
                progress.service(name, phase_)
        if call.code() and doing == "restart" and "No containers to restart" in call.tail(9):
            raise BackendError("None of it runs.", hint="`jollyscope up` starts the backend.")
        if call.code():
            raise BackendError(
                f"Compose could not {doing} the backend: {call.last()}.",
                hint="It said:\n" + "\n".join(f"  {line}" for line in call.tail(6)),
            )


def _told(line: str, project: str) -> tuple[str, str]:
    """`Stopping jollyscope_kafka_1 ... done` (version 1), `Container jollyscope-kafka-1  Stopped` (2)."""
    found = re.search(
        rf"(?:^(?P<doing>\w+ing) |Container ){re.escape(project)}[-_](?P<name>.+?)[-_]\d+"
        r"(?:\s+\.\.\.\s*(?P<done>\w*)|\s+(?P<now>\w+))?",
        line,
    )
    if found is None:
        return "", ""
    if found["now"]:
        return found["name"], found["now"].lower()
    if not found["done"]:
        return found["name"], found["doing"].lower() if found["doing"] else ""
    return found["name"], {"stopping": "stopped", "removing": "removed"}.get(
        (found["doing"] or "").lower(), "restarted"
    )
