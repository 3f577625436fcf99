"""The one cost that does not depend on how busy the machine is gates; the others inform."""

from __future__ import annotations

import pytest

from tests.bench import agent_cost


@pytest.mark.slow
def test_memory_added_to_the_agents_process() -> None:
    row = agent_cost.memory(3)
    assert row["met"], row
