"""Real file systems that are full or read-only; skipped where nothing can be mounted."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.library.sdk.conftest import Run, Spool


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 256 kB."""
    folder = tmp_path / "home"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"cannot mount: {error}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True, capture_output=True)


def test_a_full_disk(run: Run, home: Spool, small_disk: Path) -> None:
    done = run(
        """
import jollyscope, os, time
home = os.environ["JOLLYSCOPE_HOME"]
filler = open(home + "/filler", "wb", buffering=0)
filler.write(b"x" * 200_000)
jollyscope.init(flush_ms=20)
for n in range(300):
    with jollyscope.act("tool", input=f"{n} " + "x" * 1000): pass
    if n % 20 == 0: time.sleep(0.03)
assert not jollyscope.flush()
status = jollyscope.status()
assert status.written and status.waiting and not status.dropped, status
filler.truncate(0); os.remove(home + "/filler"); filler.close()
print(jollyscope.flush(), jollyscope.status())
"""
    )
    assert done.stderr.count("No space left on device") == 1
    assert done.stderr.count("\n") == 1
    closed = [r.input.split()[0] for r in home.lines() if r.state == "closed"]
    # 300 spans of 1.4 kB do not fit either: what is there is whole, in order, and each once.
    assert 50 < len(closed) < 300
    assert closed == [str(n) for n in range(len(closed))]


def test_a_read_only_disk(run: Run, home: Spool, small_disk: Path) -> None:
    remount = ["mount", "-o", "remount,ro", str(small_disk)]
    subprocess.run(remount, check=True, capture_output=True)
    done = run(
        """
import jollyscope, time
jollyscope.init(flush_ms=10)
for n in range(30):
    with jollyscope.act("tool"): time.sleep(0.005)
print(jollyscope.status().waiting)
"""
    )
    assert done.stdout == "30\n"
    assert done.stderr.count("Read-only file system") == 1
    assert "Traceback" not in done.stderr
    assert not home.lines()
