"""What is told to end tidies up and then ends as it was told."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

CODE = """
import os, signal, sys
from jollyscope_cli.ending import ending_in_order
with ending_in_order():
    try:
        os.kill(os.getpid(), int(sys.argv[1]))
        signal.pause()
    finally:
        print("tidied up", flush=True)
print("went on", flush=True)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=["term", "hup"])
def test_it_unwinds_and_ends_by_the_signal(number: signal.Signals):
    done = subprocess.run(
        [sys.executable, "-c", CODE, str(int(number))],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.stdout, done.returncode) == ("tidied up\n", -number)


def test_what_was_handled_before_is_handled_after():
    from jollyscope_cli.ending import ending_in_order

    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)]
    with ending_in_order():
        pass
    assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)] == before


WAITS = """
import faulthandler, random, signal
from jollyscope_cli.ending import Told
faulthandler.dump_traceback_later(60, exit=True)
for _ in range(20_000):
    told = Told()
    signal.signal(signal.SIGALRM, lambda *_: told.tell())
    signal.setitimer(signal.ITIMER_REAL, random.uniform(1e-6, 6e-5))
    while not told.wait(0.00002):
        pass
    told.close()
"""


def test_a_signal_at_any_moment_of_the_wait_ends_it():
    done = subprocess.run(
        [sys.executable, "-c", WAITS], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
