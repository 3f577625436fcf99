"""What is being recorded into a store, as it comes."""

from __future__ import annotations

from pathlib import Path

from jollyscope.config import Config
from jollyscope.store.api import Store
from jollyscope.store.backend_state import kafka_of, read_state
from jollyscope.store.lake.store import LakeStore
from jollyscope.transport.following.api import KINDS, Follower, Kinds, Start

__all__ = ["follow_store"]


def follow_store(
    store: Store, home: Path, settings: Config, *, start: Start, kinds: Kinds = KINDS
) -> Follower:
    """A follower of what leads into `store`: Kafka where a backend runs from the data directory `home`,
    or where the store is a ClickHouse server; else the spool beside the lake. A broker that is away is
    told by the follower's standing. Raises `UsageError` for settings that Kafka's client refuses.
    """
    from jollyscope.transport.following.kafka import follow_kafka
    from jollyscope.transport.following.spool import follow_spool

    place = store.home if isinstance(store, LakeStore) else None
    state = read_state(home) if place in (None, home) else None
    if state is not None and state.running:
        return follow_kafka(kafka_of(settings.kafka, state), start=start, kinds=kinds)
    if place is not None:
        return follow_spool(place, start=start, kinds=kinds)
    return follow_kafka(settings.kafka, start=start, kinds=kinds)
