"""Attribute conventions to records' meaning: the one implementation, used where records are made."""
