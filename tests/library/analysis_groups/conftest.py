"""Two weeks of runs in a lake, and three days of them in every store."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from jollyscope.model.wire import encode_lines
from jollyscope.store.api import Reader
from jollyscope.store.lake.store import LakeStore
from jollyscope.transport.spool import SpoolWriter, spool_dir
from tests.library.analysis_groups.made import planted


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    home = tmp_path_factory.mktemp("home")
    writer = SpoolWriter(spool_dir(home))
    writer.write("span", encode_lines(planted()))
    writer.close()
    with LakeStore(home).reader() as opened:
        yield opened
