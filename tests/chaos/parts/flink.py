"""The whole pipeline: broker, Flink and ClickHouse are killed while records come, and nothing stands in
a view twice. A round takes some minutes.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from tests import kafka_broker
from tests.chaos.room import Room
from tests.e2e.flink import cluster
from tests.e2e.flink.cluster import AS_COMPOSE, Cluster
from tests.e2e.flink.faults import away, broker_dies, flink_dies
from tests.e2e.flink.pipeline import Pipeline
from tests.kafka_broker import Broker

__all__ = ["FAULTS", "lacking", "run"]

FAULTS = ("away", "broker", "flink")


def lacking() -> str:
    """Why there can be no such round here, empty where there can."""
    return cluster.missing()


def run(room: Room) -> None:
    """Every record that the broker took is in ClickHouse's views, once."""
    shared = Path(tempfile.gettempdir())
    broker = Broker(room.folder / "kafka", kafka_broker.classpath(shared))
    flink = Cluster(room.folder / "flink", cluster.classpath(shared, rocksdb=True), **AS_COMPOSE)
    prefix = f"chaos{room.seed()}"
    try:
        broker.start()
        flink.start()
        pipeline = Pipeline(broker, flink, prefix)
        flink.submit(broker.address, prefix)
        began = time.monotonic()
        {"away": away, "broker": broker_dies, "flink": flink_dies}[room.fault](pipeline)
        room.recovery_s = time.monotonic() - began
        room.stored = room.acknowledged = pipeline.closed()
        pipeline.close()
    finally:
        flink.kill()
        broker.stop()
