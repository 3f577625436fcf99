"""What a person writes into a filter is never SQL, whichever field it is written into."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from jollyscope.errors import StoreError
from jollyscope.model.records import SpanRecord
from jollyscope.model.wire import encode_lines
from jollyscope.query.facets import facets
from jollyscope.query.filter import DUCKDB, FilterError, fields, parse, store_values
from jollyscope.query.groups import grouped
from jollyscope.query.histogram import histogram
from jollyscope.query.listing import list_sessions, list_spans, list_traces
from jollyscope.query.scope import scope
from jollyscope.store.api import Reader
from jollyscope.store.lake.store import LakeStore
from jollyscope.transport.spool import SpoolWriter, spool_dir

NOW = 1_800_000_000 * 10**9

ATTACKS = [
    "' OR 1=1 --",
    "' OR '1'='1",
    "') OR true --",
    "'; DROP VIEW ads_traces; --",
    "'; COPY ads_traces TO '{folder}/out.csv'; --",
    "'; ATTACH '{folder}/out.db'; --",
    "' UNION SELECT content FROM read_text('{folder}/secret') --",
    "(SELECT content FROM read_text('{folder}/secret'))",
    "x' AND (SELECT count(*) FROM read_text('{folder}/secret')) > 0 --",
    '" OR ""="',
    '"."}\') OR true --',
    "$.a' OR true --",
    "$.\"a\" OR true",
    "/a' OR true --",
    "\\' OR true --",
    "%' OR true --",
    "_%_",
    ".*' OR true --",
    "(((((",
    "{{}}",
    "?",
    "? OR ?",
    "$1",
    ":name",
    "NULL",
    "1; SELECT 1",
    "1e999",
    "0x7f",
    "-- ",
    "/* */",
    "\x00",
    "a\x00' OR true --",
    "\\\\",
    "\u2019 OR 1=1",
    "🦊' OR true --",
    "'" * 500,
]  # fmt: skip

SPANS = [
    SpanRecord(
        trace_id=f"{n:032x}", span_id=f"{n:016x}", name=f"span {n}", step_type="act",
        start_time=NOW - n * 10**9, end_time=NOW, duration_ms=1.0, state="closed",
        tool_name="search", session_id="s", user_id="u", attributes={"a": "b"},
    )
    for n in range(1, 6)
]  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    writer = SpoolWriter(spool_dir(folder / "data"))
    writer.write("span", encode_lines(SPANS))
    writer.close()
    (folder / "secret").write_text("hunter2", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def reader(home: Path) -> Iterator[Reader]:
    LakeStore(home / "data").load()
    with LakeStore(home / "data").reader() as opened:
        yield opened


def files(folder: Path) -> dict[str, str]:
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.endswith(("-wal", "-shm", ".lock"))
    }


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def asked(reader: Reader, text: str) -> int | None:
    """How many rows fit, everywhere that a filter goes; None where it is no filter."""
    try:
        within = scope(text, now=NOW)
    except FilterError:
        return None
    total = len(list_spans(reader, where=within.where("spans")).rows)
    total += len(list_traces(reader, where=within.where("traces")).rows)
    total += len(list_sessions(reader, where=within.where("sessions")).rows)
    grouped(reader, "tool", within)
    grouped(reader, "user", within)
    histogram(reader, within)
    facets(reader, within)
    return total


@pytest.mark.parametrize("attack", ATTACKS)
def test_every_field(reader, home, attack):
    attack = attack.replace("{folder}", str(home))
    before = files(home)
    for field in fields():
        name = f"{field.name}.x" if field.keyed else field.name
        for op in (":", "!=", ">", "<="):
            for value in (attack, quoted(attack)):
                # A filter, or a FilterError; nothing else may come of any text.
                with suppress(FilterError):
                    parse(f"{name}{op}{value}").compile("traces", DUCKDB, NOW)
        found = asked(reader, f"{name}:{quoted(attack)}")
        # No record holds such a text: whoever gets rows was taken for SQL.
        assert found in (None, 0), field.name
    assert files(home) == before


@pytest.mark.parametrize("attack", ATTACKS)
def test_keys_and_free_text(reader, home, attack):
    attack = attack.replace("{folder}", str(home))
    before = files(home)
    for text in (quoted(attack), f"attr.{quoted(attack)}:1", f"resource.{quoted(attack)}:1",
                 f"has:attr.{quoted(attack)}", f"calls.{quoted(attack)}>0", attack):  # fmt: skip
        found = asked(reader, text)
        if text != attack:
            assert found in (None, 0), text
    assert asked(reader, f"-{quoted(attack)}") in (None, 11)
    assert files(home) == before


@pytest.mark.parametrize("attack", ATTACKS)
def test_completion_of_values(reader, home, attack):
    attack = attack.replace("{folder}", str(home))
    for field in ("tool", "model", "user", "session", "name", f"attr.{quoted(attack)}", "attr.a"):
        assert store_values(reader, field, attack) == []


def test_the_texts_would_do_harm_if_they_were_sql(reader):
    """The attacks are worth the name: pasted, one of them lets everything through."""
    pasted = f"SELECT count(*) FROM dwd_spans WHERE name = '{ATTACKS[0]}'"
    assert reader.query(pasted).rows == [(5,)]
    with pytest.raises(StoreError):
        reader.query(f"SELECT count(*) FROM dwd_spans WHERE name = '{ATTACKS[3]}'")
