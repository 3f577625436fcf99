"""The store on ClickHouse's engine: its schema, what it refuses, what a person may ask, replay."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from jollyscope.config import ClickHouseConfig
from jollyscope.errors import JollyScopeError, StoreError
from jollyscope.model.records import SpanRecord
from jollyscope.model.wire import InvalidRecordError, decode, encode_lines
from jollyscope.store.clickhouse import ddl
from jollyscope.store.clickhouse.store import ClickHouseStore
from jollyscope.store.lake.store import LakeStore
from jollyscope.store.schema import MEANINGS, columns
from jollyscope.transport.spool import SpoolWriter, spool_dir
from tests.clickhouse import address, client, emptied

DATABASE = "library"


@pytest.fixture
def store() -> ClickHouseStore:
    emptied(DATABASE)
    return ClickHouseStore(address(DATABASE))


def put(*lines: bytes) -> None:
    client(DATABASE).insert(
        "ods_spans_queue",
        [[line] for line in lines],
        column_names=["line"],
        column_type_names=["String"],
    )


GOOD = (
    b'{"schema":1,"trace_id":"5b8aa5a2d2c872e8321cf37308d69df2","span_id":"00000000000000a1",'
    b'"start_time":5,"end_time":9%s}'
)
LINES = [
    b"", b"{}", b"not json", b"[1]", b'{"schema":1}', b"\xff\xfe", GOOD % b',"input_tokens":"5"',
    GOOD % b',"name":null', GOOD % b',"events":[3]', GOOD % b',"events":[{"name":null}]',
    GOOD % b',"attributes":[]', GOOD % b',"cost_usd":1e400', GOOD % b',"input":"\\ud800"',
    GOOD % b',"state":"interrupted"', GOOD % b',"state":"closed","kind":"other"', GOOD % b',"x":{"y":1}',
    GOOD % b',"duration_ms":-1', GOOD % b',"parent_span_id":""', GOOD % b',"input_tokens":-1',
    GOOD.replace(b'"schema":1', b'"schema":2') % b"", GOOD.replace(b'"schema":1,', b"") % b"",
    GOOD.replace(b"5b8a", b"5B8A") % b"", GOOD.replace(b',"end_time":9', b"") % b"",
    GOOD % (b',"attributes":' + b'{"a":' * 130 + b"1" + b"}" * 130),
    GOOD % (b',"input":"' + b"{[" * 200 + b'"'), GOOD % b',"duration_ms":3',
    GOOD % b',"links":[{"trace_id":"x","flags":1}]', GOOD % b"",
]  # fmt: skip


def accepted(line: bytes) -> bool:
    try:
        decode(line)
    except InvalidRecordError:
        return False
    return True


def test_what_is_refused_is_what_the_wire_refuses(store: ClickHouseStore):
    put(*LINES)
    with store.reader() as reader:
        refused = {row[0] for row in reader.query("SELECT line FROM dwd_dead_letters").rows}
        reasons = reader.query("SELECT reason FROM dwd_dead_letters").rows
        pipeline = reader.query("SELECT stage, kind, records FROM ads_pipeline").rows
    assert refused == {line for line in LINES if not accepted(line)}
    assert all(
        reason.startswith("Not a span record: ") and len(reason) > 20 for (reason,) in reasons
    )
    assert ("refused", "span", len(refused)) in pipeline
    assert ("stored", "span", 1) in pipeline
    assert "refused" in store.info().problems[0]


def test_nested_fields_stay_as_written_in_any_order_of_fields(store: ClickHouseStore):
    line = (
        b'{"scope":{"attributes":{"resource":1.0}},"schema":1,"resource":{"links":[1.0]},'
        b'"trace_id":"5b8aa5a2d2c872e8321cf37308d69df2","span_id":"00000000000000a1",'
        b'"start_time":5,"end_time":9,"attributes":{"scope":{"x":"}"},"resource":"\\u67e5"}}'
    )
    put(line)
    with store.reader() as reader:
        assert reader.spans("5b8aa5a2d2c872e8321cf37308d69df2") == [decode(line)]


def test_a_schema_is_applied_once_and_a_newer_one_is_refused(store: ClickHouseStore):
    assert store.migrate() == ddl.newest()
    found = client(DATABASE)
    found.command("INSERT INTO schema_versions (version, name) VALUES (99, 'all')")
    try:
        for ask in (store.migrate, ClickHouseStore(address(DATABASE)).reader):
            with pytest.raises(StoreError, match="schema version 99"):
                ask()
    finally:
        found.command("DELETE FROM schema_versions WHERE version = 99")


def test_an_empty_database_says_what_to_do():
    client("nothing")
    with pytest.raises(StoreError) as caught:
        ClickHouseStore(address("nothing")).reader()
    assert "no tables" in caught.value.message
    assert "jollyscope up" in caught.value.hint


def test_traces_of_a_stretch_are_those_of_the_whole(store: ClickHouseStore):
    def span(trace: int, number: int, start: int, *, open_: bool = False) -> bytes:
        end = b'"state":"open"' if open_ else b'"end_time":%d' % (start + 5)
        return b'{"schema":1,"trace_id":"%032x","span_id":"%016x","start_time":%d,%s}' % (
            trace, number, start, end,
        )  # fmt: skip

    put(span(1, 1, 10), span(2, 2, 100), span(2, 3, 50, open_=True), span(3, 4, 200))
    put(span(3, 5, 20), span(4, 6, 150, open_=True), span(5, 7, 30, open_=True))
    put(span(5, 7, 30))
    with store.reader() as reader:
        for columns_ in ("trace_id, start_time", "trace_id, start_time, span_count", "*"):
            sql = f"SELECT {columns_} FROM ads_traces ORDER BY trace_id"
            begun = {1: 10, 2: 50, 3: 20, 4: 150, 5: 30}
            for since, until in [(None, None), (20, None), (21, 101), (None, 50), (100, 201)]:
                asked = reader.query(sql, since=since, until=until)
                at = asked.columns.index("start_time")
                assert {int(row[0], 16): row[at] for row in asked.rows} == {
                    trace: start
                    for trace, start in begun.items()
                    if (since or 0) <= start < (until or 1000)
                }
                counted = "SELECT count(*) FROM ads_traces"
                found = reader.query(counted, since=since, until=until).rows
                assert found == [(len(asked.rows),)]


def test_every_column_of_the_contract_is_there_and_named(store: ClickHouseStore, tmp_path: Path):
    with store.reader() as ours, LakeStore(tmp_path).reader() as theirs:
        for table in MEANINGS:
            found = columns(ours, table)
            assert [name for name, _ in found] == [name for name, _ in columns(theirs, table)]
            assert {type_.partition("(")[0] for _, type_ in found} <= TYPES, table


TYPES = {"String", "Int32", "Int64", "Float64", "Bool", "UInt8", "Array"}


def test_times_to_live_follow_the_settings(store: ClickHouseStore):
    found = client(DATABASE)
    for days in (30, 0):
        ddl.apply(found, settings=ClickHouseConfig(ttl_dwd_days=days))
        made = str(found.command("SHOW CREATE TABLE dwd_spans_data"))
        assert ("toIntervalDay(30)" in made) == bool(days)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM file('/etc/passwd', 'LineAsString')", "SELECT * FROM url('http://127.0.0.1')",
        "SELECT * FROM remote('127.0.0.1', 'system.one')", "SELECT file('/etc/passwd')",
        "SELECT * FROM system.tables", "SELECT 1 WHERE 1 IN system.one", "SELECT * FROM ods_spans",
        "SELECT 1 SETTINGS readonly = 0", "SELECT 1 INTO OUTFILE '/tmp/x'", "SELECT sleep(3)",
        "DROP TABLE ods_spans", "INSERT INTO ods_spans (line) VALUES ('x')", "SELECT 1; SELECT 2", "",
        "SELECT dictGet('x', 'y', 1)", "SHOW TABLES", "SET readonly = 0", "SELECT * FROM other.ads_traces",
    ],
)  # fmt: skip
def test_a_persons_statement_reaches_nothing_else(store: ClickHouseStore, sql: str):
    with store.reader() as reader:
        reader.restrict()
        with pytest.raises(JollyScopeError) as caught:
            reader.query(sql)
        assert caught.value.message.endswith(".")


@pytest.mark.parametrize(
    "sql",
    [
        "WITH held AS (SELECT 1 AS a) SELECT a FROM held;",
        "SELECT count(*) FROM ads_traces AS t WHERE trace_id IN (SELECT trace_id FROM dwd_spans)",
        "SELECT * FROM numbers(2) -- ;",
        "DESCRIBE TABLE ads_traces",
    ],
)
def test_a_persons_select_runs(store: ClickHouseStore, sql: str):
    with store.reader() as reader:
        reader.restrict()
        assert reader.query(sql).rows


def test_a_spool_is_replayed_and_again(store: ClickHouseStore, tmp_path: Path):
    spans = [
        SpanRecord(trace_id="1" * 32, span_id=f"{n:016x}", start_time=n, end_time=n + 5)
        for n in range(1, 4)
    ]
    writer = SpoolWriter(spool_dir(tmp_path))
    writer.write("span", encode_lines(spans) + b"no record\n")
    writer.close()
    for _ in range(2):
        assert store.replay(spool_dir(tmp_path)) == 4
    with store.reader() as reader:
        assert reader.spans("1" * 32) == spans
        assert reader.query("SELECT span_count FROM ads_traces").rows == [(3,)]
        letters = reader.query("SELECT segment, position, line FROM dwd_dead_letters").rows
    assert len(letters) == 1
    assert letters[0][0].startswith("spool/")
    assert letters[0][2] == b"no record"


def test_a_running_query_is_stopped(store: ClickHouseStore):
    with store.reader() as reader:
        timer = threading.Timer(0.3, reader.cancel)
        timer.start()
        with pytest.raises(StoreError):
            reader.query("SELECT sum(cityHash64(number)) FROM numbers(2000000000000)")
        timer.join()
