"""What a reader takes from the spool: whole lines, each once, wherever writers stopped."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jollyscope.model.wire import LineReader, encode
from jollyscope.store.lake import batch
from jollyscope.store.lake.batch import Batch, pending, pieces, settle
from jollyscope.transport.spool import SpoolWriter, segments, spool_dir
from tests.library.model.make import span

LINES = [encode(span(n)) + b"\n" for n in range(1, 6)]


@pytest.fixture
def writer(tmp_path: Path):
    made = SpoolWriter(spool_dir(tmp_path))
    yield made
    made.close()


def taken(
    writer: SpoolWriter, *, start: int = 0, limit: int = 1 << 20
) -> list[tuple[int, bytes, int]]:
    found = [(segment, start) for segment in segments(writer.root)]
    return [(piece.start, piece.data, piece.torn) for piece in pieces(found, limit=limit)]


def test_half_a_line_of_a_living_writer_is_waited_for(writer: SpoolWriter):
    writer.write("span", LINES[0] + b'{"half')
    assert taken(writer) == [(0, LINES[0], 0)]
    assert taken(writer, start=len(LINES[0])) == []
    writer.write("span", b'": 1}\n')
    assert taken(writer, start=len(LINES[0])) == [(len(LINES[0]), b'{"half": 1}\n', 0)]


def test_half_a_line_of_a_dead_writer_is_torn(writer: SpoolWriter):
    writer.write("span", LINES[0] + b'{"half')
    writer.close()
    assert taken(writer) == [(0, LINES[0], 0), (len(LINES[0]), b"", 6)]
    assert taken(writer, start=len(LINES[0])) == [(len(LINES[0]), b"", 6)]
    assert taken(writer, start=len(LINES[0]) + 6) == []


def test_empty_and_finished_segments_give_nothing(writer: SpoolWriter):
    writer.write("span", LINES[0])
    (writer.folder / "event-000001.jsonl").touch()
    done = {(writer.name, "span", 1): len(LINES[0])}
    assert pending(writer.root, done) == []
    assert [s.kind for s, _ in pending(writer.root, {})] == ["span"]
    assert taken(writer, start=len(LINES[0])) == []


def test_a_segment_that_was_deleted_meanwhile_is_passed_over(writer: SpoolWriter):
    writer.write("span", LINES[0])
    writer.write("event", b"{}\n")
    found = [(segment, 0) for segment in segments(writer.root)]
    (writer.folder / "event-000001.jsonl").unlink()
    assert [piece.data for piece in pieces(found, limit=100)] == [LINES[0]]


@pytest.mark.parametrize("end", [b"", b'{"to'])
@pytest.mark.parametrize("alive", [True, False])
def test_a_line_over_the_bound_is_skipped_and_counted(
    writer: SpoolWriter, monkeypatch: pytest.MonkeyPatch, end: bytes, alive: bool
):
    monkeypatch.setattr(batch, "MAX_LINE", 200)
    long = b"x" * 5_000 + b"\n"
    writer.write("span", b"a\n" + long + b"b\n" + end)
    if not alive:
        writer.close()
    expected = [(0, b"a\n", 0), (2, b"", len(long)), (2 + len(long), b"b\n", 0)]
    if end and not alive:
        expected.append((4 + len(long), b"", len(end)))
    assert taken(writer, limit=100) == expected


def test_a_line_at_the_bound_is_read(writer: SpoolWriter, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(batch, "MAX_LINE", 200)
    at, over = b"x" * 199 + b"\n", b"x" * 200 + b"\n"
    writer.write("span", at + over + at)
    assert taken(writer, limit=10) == [(0, at, 0), (200, b"", 201), (401, at, 0)]


def test_a_line_without_end_of_a_dead_writer_is_torn_however_long(
    writer: SpoolWriter, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(batch, "MAX_LINE", 200)
    writer.write("span", b"a\n" + b"x" * 5_000)
    assert taken(writer, limit=50) == [(0, b"a\n", 0)]
    writer.close()
    assert taken(writer, limit=50) == [(0, b"a\n", 0), (2, b"", 5_000)]


@settings(max_examples=100, deadline=None)
@given(
    lines=st.lists(st.text("ab\r ", max_size=30), max_size=12),
    tail=st.text("ab", max_size=5),
    limit=st.integers(1, 60),
)
def test_pieces_put_together_are_the_segment(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], tail: str, limit: int
):
    writer = SpoolWriter(tmp_path_factory.mktemp("spool"))
    text = "".join(line + "\n" for line in lines).encode()
    writer.write("span", text + tail.encode())
    alive = taken(writer, limit=limit)
    writer.close()
    dead = taken(writer, limit=limit)
    assert b"".join(data for _, data, _ in alive) == text
    assert all(data.endswith(b"\n") for _, data, _ in alive)
    assert dead == alive + ([(len(text), b"", len(tail))] if tail else [])
    at = 0
    for start, data, torn in dead:
        assert start == at
        at += len(data) + torn


# -- from pieces to a batch ---------------------------------------------------------------------


def settled(writer: SpoolWriter) -> Batch:
    found = [(segment, 0) for segment in segments(writer.root)]
    return settle(LineReader("span"), list(pieces(found, limit=1 << 20)))


def kept(lines: Iterable[bytes]) -> bytes:
    return b"".join(lines)


@pytest.mark.parametrize(
    "text",
    [
        b"\n" + kept(LINES),
        kept(LINES) + b"\n\n \t\n",
        b"\n".join(LINES),
    ],
    ids=["first", "last", "between"],
)
def test_blank_lines_are_nothing(writer: SpoolWriter, text: bytes):
    writer.write("span", text)
    batch = settled(writer)
    assert (batch.text(), batch.refused) == (kept(LINES), [])
    assert len(batch.keys) == len(batch.times) == 5


def test_windows_line_ends_are_read(writer: SpoolWriter):
    text = kept(LINES).replace(b"\n", b"\r\n")
    writer.write("span", text)
    batch = settled(writer)
    assert (batch.text(), batch.refused) == (text, [])


def test_two_records_in_one_line_are_no_line(writer: SpoolWriter):
    both = LINES[0][:-1] + b"\r" + LINES[1]
    writer.write("span", both + b"\n" + LINES[2])
    batch = settled(writer)
    assert batch.text() == LINES[2]
    assert [refused.line for refused in batch.refused] == [both[:-1]]


def test_what_is_no_record_is_named_with_its_place(writer: SpoolWriter):
    writer.write("span", LINES[0])
    writer.write("span", b"rubbish!\n" + LINES[1] + b"\xff\n")
    batch = settled(writer)
    assert batch.text() == LINES[0] + LINES[1]
    assert [(r.position, r.line, r.reason) for r in batch.refused] == [
        (len(LINES[0]), b"rubbish!", "Not JSON: invalid character (byte 0)."),
        (len(LINES[0] + LINES[1]) + 9, b"\xff", "Not JSON: invalid character (byte 0)."),
    ]
