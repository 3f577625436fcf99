"""A ClickHouse database of an older schema is brought up to date, a newer one refused."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from jollyscope.errors import StoreError
from jollyscope.model.records import Record
from jollyscope.model.wire import KIND_OF, STRUCT_OF, encode
from jollyscope.store.clickhouse import ddl
from jollyscope.store.clickhouse.store import ClickHouseStore
from jollyscope.store.clickhouse.writing import Line, write
from tests.clickhouse import address, client
from tests.hostile.upgrade import stored as s

DATABASE = "upgrade"
COLUMN = "ALTER TABLE dwd_events_data ADD COLUMN IF NOT EXISTS reviewed UInt8 DEFAULT 7\n"
TABLE = "CREATE TABLE IF NOT EXISTS reviews (at Int64) ENGINE = MergeTree ORDER BY at\n"
VIEW = (
    "CREATE OR REPLACE VIEW ads_reviews AS SELECT record_id, reviewed FROM dwd_events_data FINAL\n"
)


@pytest.fixture
def tomorrow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a next version, of which one file is wrong."""
    root = Path(shutil.copytree(ddl.root(), tmp_path / "clickhouse"))
    more = root / f"{ddl.newest() + 1:04d}"
    more.mkdir()
    (more / "10_dwd_events_data.sql").write_text(COLUMN)
    (more / "20_reviews.sql").write_text(TABLE.replace("Int64", "NoSuchType"))
    (more / "30_ads_reviews.sql").write_text(VIEW)
    return more


def feed(records: Iterable[Record]) -> None:
    for kind in STRUCT_OF:
        lines = [Line(encode(record)) for record in records if KIND_OF[type(record)] == kind]
        write(client(DATABASE), kind, lines, topic="test")


QUESTIONS = {name: s.QUESTIONS[name] for name in ("spans", "traces", "events")}


def asked() -> dict[str, Any]:
    with ClickHouseStore(address(DATABASE)).reader() as reader:
        return s.answers(reader, QUESTIONS)


def tables() -> list[tuple[Any, ...]]:
    """What the database is made of, and how much is in it."""
    found = client(DATABASE).query(
        "SELECT name, metadata_modification_time, create_table_query, total_rows FROM system.tables "
        "WHERE database = currentDatabase() ORDER BY name"
    )
    return [tuple(row) for row in found.result_rows]


def test_up_to_the_next_version_and_what_today_says_of_it(
    tomorrow: Path, monkeypatch: pytest.MonkeyPatch
):
    """One database all the way, since making one takes seconds."""
    store = ClickHouseStore(address(DATABASE))
    store.migrate()
    feed(s.FIRST)
    before, newest = asked(), ddl.newest()
    assert len(before["spans"]) == 7

    with monkeypatch.context() as patch:
        patch.setattr(ddl, "root", lambda: tomorrow.parent)
        with pytest.raises(StoreError, match=f"is at schema {newest}") as said:
            asked()
        assert "jollyscope up" in said.value.hint
        with pytest.raises(StoreError, match="query failed"):
            store.migrate()
    assert asked() == before  # today's program does not mind what is half there

    with monkeypatch.context() as patch:
        patch.setattr(ddl, "root", lambda: tomorrow.parent)
        (tomorrow / "20_reviews.sql").write_text(TABLE)
        assert store.migrate() == newest  # and on from where it broke off
        feed(s.SECOND_LOAD)
        after = asked()
        for name in ("spans", "events"):
            assert [row for row in after[name] if row in before[name]] == before[name]
        assert len(after["spans"]) == 8
        found = client(DATABASE)
        assert found.query("SELECT * FROM ads_reviews").result_rows == [("e1", 7)]
        done = found.query(f"SELECT name FROM schema_versions WHERE version = {newest + 1}")
        assert sorted(done.result_rows) == [("10_dwd_events_data",), ("20_reviews",), ("all",)]

    kept = tables()
    for ask in (store.migrate, store.info, ClickHouseStore(address(DATABASE)).reader):
        with pytest.raises(StoreError, match=f"schema version {newest + 1}, and this") as said:
            ask()
        assert "Update JollyScope" in said.value.hint
    assert tables() == kept
