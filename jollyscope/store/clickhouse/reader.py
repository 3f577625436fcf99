"""A view of the store on a server. See `store.api.Reader`.

Each question sees what is there when it begins: a server shows no past moment, so two questions may
differ by what came between them.
"""

from __future__ import annotations

import re
import shutil
import uuid
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Self

from jollyscope.errors import StoreError
from jollyscope.model.records import SpanRecord
from jollyscope.store.answer import Answer
from jollyscope.store.api import EngineName, Needle, Table
from jollyscope.store.clickhouse.binding import bind
from jollyscope.store.clickhouse.connection import connect, troubles
from jollyscope.store.clickhouse.guard import check, one_select
from jollyscope.store.clickhouse.narrowing import narrowed
from jollyscope.store.clickhouse.url import Address
from jollyscope.store.lake.engine import connect as engine
from jollyscope.store.lake.engine import literal
from jollyscope.store.rows import records
from jollyscope.store.windows import Stretch, windows

__all__ = ["TABLES", "ClickHouseReader"]

TABLES = frozenset({
    "dwd_spans", "dwd_open_spans", "dwd_metrics", "dwd_events", "dwd_dead_letters", "dws_minutes",
    "dws_spans", "ads_traces", "ads_sessions", "ads_tools", "ads_models", "ads_users", "ads_errors",
    "ads_pipeline", "ads_annotations",
})  # fmt: skip
"""What `docs/schema.md` documents."""

_SETTINGS: dict[str, Any] = {
    # As every other engine reads SQL: a name is a column before it is an alias, what an outer join
    # does not find is null, and a cast keeps a null.
    "prefer_column_name_to_alias": 1,
    "join_use_nulls": 1,
    "cast_keep_nullable": 1,
    "readonly": 2,
    # Doubles are alike in all columns, so that it makes no difference which of them is looked at.
    "optimize_move_to_prewhere_if_final": 1,
    # It finds nothing in ours, and takes 40 of the 240 ms that planning `ads_traces` does.
    "optimize_and_compare_chain": 0,
}
_MEMORY_MB = 1024
"""What may be used for shaping an answer; what takes more is sorted on the disk."""


class ClickHouseReader:
    """See `store.api.Reader`. One connection, opened with the first question."""

    dialect: EngineName = "clickhouse"

    def __init__(self, address: Address, timeout: int) -> None:
        self.notes: list[str] = []
        self._address = address
        self._client = connect(address, timeout=timeout)
        self._tag = f"jollyscope-{uuid.uuid4()}"
        self._shut = False

    def query(
        self,
        sql: str,
        parameters: Sequence[Any] = (),
        *,
        limit: int | None = None,
        since: int | None = None,
        until: int | None = None,
        needles: Sequence[Needle] = (),
    ) -> Table:
        """Run one read-only statement with `?` parameters: see `store.api.Reader`."""
        sql = check(self._lines, sql, TABLES) if self._shut else one_select(sql)
        if not self._shut:
            sql = narrowed(sql, since, until)
        text, bound = bind(sql, parameters)
        return self._run(text, bound, limit)

    @contextmanager
    def answer(self, sql: str, parameters: Sequence[Any] = ()) -> Generator[Answer]:
        """What a statement answers, in constant memory: see `store.api.Reader`.

        It passes through a file: what the server streams is gone once read.
        """
        text, bound = bind(one_select(sql), parameters)
        settings = _SETTINGS | {"log_comment": self._tag}
        with TemporaryDirectory(prefix="jollyscope-") as folder:
            file = Path(folder) / "answer.parquet"
            with troubles(self._address), file.open("wb") as out:
                stream = self._client.raw_stream(text, bound, settings, "Parquet")
                try:
                    shutil.copyfileobj(stream, out, 1 << 20)
                finally:
                    stream.close()
            with engine(_MEMORY_MB, Path(folder)) as con:
                yield Answer(con, f"SELECT * FROM read_parquet({literal(str(file))})", ())

    def windows(self) -> list[int]:
        """Moments that cut the store by time, newest first, from what the parts say of themselves."""
        # Of the parts' own minima: nothing of the table is read.
        found = self._run(
            "SELECT count(), min(start_time), max(start_time) FROM dwd_spans_data GROUP BY _part",
            {},
        )
        return windows([Stretch(*row) for row in found.rows])

    def restrict(self) -> None:
        """From now on read nothing but the store: see `store.api.Reader`."""
        self._shut = True

    def spans(self, trace_id: str) -> list[SpanRecord]:
        """Every span of a trace, one record a span id, by start time."""
        # The trace's own times first: the table is ordered by time.
        times = self._run(
            "SELECT min(start_time), max(end_time) FROM trace_states_now WHERE trace_id = {id:String} "
            "HAVING count() > 0",
            {"id": trace_id},
        ).rows
        if not times:
            return []
        found = [
            record
            for table in ("dwd_spans", "dwd_open_spans")
            for record in records(
                self._run(
                    f"SELECT * FROM {table} WHERE trace_id = {{id:String}} "
                    "AND start_time BETWEEN {low:Int64} AND {high:Int64}",
                    {"id": trace_id, "low": times[0][0], "high": times[0][1]},
                )
            )
        ]
        from jollyscope.model.tree import settle

        return sorted(settle(found).values(), key=lambda span: (span.start_time, span.span_id))

    def find_traces(self, prefix: str, limit: int = 10) -> list[str]:
        """Trace ids that begin with `prefix`, ascending."""
        # As a range, which the order of the table serves; `g` is above every hex digit.
        of = "FROM {} WHERE trace_id >= {{low:String}} AND trace_id < {{high:String}}"
        table = self._run(
            f"SELECT DISTINCT trace_id FROM (SELECT trace_id {of.format('trace_states')} UNION ALL "
            f"SELECT trace_id {of.format('dwd_open_spans_data')} AND closed = 0) "
            "ORDER BY trace_id LIMIT {most:UInt32}",
            {"low": prefix, "high": prefix + "g", "most": limit},
        )
        return [row[0] for row in table.rows]

    def cancel(self) -> None:
        """Stop a running query, which then raises `StoreError`."""
        with connect(self._address, timeout=5) as other, troubles(self._address):
            other.command(
                "KILL QUERY WHERE Settings['log_comment'] = {tag:String} ASYNC",
                parameters={"tag": self._tag},
            )

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.close()

    def _run(self, text: str, bound: dict[str, Any], limit: int | None = None) -> Table:
        settings = _SETTINGS | {"log_comment": self._tag}
        if limit is not None:
            settings["limit"] = limit
        with troubles(self._address):
            try:
                found = self._client.query(
                    text,
                    parameters=bound,
                    settings=settings,
                    # What is no record may be no text either.
                    column_formats={"line": "bytes"},
                )
            except UnicodeError:
                raise StoreError("The store holds text that is no UTF-8.") from None
            rows = found.result_rows
            names = found.column_names if rows else self._names(text, bound)
        return Table(list(names), [tuple(row) for row in rows])

    def _names(self, text: str, bound: dict[str, Any]) -> list[str]:
        """Columns of a statement: an answer without rows does not name them."""
        if not _SELECTS.match(text):
            return []
        settings = _SETTINGS | {"log_comment": self._tag}
        found = self._client.query(f"DESCRIBE ({text})", parameters=bound, settings=settings)
        return [row[0] for row in found.result_rows]

    def _lines(self, sql: str) -> list[str]:
        return [row[0] for row in self._run(sql, {}).rows]


_SELECTS = re.compile(r"(?is)\s*(select|with|from)\b")
