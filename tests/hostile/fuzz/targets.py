"""All parsers, by name."""

from __future__ import annotations

from tests.hostile.fuzz import files, texts, wire

__all__ = ["TARGETS"]

TARGETS = {target.name: target for target in (*wire.TARGETS, *texts.TARGETS, *files.TARGETS)}
