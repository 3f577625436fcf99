"""Before anything is started: are the ports free, is there memory, is there disk?"""

from __future__ import annotations

import socket
from collections.abc import Iterable, Mapping
from pathlib import Path

from jollyscope.backend.stack.plan import Port, Service
from jollyscope.backend.stack.trouble import BackendError
from jollyscope.model import format as fmt

__all__ = ["check_disk", "check_memory", "check_ports", "holder"]

LEAST_DISK, GOOD_DISK = 3_000_000_000, 20_000_000_000
"""Bytes: below the first the images alone do not fit; the second is room for some days of records."""


def check_ports(services: Iterable[Service]) -> None:
    """Raises `BackendError` naming every taken port, who has it and the variable that moves ours."""
    taken = [port for service in services for port in service.ports if not _free(port)]
    if not taken:
        return
    told = [
        f"{port.number} ({holder(port.number) or 'by a program of another user'})" for port in taken
    ]
    moved = " ".join(f"{port.variable}={port.number + 10000}" for port in taken)
    which = "Port" if len(taken) == 1 else "Ports"
    verb = "is" if len(taken) == 1 else "are"
    raise BackendError(
        f"{which} {', '.join(told)} {verb} taken.",
        hint=f"End what is there, or use another: {moved} jollyscope up",
    )


def holder(port: int) -> str:
    """`name, pid 123` of who listens on a port, as far as this user may see it."""
    import psutil

    try:
        found = psutil.net_connections(kind="tcp")
    except (psutil.AccessDenied, OSError):
        return ""
    for one in found:
        if one.status == psutil.CONN_LISTEN and one.laddr and one.laddr[1] == port and one.pid:
            try:
                return f"{psutil.Process(one.pid).name()}, pid {one.pid}"
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                return f"pid {one.pid}"
    return ""


def _free(port: Port) -> bool:
    family = socket.AF_INET6 if ":" in port.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((port.host.strip("[]"), port.number))
        except PermissionError:  # below 1024: the engine may, where we may not
            return True
        except OSError:
            return False
    return True


def check_memory(services: Iterable[Service], engine_memory: int) -> str:
    """A warning, or nothing. Raises `BackendError` where there is less than half of what it may take.

    `engine_memory` is what the engine says it has (a virtual machine on some systems), in bytes.
    """
    import psutil

    most = sum(service.memory for service in services if not service.once)
    free = psutil.virtual_memory().available
    have = min(free, engine_memory) if engine_memory else free
    if have >= most:
        return ""
    said = f"{fmt.size(have)} of memory are free, and the backend may take up to {fmt.size(most)}"
    if have >= most // 2:
        return f"{said}."
    raise BackendError(
        f"Memory is short: {said}.",
        hint="End other programs, give the engine more, or lower JOLLYSCOPE_*_MEMORY "
        "(docs/backend.md); `--force` starts it all the same.",
    )


def check_disk(folder: Path, least: Mapping[str, int] | None = None) -> str:
    """A warning, or nothing. Raises `BackendError` where not even the images would fit."""
    import psutil

    bounds = {"least": LEAST_DISK, "good": GOOD_DISK, **(least or {})}
    there = next(path for path in (folder, *folder.parents) if path.exists())
    free = psutil.disk_usage(str(there)).free
    if free >= bounds["good"]:
        return ""
    if free >= bounds["least"]:
        return f"{fmt.size(free)} of disk are free; images and some days of records want more."
    raise BackendError(
        f"The disk is nearly full: {fmt.size(free)} are free.",
        hint="Free some (`docker system df` shows the engine's share); `--force` starts all the same.",
    )
