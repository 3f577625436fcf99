"""What `tail` is made of: records as they come, filtered, until there is a reason to end."""

from __future__ import annotations

from jollyscope.query.tail.goal import EXIT_CODES, Ending, Goal
from jollyscope.query.tail.item import Item, Row
from jollyscope.query.tail.pump import Pump
from jollyscope.query.tail.running import Running
from jollyscope.query.tail.sieve import Sieve
from jollyscope.query.tail.source import Source, kafka_here, open_follower
from jollyscope.query.tail.stream import Batch, Tail
from jollyscope.query.tail.template import LETTERS, Template

__all__ = [
    "EXIT_CODES",
    "LETTERS",
    "Batch",
    "Ending",
    "Goal",
    "Item",
    "Pump",
    "Row",
    "Running",
    "Sieve",
    "Source",
    "Tail",
    "Template",
    "kafka_here",
    "open_follower",
]
