"""A reader that comes while the first of all loads is still creating the manifest."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from jollyscope.model.records import SpanRecord
from jollyscope.model.wire import encode_lines
from jollyscope.store.lake.store import LakeStore
from jollyscope.transport.spool import SpoolWriter, spool_dir


def test_the_tables_are_not_there_yet(tmp_path: Path):
    writer = SpoolWriter(spool_dir(tmp_path))
    record = SpanRecord(trace_id="1" * 32, span_id="2" * 16, start_time=1, end_time=2)
    writer.write("span", encode_lines([record]))
    (tmp_path / "lake").mkdir()
    with closing(sqlite3.connect(tmp_path / "lake" / "manifest.sqlite")) as creating:
        creating.execute("PRAGMA journal_mode = WAL")  # the file is there, and nothing in it
        store = LakeStore(tmp_path)
        assert not store.manifest.exists()
        with store.reader() as reader:
            assert reader.query("SELECT count(*) FROM dwd_spans").rows == [(1,)]
        assert store.info().spans == 1
    assert store.load() == 1
    assert store.manifest.exists()
    writer.close()
