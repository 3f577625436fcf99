"""Alerts as a list: those that go on minute after minute are one row."""

from __future__ import annotations

from typing import Any, cast

import msgspec

from jollyscope.query.filter import term
from jollyscope.store.api import Reader

__all__ = ["AlertRow", "alert_filter", "recent_alerts"]

_MINUTE_NS = 60 * 10**9
_APART_NS = 3 * _MINUTE_NS
"""Further apart, the same alert has come again."""
_MOST = 500
"""How many records are looked at, the newest."""


class AlertRow(msgspec.Struct, frozen=True, kw_only=True):
    """What is out of the ordinary, where, since when (Unix ns). `body` is the newest record's, `count` how
    many minutes, or calls of a loop, told of it. `last_id` is the newest record's id.
    """

    name: str
    body: str
    first_time: int
    last_time: int
    count: int
    last_id: str
    service: str | None = None
    trace_id: str | None = None
    step_type: str | None = None
    tool_name: str | None = None
    model: str | None = None

    @property
    def subject(self) -> tuple[str | int | None, ...]:
        """What tells it from others, however long it goes on."""
        return (*self.about, self.first_time)

    @property
    def about(self) -> tuple[str | None, ...]:
        """What it is about, whenever that was."""
        group = (self.service, self.step_type, self.tool_name, self.model)
        return (self.name, self.trace_id, *group)

    @property
    def until(self) -> int:
        """The end of the newest minute, Unix ns."""
        return self.last_time + _MINUTE_NS


def recent_alerts(
    reader: Reader, *, since: int | None = None, until: int | None = None, limit: int = 20
) -> list[AlertRow]:
    """Alerts of `[since, until)` (Unix ns), the newest first. Raises `StoreError`."""
    bounds = [("time >= ?", since), ("time < ?", until)]
    held = [(sql, value) for sql, value in bounds if value is not None]
    table = reader.query(
        "SELECT record_id, name, body, time, service, trace_id, attributes FROM dwd_events "
        f"WHERE {' AND '.join(['type = ?', *(sql for sql, _ in held)])} "
        f"ORDER BY time DESC, record_id LIMIT {_MOST}",
        ["alert", *(value for _, value in held)],
    )
    rows: dict[tuple[str | None, ...], AlertRow] = {}
    told: list[AlertRow] = []
    for found in map(_row, table.dicts()):
        newer = rows.get(found.about)
        if newer is not None and newer.first_time - found.first_time <= _APART_NS:
            found = msgspec.structs.replace(
                newer, first_time=found.first_time, count=newer.count + 1
            )
        elif newer is not None:
            told.append(newer)
        rows[found.about] = found
    told += rows.values()
    return sorted(told, key=lambda row: (-row.last_time, row.last_id))[:limit]


def alert_filter(alert: AlertRow) -> str:
    """The filter that leaves the traces with spans of what an alert is about."""
    about = {
        "service": alert.service,
        "step": alert.step_type,
        "tool": alert.tool_name,
        "model": alert.model,
    }
    text = " ".join(term(field, value) for field, value in about.items() if value)
    return f"{text} status:error".strip() if alert.name == "errors" else text


def _row(values: dict[str, Any]) -> AlertRow:
    about = _decoded(values["attributes"])
    group = cast("dict[str, Any]", about) if isinstance(about, dict) else {}
    body = _decoded(values["body"])
    texts = {key: group.get(key) for key in ("step_type", "tool_name", "model")}
    return AlertRow(
        name=values["name"] or "alert",
        body=body if isinstance(body, str) else values["body"] or "",
        first_time=values["time"],
        last_time=values["time"],
        count=1,
        last_id=values["record_id"],
        service=values["service"],
        trace_id=values["trace_id"],
        **{key: text for key, text in texts.items() if isinstance(text, str)},
    )


def _decoded(text: str | None) -> Any:
    try:
        return msgspec.json.decode(text or "null")
    except msgspec.DecodeError:
        return text
