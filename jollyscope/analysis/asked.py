"""What a person who typed a filter, or a trace's id, wants to have looked at."""

from __future__ import annotations

import re

import msgspec

from jollyscope.analysis.finding import Request
from jollyscope.query.filter import parse
from jollyscope.query.loading import resolve_trace
from jollyscope.query.scope import Scope, bounded
from jollyscope.store.api import Reader

__all__ = ["asked"]

_ID = re.compile(r"[0-9a-fA-F]{4,32}")


def asked(reader: Reader, text: str, within: Scope, *, everything: bool = False) -> Request:
    """The request that `text` makes of a stretch of time: one word of hex digits with which a trace
    begins is that trace, all else a filter, which no default bounds in time where `everything` is set.

    Raises `FilterError`, `AmbiguousError`.
    """
    if _ID.fullmatch(text) and reader.find_traces(text.lower(), 1):
        return Request(scope=Scope(now=within.now), trace_id=resolve_trace(reader, text))
    wanted = msgspec.structs.replace(within, filter=parse(text))
    return Request(scope=wanted if everything else bounded(reader, wanted))
