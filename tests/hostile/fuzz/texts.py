"""Filters, times, templates, statements, addresses, settings, cells: what people write."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import duckdb
from openpyxl.utils.escape import unescape

from jollyscope.backend.settings_file import set_value, unset_value
from jollyscope.backend.stack import env_file
from jollyscope.config import keys, load, settings, variable_of
from jollyscope.errors import JollyScopeError
from jollyscope.export.workbook.cells import attribute, cell_text, shortened
from jollyscope.model.records import SpanRecord
from jollyscope.query.filter import CLICKHOUSE, DUCKDB, parse
from jollyscope.query.filter.moments import bound, stretch
from jollyscope.query.filter.numbers import parse_number
from jollyscope.query.sizes import parse_size
from jollyscope.query.tail import Item, Template
from jollyscope.query.times import parse_length, parse_time
from jollyscope.store.clickhouse.binding import marks, statements
from jollyscope.store.clickhouse.guard import one_select
from jollyscope.store.clickhouse.url import parse_address
from jollyscope.store.lake import guard
from jollyscope.store.lake.engine import TABLE_OF
from jollyscope.store.lake.manifest import sql_text
from jollyscope.transport.following import Heard
from tests.hostile.fuzz.target import Target
from tests.hostile.fuzz.wire import chosen, lines, sentence
from tests.hostile.upgrade import stored

NOW = stored.NOW
SPANS = [record for record in stored.FIRST if isinstance(record, SpanRecord)]
ITEMS = [Item(Heard("span", line, 1)) for line in lines()[:3]] + [Item(Heard("event", b"{}", 1))]


@contextlib.contextmanager
def told() -> Iterator[None]:
    """The parser's own error may come of it."""
    try:
        yield
    except JollyScopeError as error:
        sentence(error, 1 << 18)


def filtered(data: bytes) -> None:
    """A filter is read, written and read again as the same; both engines and Python take it."""
    text = data.decode(errors="surrogateescape")
    with told():
        query = parse(text)
        again = parse(str(query))
        assert again == query
        assert str(again) == str(query)
        for dialect in (DUCKDB, CLICKHOUSE):
            for target in ("traces", "spans", "sessions"):
                query.compile(target, dialect, NOW)
        query.time_range(NOW)
        query.trace_predicate(NOW)(SPANS)
        test = query.predicate(NOW)
        for span in SPANS:
            assert isinstance(test(span), bool)


def measured(data: bytes) -> None:
    """Times, lengths, sizes, numbers."""
    text = data.decode(errors="surrogateescape")
    with told():
        assert abs(parse_time(text, NOW)) < 2**64
    for read in (parse_length, parse_size):
        with told():
            assert 0 <= read(text) <= 2**63
    with told():
        assert abs(bound(text, NOW)) < 2**70
    with told():
        found = stretch(text, NOW)  # of a day until `5m` ago nothing may be left
        assert max(abs(found.start), abs(found.end)) < 2**70
    for unit in ("duration", "bytes", "percent", "money", "count"):
        number = parse_number(text, unit)
        assert number is None or number.denominator


def templated(data: bytes) -> None:
    with told():
        template = Template(data.decode(errors="surrogateescape"))
        for item in ITEMS:
            assert isinstance(template.line(item), str)


@cache
def engine() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    for table in TABLE_OF.values():
        con.execute(sql_text(table))
    con.execute("SET threads = 1")
    guard.shut(con, [])
    return con


def asked(data: bytes) -> None:
    """What a person asks in SQL is refused, or reads the store's tables alone."""
    text = data.decode(errors="replace")
    with told():
        try:
            guard.check(engine(), text, frozenset(TABLE_OF.values()))
            engine().execute(f"EXPLAIN {text}").fetchall()
        except duckdb.Error:
            pass
    for statement in statements(text):
        assert list(marks(statement)) == sorted(set(marks(statement)))
    with told():
        one_select(text)


def addressed(data: bytes) -> None:
    """A store's address is read, or refused without a word of its password."""
    text = data.decode(errors="surrogateescape")
    for url in (f"clickhouse{text}", f"clickhouse://ann:hush{text}"):
        shown = ""
        try:
            address = parse_address(url)
            assert 0 <= address.port <= 65535
            shown = address.shown
        except JollyScopeError as error:
            sentence(error, 1 << 18)
            shown = str(error)
        assert "hush" not in shown or "hush" in text


