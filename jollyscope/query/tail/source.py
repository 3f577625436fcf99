"""Which stream of records to follow: that of the backend, or the spool of this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from jollyscope import config
from jollyscope.config import Config, KafkaConfig
from jollyscope.errors import UsageError
from jollyscope.store.backend_state import kafka_of, read_state
from jollyscope.transport.following import (
    KINDS,
    Follower,
    Kinds,
    Start,
    follow_kafka,
    follow_spool,
)  # fmt: skip

__all__ = ["Source", "kafka_here", "open_follower"]

Source = Literal["spool", "kafka"]


def open_follower(
    home: Path,
    settings: Config,
    *,
    start: Start,
    source: Source | None = None,
    kinds: Kinds = KINDS,
    group: str | None = None,
    partition: int | None = None,
) -> Follower:
    """Follow `source`; without one, Kafka where the backend of this data directory runs or where
    `kafka.brokers` is set, else the spool. `Follower.standing` says which it is.

    Raises `UsageError` for what the source cannot do, `StoreError` where the backend's state cannot
    be read.
    """
    kafka = settings.kafka if source == "kafka" else None
    if source != "spool":
        kafka = kafka_here(home, settings) or kafka
    if kafka is not None:
        return follow_kafka(kafka, start=start, group=group, partition=partition, kinds=kinds)
    if partition is not None or group is not None:
        what = "partitions" if partition is not None else "groups"
        raise UsageError(
            f"The spool has no {what}.",
            hint="They are Kafka's: set kafka.brokers, or --source kafka.",
        )
    return follow_spool(home, start=start, kinds=kinds)


def kafka_here(home: Path, settings: Config) -> KafkaConfig | None:
    """The broker to follow: of `kafka.brokers` where somebody set it, else of the running backend."""
    named = {one.key: one.source for one in config.settings()}["kafka.brokers"]
    if named != "default":
        return settings.kafka
    state = read_state(home)
    if state is None or not state.running:
        return None
    return kafka_of(settings.kafka, state)
