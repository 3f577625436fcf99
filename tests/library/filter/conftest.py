"""One of each engine for all tests here."""

from __future__ import annotations

import pytest

from tests.library.filter.engines import Click, Duck


@pytest.fixture(scope="session")
def duck() -> Duck:
    return Duck()


@pytest.fixture(scope="session")
def click() -> Click:
    return Click()