def configured(data: bytes) -> None:
    """A settings file is read and changed, or left as it is."""
    key, body = chosen(data, tuple(name for name, _ in keys()))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "config.toml"
        file.write_bytes(body)
        with told():
            load(file=file, environ={})
        for change in (lambda: set_value(file, key, "7"), lambda: unset_value(file, key)):
            before = file.read_bytes()
            try:
                change()
            except JollyScopeError:
                assert file.read_bytes() == before
            assert [path.name for path in Path(folder).iterdir()] == [file.name]
        values = Path(folder) / "backend.env"
        values.write_bytes(body)
        with told():
            env_file.read(values)


def surrounded(data: bytes) -> None:
    """Any value of any variable."""
    key, body = chosen(data, tuple(name for name, _ in keys()))
    value = body.replace(b"\0", b"").decode(errors="surrogateescape")
    with told():
        environ = {variable_of(key): value}
        load(file=Path(os.devnull), environ=environ)
        assert len(settings(file=Path(os.devnull), environ=environ)) == len(list(keys()))


def celled(data: bytes) -> None:
    """Any text is XML, and comes back as it was."""
    text = data.decode(errors="surrogateescape")
    assert unescape(ElementTree.fromstring(f"<t>{cell_text(text)}</t>").text or "") == text
    tag = ElementTree.fromstring(f'<t v="{attribute(text)}"/>')
    assert unescape(tag.attrib["v"]) == text
    assert len(shortened(text * 40).encode("utf-16-le", "surrogatepass")) <= 2 * 32_767


def seeds(*texts: str) -> Callable[[], Iterator[bytes]]:
    return lambda: (text.encode() for text in texts)


def words(text: str) -> tuple[bytes, ...]:
    return tuple(word.encode() for word in text.split())


def target(name: str, check: Callable[[bytes], Any], known: str, *texts: str) -> Target:
    return Target(name, check, seeds(*texts), words(known))


TARGETS = (
    target(
        "filter", filtered,
        "status: step: tool: model: duration> tokens>= cost<0.05 attr. has: since: until: at: OR AND - ( )"
        ' "x" * ? .. , != input~ session: user: label: note: trace: /re/ \\ 你 $',
        "status:error", "step:act tool:search*", 'duration>2s -(cost>0.05 OR "free text")',
        "attr.http.status_code:500 has:error since:2h", "at:2026-11-20..2026-11-21 tokens:10..20",
    ),
    target(
        "measure", measured, "15m 2h 3d now today yesterday T Z +08:00 .. kB GiB $ % e9 ms µs monday -",
        "15m", "2026-11-20T14:00:00.5+08:00", "yesterday..today", "1.5GiB", "1h30m", "500ms", "$0.05",
    ),
    target("template", templated, "%t %T %s %% \\t \\n %j %f %", "%t %s %n %d", "%T\\t%j%%"),
    target(
        "sql", asked,
        "SELECT FROM WHERE dwd_spans read_csv('x') COPY TO ATTACH WITH AS ( ) ; -- /* */ ' \" $$ ? :: "
        "PIVOT DESCRIBE SUMMARIZE getenv('HOME') unnest( VALUES FORMAT SETTINGS INTO OUTFILE IN system.one",
        "SELECT * FROM dwd_spans", "WITH a AS (SELECT 1) SELECT * FROM a -- x", "DESCRIBE dwd_spans",
        "SELECT '?' || \"a\" FROM (VALUES (1)) t(a) /* ; */", "FROM dwd_events SELECT count(*)",
    ),
    target(
        "address", addressed, ":// @ : / ? [ ] %40 secure=1 database= localhost 8123 s://",
        "://ann:pass@localhost:8123/db?secure=1", "s://localhost", "://[::1]:9/db",
    ),
    target(
        "settings", configured,
        "[sdk] [collect] [kafka.properties] = \" ' ''' # queue token true 1_000 0x10 \\u0000 [[ ]] , . \n",
        '#[sdk]\nqueue = 5 # five\n[collect]\ntoken = "x"\n', 'store = "lake:///x"\nsdk.queue = 9\n',
        "A=b\n# c\nD=\n",
    ),
    target("environment", surrounded, 'true false 0 1 -1 {} [] {"a":"b"} ["x"] off bell', "0true", "95",
        "B{}",
    ),
    target("cell", celled, "_x0041_ & < > \" ' ]]> \r \n \ud7ff_x", "a & b", "_x000D_", "=1+1", "查 🙂"),
)  # fmt: skip
