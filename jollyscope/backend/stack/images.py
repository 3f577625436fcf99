"""Images: which are missing, and getting them, by pulling or by building."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable

from jollyscope.backend.stack.plan import Service
from jollyscope.backend.stack.process import Call
from jollyscope.backend.stack.progress import Progress
from jollyscope.backend.stack.stack import Stack
from jollyscope.backend.stack.trouble import BackendError

__all__ = ["get_images"]


def get_images(
    stack: Stack, services: Iterable[Service], progress: Progress, *, build: bool = False
) -> None:
    """Pull or build what is missing, one image at a time; with `build` make ours anew.

    Raises `BackendError` naming the image and the variable that puts another in its place.
    """
    done: set[str] = set()
    for service in services:
        if service.image in done:
            continue
        done.add(service.image)
        ours = service.builds and not stack.environ.get(service.image_variable)
        here = _here(stack, service.image)
        if here and not (build and service.builds):
            continue
        if ours or (build and service.builds):
            progress.service(service.name, "building", service.image)
            _build(stack, service, progress)
        else:
            progress.service(service.name, "pulling", service.image)
            _pull(stack, service, progress)


def _here(stack: Stack, image: str) -> bool:
    done = subprocess.run(
        [stack.engine.program, "image", "inspect", image],
        env=stack.environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
    )
    return done.returncode == 0


def _build(stack: Stack, service: Service, progress: Progress) -> None:
    with Call(stack.command("build", service.name), stack.environ) as call:
        for line in call.lines():
            progress.service(service.name, "building", line)
        if call.code():
            raise BackendError(
                f"The image of {service.name} cannot be built: {call.last()}.",
                hint=f"{service.image_variable} names one that is ready-made; the last lines were:\n"
                + "\n".join(call.tail(8)),
            )


def _pull(stack: Stack, service: Service, progress: Progress) -> None:
    with Call([stack.engine.program, "pull", service.image], stack.environ) as call:
        for line in call.lines():
            progress.service(service.name, "pulling", line)
        if call.code():
            raise BackendError(
                f"The image {service.image} cannot be pulled: {call.last().rstrip('.')}.",
                hint=f"Is the registry reachable from here? {service.image_variable} names another "
                f"image; `{stack.engine.program} load` brings one in without a network.",
            )
