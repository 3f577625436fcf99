"""What runs: the containers of a stack, as the engine tells of them."""

from __future__ import annotations

import subprocess
from typing import Literal

import msgspec

from jollyscope.backend.stack.stack import Stack
from jollyscope.backend.stack.trouble import BackendError

__all__ = ["Container", "containers", "last_lines", "phase"]

Phase = Literal[
    "absent",
    "created",
    "starting",
    "running",
    "healthy",
    "unhealthy",
    "restarting",
    "done",
    "failed",
]


class Container(msgspec.Struct, frozen=True, kw_only=True):
    """One container. `health` is empty where nothing checks it."""

    service: str
    name: str
    id: str
    image: str
    status: str
    """`created`, `running`, `restarting`, `exited` and the like."""
    health: str
    exit_code: int
    error: str
    """Why the engine could not start it, else empty."""
    restarts: int
    started: str
    """ISO 8601."""
    ports: list[str]


def containers(stack: Stack) -> dict[str, Container]:
    """By service; empty where nothing was started. Raises `BackendError`."""
    program = stack.engine.program
    label = f"label=com.docker.compose.project={stack.project}"
    ids = _ask(stack, program, "ps", "-aq", "--filter", label).split()
    if not ids:
        return {}
    said = _ask(stack, program, "inspect", "--type", "container", *ids, missing_ok=True)
    found = [_read(one) for one in msgspec.json.decode(said or "[]", type=list[_Inspected])]
    # While one takes another's place there are two; the one that runs is the service.
    return {
        one.service: one for one in sorted(found, key=lambda o: (o.status == "running", o.name))
    }


def phase(container: Container | None, *, once: bool = False) -> Phase:
    """Where it stands. A service that does its work and ends is `done` with exit code 0."""
    if container is None:
        return "absent"
    if container.status in ("exited", "dead", "stopped"):
        return "done" if once and container.exit_code == 0 else "failed"
    if container.status == "restarting":
        return "restarting"
    if container.status in ("created", "configured", "initialized"):
        return "failed" if container.error else "created"
    if container.health in ("healthy", "unhealthy", "starting"):
        return container.health
    return "running"


def last_lines(stack: Stack, container: Container, count: int = 12) -> list[str]:
    """What it said last, on either stream."""
    done = subprocess.run(
        [stack.engine.program, "logs", "--tail", str(count), container.id],
        env=stack.environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        timeout=30,
        check=False,
    )
    return [line.rstrip() for line in done.stdout.splitlines() if line.strip()][-count:]


def _read(told: _Inspected) -> Container:
    health = told.state.health or told.state.healthcheck
    return Container(
        service=(told.config.labels or {}).get("com.docker.compose.service", ""),
        name=told.name.lstrip("/"),
        id=told.id,
        image=told.config.image,
        status=told.state.status,
        health=health.status.replace("none", "") if health else "",
        exit_code=told.state.exit_code,
        error=told.state.error,
        restarts=told.restart_count,
        started=told.state.started_at,
        ports=[
            f"{place.host_ip or '0.0.0.0'}:{place.host_port}->{inside}"
            for inside, places in (told.network_settings.ports or {}).items()
            for place in places or []
        ],
    )


# What `inspect` tells, of Docker and Podman alike, as far as it is used here.
class _Health(msgspec.Struct, rename="pascal"):
    status: str = ""


class _State(msgspec.Struct, rename="pascal"):
    status: str = ""
    exit_code: int = 0
    error: str = ""
    started_at: str = ""
    health: _Health | None = None
    healthcheck: _Health | None = None


class _Config(msgspec.Struct, rename="pascal"):
    labels: dict[str, str] | None = None
    image: str = ""


class _Place(msgspec.Struct, rename="pascal"):
    host_ip: str = ""
    host_port: str = ""


class _Network(msgspec.Struct, rename="pascal"):
    ports: dict[str, list[_Place] | None] | None = None


class _Inspected(msgspec.Struct, rename="pascal"):
    id: str = ""
    name: str = ""
    restart_count: int = 0
    state: _State = msgspec.field(default_factory=_State)
    config: _Config = msgspec.field(default_factory=_Config)
    network_settings: _Network = msgspec.field(default_factory=_Network)


def _ask(stack: Stack, *command: str, missing_ok: bool = False) -> str:
    try:
        done = subprocess.run(
            command,
            env=stack.environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=60,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise BackendError(f"{stack.engine.program.capitalize()} does not answer.") from None
    gone = missing_ok and "no such" in done.stderr.lower()  # ended between two questions
    if done.returncode and not gone:
        lines = done.stderr.strip().splitlines()
        raise BackendError(
            f"{stack.engine.program.capitalize()} does not answer: "
            f"{lines[-1] if lines else 'no reason given'}."
        )
    return done.stdout
