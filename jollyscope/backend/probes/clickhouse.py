"""ClickHouse: does it answer, is its schema ours, how old is its newest row?"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from jollyscope.backend.probes.probe import Health
from jollyscope.config import ClickHouseConfig
from jollyscope.model import format as fmt
from jollyscope.store.clickhouse.store import ClickHouseStore
from jollyscope.store.clickhouse.url import Address

__all__ = ["probe_clickhouse"]

_NEWEST = """
SELECT
    (SELECT maxOrNull(received) FROM ods_spans WHERE received > now() - INTERVAL 1 DAY),
    (SELECT count() FROM dwd_dead_letters),
    version()
"""


def probe_clickhouse(
    address: Address, *, timeout: int = 5, now: Callable[[], float] = time.time
) -> Health:
    """Ask the database at `address`. Raises `StoreError` where it does not answer.

    That nothing came lately is no fault: it may be that nothing was sent. Kafka's lag tells the two
    apart.
    """
    store = ClickHouseStore(address, ClickHouseConfig(timeout_s=timeout))
    with store.reader() as reader:
        newest, refused, version = reader.query(_NEWEST).rows[0]
    age = None if newest is None else max(0.0, (now() - newest.timestamp()) * 1e3)
    came = f"newest row {fmt.duration(age)} old" if age is not None else "no row in the last day"
    facts: dict[str, Any] = {"version": version, "newest_row_age_ms": age, "refused": refused}
    return Health(
        name="clickhouse", state="ok", facts=facts, sentence=f"ClickHouse {version}, {came}."
    )
