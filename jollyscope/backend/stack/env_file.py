"""The settings of the stack: defaults in the Compose files, a 0600 file over them, the environment
over both. Passwords are made at the first `up` and kept in the file.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path

from jollyscope.backend.stack.trouble import BackendError
from jollyscope.paths import make_private

__all__ = ["SECRETS", "TOKEN", "effective", "make", "reachable_from_outside", "read"]

SECRETS = ("JOLLYSCOPE_CLICKHOUSE_PASSWORD", "JOLLYSCOPE_GRAFANA_PASSWORD")
TOKEN = "JOLLYSCOPE_COLLECT_TOKEN"
_HEAD = """\
# Settings of the backend, read by `jollyscope up`: NAME=value a line, the rest of the line as it is.
# docs/backend.md lists what can be set. The environment goes over this file. Passwords are put in
# place with the first start of a volume; changing one here later does not change it there.
"""


def make(path: Path, environ: Mapping[str, str]) -> bool:
    """Put what is missing into the file, which nobody else can read; whether anything was."""
    held = read(path) if path.exists() else {}
    seen = {**held, **environ}
    wanted = [*SECRETS]
    if reachable_from_outside(seen.get("JOLLYSCOPE_BIND", "")):
        wanted.append(TOKEN)
    missing = {name: secrets.token_urlsafe(24) for name in wanted if not seen.get(name)}
    if not missing and path.exists():
        path.chmod(0o600)
        return False
    make_private(path.parent)
    before = path.read_text("utf-8") if path.exists() else _HEAD
    if before and not before.endswith("\n"):
        before += "\n"
    text = before + "".join(f"{name}={value}\n" for name, value in missing.items())
    beside = path.with_name(f"{path.name}.new")
    fd = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(fd, "w", encoding="utf-8") as file:
        file.write(text)
    beside.replace(path)
    return True


def read(path: Path) -> dict[str, str]:
    """What the file says. Raises `BackendError` for a line that says nothing."""
    found: dict[str, str] = {}
    try:
        lines = path.read_text("utf-8").splitlines()
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise BackendError(
            f"The settings of the backend, {path}, cannot be read: {error}."
        ) from None
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = re.fullmatch(r"\s*([A-Za-z_]\w*)=(.*)", line)
        if match is None:
            raise BackendError(
                f"Line {number} of {path} is no setting.", hint="Write NAME=value, or # before it."
            )
        found[match[1]] = match[2].strip()
    return found


def effective(path: Path, environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment that Compose is run in."""
    around = os.environ if environ is None else environ
    return {**read(path), **{name: value for name, value in around.items() if value}}


def reachable_from_outside(bind: str) -> bool:
    """Whether an address that ports are bound to is more than this machine's own."""
    if bind in ("", "localhost"):
        return False
    try:
        return not ip_address(bind.strip("[]")).is_loopback
    except ValueError:
        return True
