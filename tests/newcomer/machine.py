"""A machine that has Debian, what the README says it takes, and nothing else of ours.

`mmdebstrap` makes it below a folder. Programs run there in namespaces of their own: no network but
loopback once all is installed, no processes left behind, nothing of this machine to be seen.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.newcomer.pages import ROOT, text
from tests.terminal import Terminal

__all__ = ["CHECKOUT", "Machine", "missing"]

SUITE = "bookworm"  # its Python is 3.11, the oldest that will do
BESIDE = ("jq", "less")  # pipes in the docs lead to them
CHECKOUT = "/root/jollyscope"
_CERTIFICATES = ("PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")

_ENTER = """
root=$1; shift
busybox ip link set lo up 2>/dev/null
mount -t proc proc "$root/proc"
exec chroot "$root" "$@"
"""
_TYPED = """
[ ! -e ~/.left ] || . ~/.left
{ command; }
code=$?
{ export -p; printf 'cd %q\\n' "$PWD"; } > ~/.left
exit $code
"""


def missing() -> str:
    """What is lacking for such a machine here, empty where all is there."""
    if os.geteuid():
        return "only root may make a machine of its own"
    lacking = [tool for tool in ("mmdebstrap", "unshare", "busybox") if not shutil.which(tool)]
    return f"a machine of its own needs {' and '.join(lacking)}" if lacking else ""


class Machine:
    """The machine below `root`; a person there has a home of their own for each page."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def make(self) -> None:
        """Debian, the packages that the README names, and a checkout."""
        said = re.search(r"`apt install ([^`]+)`", text("README.md"))
        assert said, "the README does not say what it takes"
        packages = ",".join([*said[1].split(), *BESIDE])
        done = subprocess.run(
            ["mmdebstrap", "--quiet", "--mode=root", "--variant=minbase", f"--include={packages}",
             SUITE, str(self.root)],
            capture_output=True, text=True, timeout=600, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        for variable in _CERTIFICATES:
            self._take(os.environ.get(variable, ""))
        self._check_out()

    def _take(self, file: str) -> None:
        """A file of this machine, at the same place there."""
        if os.path.isabs(file) and Path(file).is_file():
            there = self.inside(file)
            there.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, there)

    def _check_out(self) -> None:
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True
        )
        for name in filter(None, listed.stdout.decode().split("\0")):
            if (ROOT / name).is_file():
                there = self.inside(f"{CHECKOUT}/{name}")
                there.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, there)

    def inside(self, path: str) -> Path:
        """Where a path of that machine lies on this one."""
        return self.root / path.lstrip("/")

    @contextmanager
    def typed(
        self, command: str, home: str, *, online: bool = False, **more: str
    ) -> Iterator[Terminal]:
        """A command typed into a terminal there; variables and folder are those that were left."""
        script = self.inside(f"{home}/.typed")
        script.write_text(_TYPED.replace("command;", f"\n{command}\n"), encoding="utf-8")
        spaces = ["--pid", "--fork", "--kill-child", "--mount", *([] if online else ["--net"])]
        enter = ["unshare", *spaces, "sh", "-c", _ENTER, "sh", str(self.root)]
        with Terminal(
            [*enter, "bash", f"{home}/.typed"], self._environ(home, online, more)
        ) as made:
            yield made

    def _environ(self, home: str, online: bool, more: Mapping[str, str]) -> dict[str, str]:
        pip = {name: value for name, value in os.environ.items() if _leads_out(name)}
        usual = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
        usual |= {"HOME": home, "TERM": "xterm-256color", "LANG": "C.UTF-8", "USER": "root"}
        return {**usual, **(pip if online else {}), **more}


def _leads_out(variable: str) -> bool:
    """Whether it says how this machine reaches package indexes."""
    return variable.startswith("PIP_") or variable in (*_CERTIFICATES, "HTTPS_PROXY", "https_proxy")


@contextmanager
def alone(lock: Path) -> Iterator[None]:
    """One process at a time; test workers share the machine."""
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
