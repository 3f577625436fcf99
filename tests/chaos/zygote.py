"""Children by the hundred: forked from one process that has everything loaded.

A start of Python with DuckDB takes 0.4 s of a core, a fork a hundredth of that. The parent of all has no
thread and no engine of its own, so nothing is shared but code.

    python -m tests.chaos.zygote        reads orders, a line of JSON each; answers each with a line
"""

from __future__ import annotations

import ctypes
import json
import os
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any, Self

__all__ = ["Child", "Zygote"]

_LOADED = (
    "duckdb", "sqlite3", "jollyscope.sdk.setup", "jollyscope.sdk.api", "jollyscope.sdk.steps",
    "jollyscope.sdk.recorder", "jollyscope.semconv.meaning", "jollyscope.store.lake.store",
    "jollyscope.transport.following", "jollyscope.export.job", "jollyscope.query.listing",
    "jollyscope_cli.failures", "jollyscope_cli.app", "tests.chaos.roles",
)  # fmt: skip
PATIENCE_S = 120.0
"""However slow the machine: who has not ended by then never will."""


class Child:
    """A process that plays a role. What it says goes to `<name>.out` and `<name>.err`."""

    def __init__(self, zygote: Zygote, pid: int, out: Path, err: Path) -> None:
        self.pid = pid
        self._zygote, self._out, self._err = zygote, out, err
        self._pidfd = os.pidfd_open(pid)
        self._code: int | None = None

    @property
    def out(self) -> str:
        """What it wrote to stdout so far."""
        return self._out.read_text(encoding="utf-8", errors="replace")

    @property
    def err(self) -> str:
        """What it wrote to stderr so far."""
        return self._err.read_text(encoding="utf-8", errors="replace")

    def lives(self) -> bool:
        """Whether it still runs, or stands still."""
        return self._code is None and not select.select([self._pidfd], [], [], 0)[0]

    def signal(self, number: int) -> None:
        """Send a signal; nothing where it has ended."""
        if self._code is None:  # its id is its own until it has been waited for
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> int:
        """`kill -9`; its exit code (-9, or what it ended with before)."""
        self.signal(signal.SIGKILL)
        return self.wait()

    def wait(self, timeout: float = PATIENCE_S) -> int:
        """Its exit code, negative for a signal."""
        if self._code is None:
            if not select.select([self._pidfd], [], [], timeout)[0]:
                self.kill()
                raise AssertionError(f"it does not end: {self.out}{self.err}")
            self._code = int(self._zygote.ask({"wait": self.pid}))
            os.close(self._pidfd)
        return self._code


class Zygote:
    """Starts children. Whoever uses it may have threads, and uses it from one of them."""

    def __init__(self) -> None:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("OTEL_", "JOLLYSCOPE_"))}
        root = str(Path(__file__).parents[2])
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.zygote"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root,
            env={**kept, "PYTHONPATH": root, "COLUMNS": "120"},
            start_new_session=True,  # Ctrl-C is for the harness, which then ends its children
        )  # fmt: skip
        self._children: list[Child] = []

    def start(
        self, role: str, folder: Path, name: str, fault: list[Any] | None = None, **given: Any
    ) -> Child:
        """A child in `folder`; `fault` is what `failing.install` takes, but for the folder."""
        out, err = folder / f"{name}.out", folder / f"{name}.err"
        out.touch()
        err.touch()
        order = {
            "role": role, "folder": str(folder), "out": str(out), "err": str(err), "fault": fault,
            "given": {k: str(v) if isinstance(v, Path) else v for k, v in given.items()},
        }  # fmt: skip
        child = Child(self, int(self.ask({"start": order})), out, err)
        self._children.append(child)
        return child

    def ask(self, order: dict[str, Any]) -> str:
        """The answer to an order."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "the zygote has ended"
        return answer

    def sweep(self) -> None:
        """End whoever is left of a round."""
        for child in self._children:
            child.kill()
        self._children.clear()

    def close(self) -> None:
        """End them all."""
        if self._process.poll() is None:
            self.sweep()
            self._process.communicate(timeout=30)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None,
        _tb: TracebackType | None,
    ) -> None:  # fmt: skip
        self.close()


def until(holds: Any, otherwise: str, seconds: float = PATIENCE_S, pause: float = 0.002) -> None:
    """Wait until `holds()`; AssertionError with `otherwise` where it never does."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, otherwise
        time.sleep(pause)


def _serve() -> None:
    for name in _LOADED:
        import_module(name)
    for line in sys.stdin:
        order = json.loads(line)
        if "wait" in order:
            _, status = os.waitpid(order["wait"], 0)
            print(os.waitstatus_to_exitcode(status), flush=True)
            continue
        pid = os.fork()
        if not pid:
            _become(order["start"])
        print(pid, flush=True)


_PR_SET_PDEATHSIG = 1


def _become(order: dict[str, Any]) -> None:
    """In the child: play the role and end, no later than the zygote."""
    code = 1
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    try:
        for number, path in ((1, order["out"]), (2, order["err"])):
            fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            os.dup2(fd, number)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        for stream in (sys.stdout, sys.stderr):
            stream.reconfigure(encoding="utf-8", line_buffering=True)
        from tests.chaos import roles

        code = roles.play(order["role"], Path(order["folder"]), order["fault"], order["given"])
    except BaseException:  # noqa: BLE001 - the harness reads it
        import traceback

        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    _serve()
