"""Checks of this machine and installation, each with what to do about it."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

import msgspec

from jollyscope.backend.surroundings import Check, Terminal, environment, terminal
from jollyscope.backend.versions import versions
from jollyscope.config import load, settings
from jollyscope.errors import JollyScopeError
from jollyscope.model import format as fmt
from jollyscope.paths import config_file, data_dir
from jollyscope.redact import redact, redact_setting
from jollyscope.store.api import open_store
from jollyscope.transport.spool import segments, spool_dir, writer_alive

__all__ = ["Check", "Report", "Terminal", "diagnose"]

ENOUGH, TOO_LITTLE = 1_000_000_000, 50_000_000
"""Bytes free on the data directory's disk: below the first a warning, below the second a failure."""


class Report(msgspec.Struct, frozen=True):
    """All checks, and the worst of their states."""

    state: Literal["ok", "warn", "fail"]
    checks: list[Check]


def diagnose(
    store_url: str | None, shown: Terminal, environ: Mapping[str, str] | None = None
) -> Report:
    """Run every check. Nothing is changed, and no secret is in the answer."""
    around = os.environ if environ is None else environ
    home = data_dir()
    checks = [
        *_python(),
        *_packages(),
        *_settings(),
        *_data_dir(home),
        *_spool(home),
        *_store(store_url),
        *terminal(shown, around),
        *environment(around),
    ]
    states = {check.state for check in checks}
    worst = "fail" if "fail" in states else "warn" if "warn" in states else "ok"
    return Report(worst, checks)


def _python() -> Iterator[Check]:
    yield Check("python", "ok", versions().python)


def _packages() -> Iterator[Check]:
    found = versions()
    named = ", ".join(f"{name} {number}" for name, number in found.dependencies.items() if number)
    missing = [name for name, number in found.dependencies.items() if number is None]
    if missing:
        yield Check(
            "packages",
            "fail",
            f"not installed: {', '.join(missing)}",
            f"{sys.executable} -m pip install --upgrade jollyscope",
        )
    else:
        yield Check("packages", "ok", f"jollyscope {found.jollyscope}, {named}")


def _settings() -> Iterator[Check]:
    path = config_file()
    try:
        load()
    except JollyScopeError as error:
        yield Check("settings", "fail", error.message, error.hint or "Correct it there.")
    else:
        yield Check("settings", "ok", str(path) if path.exists() else f"defaults (no {path})")
        yield from _open_secrets(path)


def _open_secrets(path: Path) -> Iterator[Check]:
    held = [each for each in settings() if each.source == str(path)]
    secret = [each.key for each in held if redact_setting(each.key, each.value) != each.value]
    if secret and os.name == "posix" and path.stat().st_mode & 0o077:
        detail = f"other users may read {path}, which has {', '.join(secret)}"
        yield Check("secrets", "warn", detail, f"chmod 600 {path}")


def _data_dir(home: Path) -> Iterator[Check]:
    there = next(p for p in (home, *home.parents) if p.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        fix = "Make it writable, or point JOLLYSCOPE_HOME elsewhere."
        yield Check("data directory", "fail", f"{there} cannot be written to", fix)
        return
    made = "" if there == home else ", will be made with the first record"
    yield Check("data directory", "ok", f"{home}{made}")
    free = shutil.disk_usage(there).free
    if free < ENOUGH:
        state = "fail" if free < TOO_LITTLE else "warn"
        fix = "Free some, or run `jollyscope store prune --older-than 30d`."
        yield Check("disk space", state, f"{fmt.size(free)} free", fix)
    else:
        yield Check("disk space", "ok", f"{fmt.size(free)} free")
    yield from _network_disk(there)


def _network_disk(there: Path) -> Iterator[Check]:
    import psutil

    mounts = {Path(part.mountpoint): part.fstype for part in psutil.disk_partitions(all=True)}
    real = there.resolve()
    kind = next((mounts[p] for p in (real, *real.parents) if p in mounts), "")
    if kind.startswith(("nfs", "cifs", "smb", "afs", "fuse.sshfs")):
        yield Check(
            "disk kind",
            "warn",
            f"the data directory is on {kind}, where locks between machines are not dependable",
            "Point JOLLYSCOPE_HOME at a local disk.",
        )


def _spool(home: Path) -> Iterator[Check]:
    root = spool_dir(home)
    found = list(segments(root))
    writers = {segment.writer for segment in found}
    alive = sum(writer_alive(root / writer) for writer in writers)
    octets = sum(segment.size for segment in found)
    yield Check(
        "spool",
        "ok",
        f"{alive} recording now, {len(found)} segments, {fmt.size(octets)} on disk",
    )


def _store(url: str | None) -> Iterator[Check]:
    began = time.monotonic()
    try:
        store = open_store(url)
        try:
            info = store.info()
        finally:
            store.close()
    except JollyScopeError as error:
        fix = error.hint or "`jollyscope --debug doctor` shows the details."
        yield Check("store", "fail", redact(error.message), fix)
        return
    took = fmt.duration((time.monotonic() - began) * 1000)
    yield Check(
        "store",
        "ok",
        f"{redact(info.url)}: {fmt.count(info.spans)} spans in {fmt.count(info.traces)} traces, "
        f"{fmt.size(info.bytes)}, {fmt.size(info.waiting_bytes)} waiting, opened in {took}",
    )
    for problem in info.problems:
        fix = "Restore the file from a backup, or let its records go: the rest is read."
        yield Check("store", "warn", problem, fix)
