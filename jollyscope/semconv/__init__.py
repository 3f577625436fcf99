"""Attribute conventions to records' meaning: the one implementation, used where records are made."""

from jollyscope.semconv.failure import explain
from jollyscope.semconv.meaning import give_meaning, interpret
from jollyscope.semconv.values import MAX_NESTING, wire_attributes, wire_value

__all__ = [
    "MAX_NESTING",
    "explain",
    "give_meaning",
    "interpret",
    "wire_attributes",
    "wire_value",
]
