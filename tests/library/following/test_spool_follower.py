"""Following the spool: every whole line once, in the order of its segment, whatever happens to files."""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jollyscope.errors import UsageError
from jollyscope.transport.following import Follower, Start, follow_spool
from jollyscope.transport.following import spool as module
from jollyscope.transport.spool import SpoolWriter, spool_dir
from tests.library.following.spooling import RawWriter, all_of, lines_of


@pytest.fixture(autouse=True)
def probing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Writers are asked whether they live at every look."""
    monkeypatch.setattr(module, "_ALIVE_S", 0.0)


@pytest.fixture
def following(tmp_path: Path) -> Iterator[Follower]:
    follower = follow_spool(tmp_path, start=Start.now())
    yield follower
    follower.close()


kinds = st.sampled_from(["span", "event", "metric"])
lines = st.lists(
    st.binary(min_size=1, max_size=30).map(lambda b: b.replace(b"\n", b"-")), max_size=8
)
moves = st.lists(
    st.tuples(st.integers(0, 1), kinds, lines, st.lists(st.integers(0, 250), max_size=4),
              st.booleans(), st.booleans()),
    max_size=10,
)  # fmt: skip


@settings(max_examples=60)
@given(moves=moves, from_beginning=st.booleans())
def test_any_cutting_into_appends_gives_exactly_the_lines(moves, from_beginning):
    """Two writers; each move writes lines in pieces, and may look in between, rotate, and look."""
    home = Path(tempfile.mkdtemp())
    start = Start.beginning() if from_beginning else Start.now()
    follower = follow_spool(home, start=start)
    try:
        writers = [RawWriter(home, name) for name in ("0000-1-a", "0001-2-b")]
        expected: dict[tuple[int, str], list[bytes]] = {}
        heard = []
        for writer, kind, texts, cuts, rotates, looks in moves:
            mine = [b"%d %s " % (writer, kind.encode()) + text for text in texts]
            expected.setdefault((writer, kind), []).extend(mine)
            data = b"".join(line + b"\n" for line in mine)
            at = 0
            for cut in [*sorted(cuts), len(data)]:
                writers[writer].append(data[at:cut], kind)
                at = max(at, cut)
                if looks:
                    heard += follower.poll(0)
            if rotates:
                writers[writer].rotate(kind)
        for writer in writers:
            writer.die()
        heard += all_of(follower)
        for (writer, kind), wanted in expected.items():
            begin = b"%d %s " % (writer, kind.encode())
            found = [one.line for one in heard if one.kind == kind and one.line.startswith(begin)]
            assert found == wanted
        assert len(heard) == sum(map(len, expected.values()))
        assert follower.standing.skipped == 0
        assert follower.standing.behind == 0
    finally:
        follower.close()
        shutil.rmtree(home)


def test_a_real_writer_rotates_and_its_segments_are_deleted_behind_it(
    tmp_path: Path, following: Follower
):
    writer = SpoolWriter(spool_dir(tmp_path), segment_bytes=40)
    found: list[bytes] = []
    for number in range(30):
        writer.write("span", b'{"number":%d}\n' % number)
        found += lines_of(following)
        segments = sorted(writer.folder.glob("span-*.jsonl"))
        for loaded in segments[:-1]:
            loaded.unlink()
    writer.close()
    assert found == [b'{"number":%d}' % number for number in range(30)]
    assert following.standing.skipped == 0


def test_what_is_deleted_before_it_is_read_is_read_all_the_same(tmp_path: Path):
    writer = RawWriter(tmp_path)
    writer.append(b"1\n")
    following = follow_spool(tmp_path, start=Start.now())
    writer.append(b"2\n")
    writer.rotate()
    writer.append(b"3\n")
    for file in writer.folder.glob("span-000001.jsonl"):
        file.unlink()
    assert lines_of(following) == [b"2", b"3"]
    assert following.standing.skipped == 0
    following.close()


def test_half_a_line_waits_for_its_end_and_counts_when_the_writer_is_gone(
    tmp_path: Path, following: Follower
):
    writer = RawWriter(tmp_path)
    writer.append(b"whole\nhal")
    assert lines_of(following) == [b"whole"]
    assert following.standing.behind == 3
    writer.append(b"f\nto")
    assert lines_of(following) == [b"half"]
    writer.die()
    assert lines_of(following) == []
    assert following.standing.skipped == 1
    assert following.standing.behind == 0


def test_now_begins_with_the_line_that_is_being_written(tmp_path: Path):
    writer = RawWriter(tmp_path)
    writer.append(b"old\nbeing wri")
    following = follow_spool(tmp_path, start=Start.now())
    assert lines_of(following) == []
    writer.append(b"tten\n")
    assert lines_of(following) == [b"being written"]
    following.close()


def test_a_line_longer_than_what_is_read_at_once(tmp_path: Path, following: Follower):
    writer = RawWriter(tmp_path)
    long = b"x" * 3_000_000
    writer.append(long[:1_000_000])
    assert lines_of(following) == []
    writer.append(long[1_000_000:] + b"\nshort\n")
    assert lines_of(following) == [long, b"short"]


def _spans(*ends: int) -> bytes:
    return b"".join(b'{"start_time":1,"end_time":%d}\n' % end for end in ends)


def _ends(lines: list[bytes]) -> list[int]:
    return [int(line.partition(b'"end_time":')[2][:-1]) for line in lines]


@pytest.mark.parametrize("number", [0, 1, 4, 6, 50])
def test_the_last_records_of_all_segments_together_then_what_is_new(tmp_path: Path, number: int):
    one, other = RawWriter(tmp_path, "0000-1-a"), RawWriter(tmp_path, "0001-2-b")
    one.append(_spans(10, 30, 50))
    other.append(_spans(20, 40))
    other.rotate()
    other.append(_spans(60))
    following = follow_spool(tmp_path, start=Start.last(number))
    assert _ends(lines_of(following)) == [10, 20, 30, 40, 50, 60][max(0, 6 - number) :]
    one.append(_spans(70))
    assert _ends(lines_of(following)) == [70]
    following.close()


def test_since_begins_in_each_segment_with_what_is_as_young(tmp_path: Path):
    now = time.time_ns()
    ago = [now - seconds * 10**9 for seconds in (50, 40, 30, 20)]
    writer = RawWriter(tmp_path)
    writer.append(_spans(*ago[:3]))
    writer.rotate()
    writer.append(_spans(ago[3]))
    following = follow_spool(tmp_path, start=Start.since(ago[1]))
    assert _ends(lines_of(following)) == ago[1:]
    following.close()


def test_kinds_are_chosen_and_told(tmp_path: Path):
    following = follow_spool(tmp_path, start=Start.now(), kinds=["event"])
    writer = RawWriter(tmp_path)
    for kind in ("span", "event", "metric"):
        writer.append(kind.encode() + b"\n", kind)
    (heard,) = all_of(following)
    assert (heard.kind, heard.line) == ("event", b"event")
    assert abs(heard.written - time.time_ns()) < 600 * 10**9
    following.close()


def test_a_spool_that_is_not_there_yet_is_told_and_then_found(tmp_path: Path):
    following = follow_spool(tmp_path / "later", start=Start.now())
    assert following.poll(0) == []
    assert not following.standing.connected
    assert "yet" in following.standing.sentence
    RawWriter(tmp_path / "later").append(b"1\n")
    assert lines_of(following) == [b"1"]
    assert following.standing == ("spool", True, "", 0, 0)
    following.close()


def test_a_data_directory_that_is_deleted_and_made_anew(tmp_path: Path, following: Follower):
    first = RawWriter(tmp_path, "0000-1-a")
    first.append(b"1\n")
    assert lines_of(following) == [b"1"]
    first.append(b"2\n")
    shutil.rmtree(spool_dir(tmp_path))
    assert lines_of(following) == [b"2"]
    RawWriter(tmp_path, "0000-1-a").append(b"3\n")
    assert lines_of(following) == [b"3"]


def test_many_writers_that_are_gone_cost_no_open_files(tmp_path: Path):
    for number in range(1500):
        folder = spool_dir(tmp_path) / f"{number:04x}-1-a"
        folder.mkdir(parents=True)
        (folder / "span-000001.jsonl").write_bytes(b"%d\n" % number)
    following = follow_spool(tmp_path, start=Start.now())
    assert lines_of(following) == []
    everything = follow_spool(tmp_path, start=Start.beginning())
    assert lines_of(everything) == [b"%d" % number for number in range(1500)]
    assert everything.standing.behind == 0
    assert len(list(Path("/proc/self/fd").iterdir())) < 400
    following.close()
    everything.close()


def test_offsets_are_kafkas(tmp_path: Path):
    with pytest.raises(UsageError, match="no offsets"):
        follow_spool(tmp_path, start=Start.offset(3))


def test_closing_ends_a_patient_poll(following: Follower):
    answers: list[object] = []
    thread = threading.Thread(target=lambda: answers.append(following.poll(600)))
    thread.start()
    following.close()
    following.close()
    thread.join(60)
    assert answers == [[]]
    assert following.poll(0) == []
