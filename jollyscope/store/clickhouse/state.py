"""Notes, labels and saved views in tables of the same database: see `store.state.State`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any

import msgspec

from jollyscope.store.clickhouse.connection import Client
from jollyscope.store.state import Annotation, SavedView

__all__ = ["ClickHouseState"]

_FIELDS = Annotation.__struct_fields__


class ClickHouseState:
    """What is changed or dropped is written again with a later version; the table keeps the latest."""

    def __init__(self, client: Callable[[], AbstractContextManager[Client]]) -> None:
        self._client = client

    def annotations(self, trace_ids: Sequence[str]) -> list[Annotation]:
        """Labels and notes on these traces and their spans, oldest first."""
        return self._read("WHERE trace_id IN {ids:Array(String)}", {"ids": list(trace_ids)})

    def all_annotations(self) -> list[Annotation]:
        """Labels and notes on everything, oldest first."""
        return self._read("", {})

    def known_labels(self) -> list[str]:
        """Every label in use, the most used first."""
        return [row[0] for row in self._rows(
            "SELECT text FROM annotations FINAL WHERE kind = 'label' GROUP BY text "
            "ORDER BY count() DESC, text", {},
        )]  # fmt: skip

    def annotate(self, annotations: Sequence[Annotation]) -> None:
        """Add these, all or none; one whose id is there already takes its place."""
        self._insert(
            "annotations",
            _FIELDS,
            [[getattr(one, name) for name in _FIELDS] for one in annotations],
        )

    def drop(self, ids: Iterable[str]) -> int:
        """Take annotations away, all or none; how many there were."""
        held = self._rows(
            "SELECT id FROM annotations FINAL WHERE id IN {ids:Array(String)}", {"ids": list(ids)}
        )
        self._insert("annotations", ("id", "dropped"), [[row[0], 1] for row in held])
        return len(held)

    def views(self) -> list[SavedView]:
        """Saved views, by name."""
        rows = self._rows("SELECT view FROM saved_views FINAL ORDER BY name", {})
        return [msgspec.json.decode(row[0], type=SavedView) for row in rows]

    def save_view(self, view: SavedView) -> None:
        """Save a view; one of that name is replaced."""
        text = msgspec.json.encode(view).decode()
        self._insert("saved_views", ("name", "view"), [[view.name, text]])

    def drop_view(self, name: str) -> bool:
        """Forget a view; whether there was one."""
        held = self._rows(
            "SELECT name FROM saved_views FINAL WHERE name = {name:String}", {"name": name}
        )
        self._insert("saved_views", ("name", "dropped"), [[name, 1] for _ in held])
        return bool(held)

    def _read(self, where: str, bound: dict[str, Any]) -> list[Annotation]:
        columns = ", ".join(_FIELDS)
        rows = self._rows(
            f"SELECT {columns} FROM annotations FINAL {where} ORDER BY time, id", bound
        )
        return [Annotation(**dict(zip(_FIELDS, row, strict=True))) for row in rows]

    def _rows(self, sql: str, bound: dict[str, Any]) -> Sequence[Sequence[Any]]:
        with self._client() as client:
            return client.query(sql, parameters=bound).result_rows

    def _insert(self, table: str, columns: Sequence[str], rows: list[list[Any]]) -> None:
        types = {"time": "Int64", "dropped": "UInt8", "span_id": "Nullable(String)"}
        types["kind"] = "LowCardinality(String)"
        if not rows:
            return
        with self._client() as client:
            client.insert(
                table,
                rows,
                column_names=list(columns),
                column_type_names=[types.get(name, "String") for name in columns],
            )
