"""The process that loads beside the receiver."""

from __future__ import annotations

import time
from pathlib import Path

from jollyscope.backend.loading import BackgroundLoader


def test_one_that_dies_is_replaced_until_it_is_closed(tmp_path: Path):
    with BackgroundLoader(tmp_path, again_s=0.01) as loader:
        first = loader.process
        first.kill()
        deadline = time.monotonic() + 60
        while loader.process is first:
            assert time.monotonic() < deadline, "nobody takes its place"
            time.sleep(0.005)
        second = loader.process
        assert second.poll() is None
    assert second.poll() is not None
    assert loader.process is second
