"""The words of large parts: what they leave out of a look has nothing of what is looked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from jollyscope.config import LakeConfig
from jollyscope.model.records import SpanRecord
from jollyscope.query.filter import DUCKDB, Query, parse
from jollyscope.query.listing import list_spans, list_traces
from jollyscope.store.lake import words
from jollyscope.store.lake.engine import DAY_NS
from jollyscope.store.lake.store import LakeStore
from jollyscope.transport.spool import SpoolWriter, spool_dir
from tests.conformance.conftest import Lake

NOW = 20_000 * DAY_NS
LONG = "0123456789abcdef" * 9
ALPHABET = st.text(st.sampled_from('abcXYZ_059 .-"\\:,]ςΣİKé中文'), max_size=12)
TEXTS = st.one_of(
    ALPHABET, st.sampled_from([LONG, f"x{LONG}-end", "time out", "the TimeOut_9 中文 end"])
)
VALUES = st.one_of(
    TEXTS, st.integers(0, 20), st.sampled_from([4.0, 2.5, True]), st.lists(TEXTS, max_size=2)
)


@pytest.fixture(autouse=True)
def _every_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "WORTH_ROWS", 1)


def span(number: int, day: int, **fields: Any) -> SpanRecord:
    start = NOW + day * DAY_NS + number
    filled = {
        "trace_id": f"{number:032x}", "span_id": f"{number:016x}", "start_time": start,
        "end_time": start + 1, "duration_ms": 1e-6, "name": "work", **fields,
    }  # fmt: skip
    return SpanRecord(**filled)


def filled(home: Path, days: list[list[SpanRecord]]) -> LakeStore:
    """A lake of a part a day, with words."""
    subject = Lake(home)
    for spans in days:
        subject.feed(spans)
    subject.store.compact()
    subject.writer.close()
    return subject.store


def found(store: LakeStore, query: Query) -> set[str]:
    where = query.compile("spans", DUCKDB, NOW)
    with store.reader() as reader:
        return {row.span_id for row in list_spans(reader, where=where, limit=1000).rows}


def looked_through(store: LakeStore, query: Query, of: str = "spans") -> int:
    """How many parts the spans are read from."""
    where = query.compile("spans" if of == "spans" else "traces", DUCKDB, NOW)
    with store.reader() as reader:
        table = reader.query(
            "SELECT count(*) FROM dwd_spans", needles=where.needles
        )  # the needles promise what the count then does not keep
        return int(table.rows[0][0])


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


@settings(max_examples=5, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(data=st.data())
def test_nothing_is_missed(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    drawn = data.draw(st.lists(st.tuples(TEXTS, TEXTS, VALUES), min_size=3, max_size=12))
    spans = [
        span(n, n % 3, input=text, output=more, attributes={"a.b": value, "k": text})
        for n, (text, more, value) in enumerate(drawn, 1)
    ]
    store = filled(tmp_path_factory.mktemp("lake"), [spans[n::3] for n in range(3)])
    for _ in range(20):
        whole = data.draw(st.sampled_from([text for one in drawn for text in one[:2]]))
        start = data.draw(st.integers(0, len(whole)))
        text = whole[start : data.draw(st.integers(start, len(whole)))]
        asked = data.draw(
            st.sampled_from(
                [quoted(text or "a"), f"attr.k:{quoted(whole)}", f"attr.a.b:{data.draw(st.integers(0, 20))}",
                 f"attr.a.b:{quoted(whole)}", f"{quoted(text or 'b')} duration<1s"]
            )
        )  # fmt: skip
        query = parse(asked)
        test = query.predicate(NOW)
        assert found(store, query) == {one.span_id for one in spans if test(one)}, asked
    store.close()


DAYS = [
    [span(1, 0, input="the order 4711 was lost", attributes={"code": 404, "tags": ["x"]})],
    [span(2, 1, output=f"see {LONG}", attributes={"code": 200})],
    [span(3, 2, name="查天气", error_message="ΟΔΟΣ", attributes={"code": "404", "other": 200})],
]


@pytest.mark.parametrize(
    ("asked", "parts"),
    [
        ('"4711"', 1),
        ('"order 47"', 1),
        ('"rder 4711"', 1),
        ('"order 711"', 0),
        ('"ost"', 1),
        ('"9abcdef01"', 1),
        ('"ee 0123"', 1),
        ('"天气"', 1),
        ('"οδος"', 1),
        ('"e"', 2),
        ("*lost*", 1),
        ("attr.code:404", 2),
        ("attr.code:200", 1),
        ("attr.code:40", 0),
        ("attr.tags:x", 1),
        ("attr.nothing:1", 0),
        ('"order" attr.code:404', 1),
        ('"order" OR "see"', 3),
        ('-"order"', 3),
        ('"order" tool:x', 1),
    ],
)  # fmt: skip
def test_parts_without_the_words_are_left_alone(tmp_path: Path, asked: str, parts: int) -> None:
    store = filled(tmp_path, DAYS)
    assert looked_through(store, parse(asked)) == parts


def test_traces_are_asked_for_by_the_words_of_their_spans(tmp_path: Path) -> None:
    store = filled(tmp_path, DAYS)
    for asked, wanted in (
        ('"4711"', [1]),
        ('"see"', [2]),
        ('"nowhere"', []),
        ('"4711" attr.code:404', [1]),
    ):
        where = parse(asked).compile("traces", DUCKDB, NOW)
        with store.reader() as reader:
            rows = list_traces(reader, where=where).rows
        assert [int(row.trace_id, 16) for row in rows] == wanted, asked
    assert looked_through(store, parse('"4711"'), "traces") == 1
    # Two looks at spans, for two reasons: a promise about one would be wrong for the other.
    assert looked_through(store, parse('"4711" attr.code:404'), "traces") == 3


def test_words_go_with_their_part_and_count_as_its_bytes(tmp_path: Path) -> None:
    store = filled(tmp_path, DAYS)
    lake = tmp_path / "lake"
    files = list(lake.rglob("words/**/*.parquet"))
    assert len(files) == 3
    assert store.info().bytes == sum(f.stat().st_size for f in lake.rglob("*.parquet"))
    files[0].write_bytes(b"broken")
    assert found(store, parse('"4711"')) == {f"{1:016x}"}
    again = LakeStore(tmp_path, LakeConfig(grace_s=0))
    again.prune(older_than=NOW + 2 * DAY_NS)
    assert len(list(lake.rglob("words/**/*.parquet"))) == 1
    store.close()


def test_too_many_words_are_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "MOST", 5)
    store = filled(tmp_path, DAYS)
    assert looked_through(store, parse('"nowhere"')) == 2, "those with six"
    assert found(store, parse('"4711"')) == {f"{1:016x}"}


def test_a_large_part_that_was_written_whole_gets_its_words_when_there_is_time(
    tmp_path: Path,
) -> None:
    writer = SpoolWriter(spool_dir(tmp_path))
    writer.write("span", b"".join(msgspec.json.encode(one) + b"\n" for one in DAYS[0]))
    writer.close()
    store = LakeStore(tmp_path)
    store.load()
    assert looked_through(store, parse('"nowhere"')) == 1
    assert store.tidy() == 0
    assert looked_through(store, parse('"nowhere"')) == 0
