"""What a person who typed a filter, or a trace's id, wants to have looked at."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from jollyscope.analysis.finding import Request
from jollyscope.errors import UsageError
from jollyscope.query.filter import parse
from jollyscope.query.loading import resolve_trace
from jollyscope.query.scope import Scope, bounded
from jollyscope.store.api import Reader

__all__ = ["asked"]

_ID = re.compile(r"[0-9a-fA-F]{4,32}")


def asked(
    reader: Reader,
    text: str,
    within: Scope,
    *,
    everything: bool = False,
    against: str | None = None,
    slo: Iterable[str] = (),
) -> Request:
    """The request that `text` makes of a stretch of time: one word of hex digits with which a trace
    begins is that trace, all else a filter, which no default bounds in time where `everything` is set.
    `against` is the filter of the runs to compare with, `slo` what is promised.

    Raises `FilterError`, `AmbiguousError`, `UsageError`.
    """
    if _ID.fullmatch(text) and reader.find_traces(text.lower(), 1):
        if against is not None or tuple(slo):
            raise UsageError(
                "--against and --slo are about many runs, and this is one.",
                hint="`jollyscope diff TRACE TRACE` compares two.",
            )
        return Request(scope=Scope(now=within.now), trace_id=resolve_trace(reader, text))

    def scope(words: str) -> Scope:
        wanted = msgspec.structs.replace(within, filter=parse(words))
        return wanted if everything else bounded(reader, wanted)

    other = None if against is None else scope(against)
    return Request(scope=scope(text), against=other, slo=tuple(slo))
