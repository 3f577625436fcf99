"""Starting the backend, and waiting until all of it is well."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import msgspec

from jollyscope.backend.stack.checks import check_disk, check_memory, check_ports
from jollyscope.backend.stack.containers import Container, containers, last_lines, phase
from jollyscope.backend.stack.images import get_images
from jollyscope.backend.stack.lock import changing
from jollyscope.backend.stack.plan import Service
from jollyscope.backend.stack.process import Call
from jollyscope.backend.stack.progress import Progress
from jollyscope.backend.stack.stack import Stack
from jollyscope.backend.stack.trouble import BackendError
from jollyscope.store.backend_state import BackendState, read_state, write_state

__all__ = ["Options", "Outcome", "up"]

_POLL_S = 0.4
_RESTARTS = 2
"""One restart may be owed to another service that was not ready."""
_SETTLED = {"healthy", "running", "done"}


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How to start. `wait` is in seconds; 0 starts the containers and waits for nothing."""

    wait: float = 300.0
    build: bool = False
    force: bool = False


class Outcome(msgspec.Struct, frozen=True):
    """What there is now, and what was there before."""

    state: BackendState
    already: list[str]
    """Services that ran already."""
    secrets_made: bool


Finish = Callable[[Stack, BackendState, float], None]
"""What is done once all services are well, within so many seconds: the schema, and the proof."""


def up(stack: Stack, progress: Progress, options: Options, finish: Finish) -> Outcome:
    """Start what does not run, wait until all is well, then `finish`. Doing it again changes nothing.

    Raises `BackendError`; what had started by then keeps running, and another `up` goes on.
    """
    with changing(stack.folder, "up"):
        _same_profile(stack)
        made = stack.prepare()
        services = stack.services()
        there = containers(stack)
        already = [s.name for s in services if not s.once and _well(there, s)]
        _check(stack, services, there, progress, force=options.force)
        get_images(stack, services, progress, build=options.build)
        state = stack.state(_since(stack, already, services))
        write_state(stack.home, state)
        deadline = time.monotonic() + options.wait
        old = {c.started for c in there.values()}
        _start(stack, services, progress, deadline if options.wait else None, old)
        if options.wait:
            finish(stack, state, max(1.0, deadline - time.monotonic()))
            state = msgspec.structs.replace(state, proved=True)
            write_state(stack.home, state)
        return Outcome(state, already, made)


def _well(there: Mapping[str, Container], service: Service) -> bool:
    return phase(there.get(service.name), once=service.once) in _SETTLED


def _since(stack: Stack, already: list[str], services: list[Service]) -> int | None:
    before = read_state(stack.home)
    everything = len(already) == sum(not service.once for service in services)
    return before.started if before and before.running and everything else None


def _same_profile(stack: Stack) -> None:
    before = read_state(stack.home)
    if before and before.profile != stack.profile:
        raise BackendError(
            f"The backend here was made with the profile {before.profile}, and its data is laid "
            f"out for that.",
            hint=f"`jollyscope up --profile {before.profile}` starts it; `jollyscope down --volumes` "
            "drops its data, and any profile can be chosen then.",
        )


def _check(
    stack: Stack,
    services: list[Service],
    there: Mapping[str, Container],
    progress: Progress,
    *,
    force: bool,
) -> None:
    """Only what has to be started needs its port and its memory."""
    idle = [s for s in services if phase(there.get(s.name)) in ("absent", "created", "failed")]
    check_ports(idle)
    questions = (
        lambda: check_memory(idle, stack.engine.memory),
        lambda: check_disk(stack.folder) if idle else "",
    )
    for question in questions:
        try:
            warning = question()
        except BackendError as error:
            if not force:
                raise
            warning = error.message
        if warning:
            progress.say(warning)


def _start(
    stack: Stack,
    services: list[Service],
    progress: Progress,
    deadline: float | None,
    old: set[str],
) -> None:
    """`old` are the starts of containers from before: Compose may be starting or replacing them."""
    with Call(stack.command("up", "-d", "--no-build", "--remove-orphans"), stack.environ) as call:
        while True:
            compose_runs = call.running()  # before the look, so that the look is not older
            there = containers(stack)
            for service in services:
                container = there.get(service.name)
                now = phase(container, once=service.once)
                if container is None or (
                    compose_runs and now == "failed" and container.started in old
                ):
                    continue
                progress.service(service.name, now)
                _stop_at_failure(stack, service, container)
            if not compose_runs:
                _stop_at_refusal(call, services)
                if deadline is None or all(_well(there, service) for service in services):
                    return
            if deadline is not None and time.monotonic() > deadline:
                raise _too_slow(services, there)
            time.sleep(_POLL_S)


def _stop_at_failure(stack: Stack, service: Service, container: Container) -> None:
    now = phase(container, once=service.once)
    if now == "unhealthy":
        what = "runs, but its health check fails"
    elif now == "failed" and container.error:
        what = "cannot be started"
    elif now == "failed":
        what = f"died with exit code {container.exit_code}"
    # While it runs again the engine no longer tells how it ended.
    elif now == "restarting" and container.restarts >= _RESTARTS:
        what = f"dies again and again (exit code {container.exit_code})"
    else:
        return
    lines = [container.error] if container.error else last_lines(stack, container)
    said = "\n".join(f"  {line}" for line in lines) or "  (nothing)"
    raise BackendError(
        f"The service {service.name} {what}.",
        hint=f"It said last:\n{said}\n`jollyscope logs {service.name}` shows more; `jollyscope up` goes "
        "on, `jollyscope down` stops the rest.",
    )


def _stop_at_refusal(call: Call, services: list[Service]) -> None:
    if not call.code():
        return
    said = "\n".join(call.tail(6))
    images = [service for service in services if service.image in said]
    named = f" {images[0].image_variable} names another image." if images else ""
    raise BackendError(
        f"Compose could not start the backend: {call.last()}.",
        hint=f"It said:\n{said}\n`jollyscope up` goes on from here.{named}",
    )


def _too_slow(services: list[Service], there: Mapping[str, Container]) -> BackendError:
    late = [s.name for s in services if not _well(there, s)]
    verb = "is" if len(late) == 1 else "are"
    return BackendError(
        f"{', '.join(late)} {verb} not ready in time.",
        hint=f"`jollyscope logs {late[0]}` shows what it says; `jollyscope up` goes on from here, with "
        "`--wait SECONDS` for longer, and `jollyscope down` stops it all.",
    )
