"""One of each engine for all tests here: an in-process ClickHouse has one folder a process."""

from __future__ import annotations

import pytest

from tests.library.filter.engines import Click, Duck


@pytest.fixture(scope="session")
def duck() -> Duck:
    return Duck()


@pytest.fixture(scope="session")
def click(tmp_path_factory: pytest.TempPathFactory) -> Click:
    return Click(tmp_path_factory.mktemp("clickhouse"))
