"""Records as they are written: followers of the spool and of Kafka, behind one protocol."""

from __future__ import annotations

from jollyscope.transport.following.api import KINDS, Follower, Heard, Kinds, Standing, Start
from jollyscope.transport.following.kafka import follow_kafka
from jollyscope.transport.following.spool import follow_spool

__all__ = [
    "KINDS",
    "Follower",
    "Heard",
    "Kinds",
    "Standing",
    "Start",
    "follow_kafka",
    "follow_spool",
]
