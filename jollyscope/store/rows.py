"""Rows of `dwd_spans` as records, whichever store they come from."""

from __future__ import annotations

from typing import Any

import msgspec

from jollyscope.model.records import SpanEvent, SpanLink, SpanRecord
from jollyscope.store.api import Table

__all__ = ["records"]

_events = msgspec.json.Decoder(list[SpanEvent])
_links = msgspec.json.Decoder(list[SpanLink])


def records(table: Table) -> list[SpanRecord]:
    """Rows of `dwd_spans` as records. `resource` and `scope` are the same in nearly every row, and
    decoded once each: records that come from here share them.
    """
    if not table.rows:
        return []
    at = {name: i for i, name in enumerate(table.columns)}
    attributes, resource, scope = at["attributes"], at["resource"], at["scope"]
    events, links = at["events"], at["links"]
    known: dict[str, Any] = {}

    def once(text: str) -> Any:
        if text not in known:
            known[text] = msgspec.json.decode(text)
        return known[text]

    found: list[SpanRecord] = []
    for row in table.rows:
        values: list[Any] = list(row)
        values[attributes] = msgspec.json.decode(row[attributes])
        values[resource], values[scope] = once(row[resource]), once(row[scope])
        values[events] = [] if row[events] == "[]" else _events.decode(row[events])
        values[links] = [] if row[links] == "[]" else _links.decode(row[links])
        found.append(SpanRecord(**dict(zip(table.columns, values, strict=True))))
    return found
