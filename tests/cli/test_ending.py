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
