"""The spool: what a writer promises, while it lives, when it dies, and on a disk that fails."""

from __future__ import annotations

import errno
import multiprocessing
import os
import resource
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from jollyscope.transport.spool import (
    LOCK_NAME,
    SpoolFullError,
    SpoolWriter,
    segments,
    spool_dir,
    writer_alive,
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return spool_dir(tmp_path)


@pytest.fixture
def make(root: Path):
    """A maker of writers that are closed at the end."""
    made: list[SpoolWriter] = []

    def fresh(**options: int) -> SpoolWriter:
        made.append(SpoolWriter(root, **options))
        return made[-1]

    yield fresh
    for writer in made:
        writer.close()


Make = Callable[..., SpoolWriter]


def contents(writer: SpoolWriter) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(writer.folder.glob("*.jsonl"))}


# -- writing -----------------------------------------------------------------------------------


def test_nothing_is_created_before_the_first_write(make: Make, root: Path):
    writer = make()
    writer.write("span", b"")
    writer.close()
    assert not root.exists()
    assert list(segments(root)) == []
    assert not writer_alive(writer.folder)


def test_files_are_private(make: Make, root: Path):
    writer = make()
    writer.write("span", b"{}\n")

    def mode(path: Path) -> int:
        return stat.S_IMODE(path.stat().st_mode)

    assert mode(writer.folder) == 0o700
    assert {mode(file) for file in writer.folder.iterdir()} == {0o600}
    assert sorted(os.listdir(writer.folder)) == ["span-000001.jsonl", LOCK_NAME]


def test_kinds_have_segments_of_their_own(make: Make, root: Path):
    writer = make()
    for kind in ("span", "metric", "event"):
        writer.write(kind, kind.encode() + b"\n")
        writer.write(kind, b"more\n")
    assert [(s.writer, s.kind, s.number, s.size) for s in segments(root)] == [
        (writer.name, "event", 1, 11),
        (writer.name, "metric", 1, 12),
        (writer.name, "span", 1, 10),
    ]


def test_a_segment_is_left_when_the_next_batch_does_not_fit(make: Make):
    writer = make(segment_bytes=10)
    for text in (b"1234\n", b"1234\n", b"x\n", b"a line that is longer than a segment\n", b"y\n"):
        writer.write("span", text)
    assert contents(writer) == {
        "span-000001.jsonl": b"1234\n1234\n",
        "span-000002.jsonl": b"x\n",
        "span-000003.jsonl": b"a line that is longer than a segment\n",
        "span-000004.jsonl": b"y\n",
    }


def test_close_twice_and_before_any_write(make: Make):
    writer = make()
    writer.close()
    writer.write("span", b"{}\n")
    writer.close()
    writer.close()
    assert not writer_alive(writer.folder)
    # Writing again is going on, in a new segment.
    writer.write("span", b"[]\n")
    assert writer_alive(writer.folder)
    assert contents(writer) == {"span-000001.jsonl": b"{}\n", "span-000002.jsonl": b"[]\n"}


def test_descriptors_are_let_go(make: Make):
    def opened() -> int:
        return len(os.listdir("/proc/self/fd"))

    before = opened()
    for _ in range(5):
        writer = make(segment_bytes=1, max_bytes=20)
        for n in range(20):
            try:
                writer.write("span", b"%d\n" % n)
            except SpoolFullError:
                continue
        writer.close()
    assert opened() == before


def test_two_writers_never_share_a_folder(root: Path):
    names = {SpoolWriter(root, now_ms=lambda: 1).name for _ in range(200)}
    assert len(names) == 200
    assert len({name.split("-")[0] for name in names}) == 1
    early, late = (SpoolWriter(root, now_ms=lambda at=at: at).name for at in (9, 2**40))
    assert early < late  # names sort by age


def test_fsync_is_asked_for_where_it_is_set(make: Make, monkeypatch: pytest.MonkeyPatch):
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    make().write("span", b"{}\n")
    assert synced == []
    make(fsync=True).write("span", b"{}\n")
    assert len(synced) == 1


# -- a disk that fails ------------------------------------------------------------------------


def test_partial_writes_are_carried_on(make: Make, monkeypatch: pytest.MonkeyPatch):
    real = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: real(fd, bytes(data)[:3]))
    writer = make()
    writer.write("span", b"0123456789\nabcdef\n")
    assert contents(writer) == {"span-000001.jsonl": b"0123456789\nabcdef\n"}


def failing(real: Callable[[int, bytes], int], after: int, error: BaseException):
    """An `os.write` that takes `after` bytes and then fails."""
    left = after

    def write(fd: int, data: bytes) -> int:
        nonlocal left
        if not left:
            raise error
        done = real(fd, bytes(data)[:left])
        left -= done
        return done

    return write


NO_SPACE = OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("error", [NO_SPACE, KeyboardInterrupt()])
@pytest.mark.parametrize("after", [1, 4, 5, 7, 9])
@pytest.mark.parametrize("before", [b"", b"old\n"])
def test_a_batch_that_fails_half_way_leaves_nothing(
    make: Make, monkeypatch: pytest.MonkeyPatch, before: bytes, after: int, error: BaseException
):
    writer = make()
    writer.write("span", before)
    real = os.write
    monkeypatch.setattr(os, "write", failing(real, after, error))
    with pytest.raises(type(error)):
        writer.write("span", b"one\ntwo\n..\n")
    assert b"".join(contents(writer).values()) == before
    monkeypatch.setattr(os, "write", real)
    # A reader may have taken in `one` and stands behind it: so never again at the same place.
    writer.write("span", b"one\ntwo\n..\n")
    left = {"span-000001.jsonl": before} if before else {}
    assert contents(writer) == {**left, "span-000002.jsonl": b"one\ntwo\n..\n"}
    assert writer_alive(writer.folder)


def test_a_batch_that_fails_at_once_goes_to_the_same_segment_later(
    make: Make, monkeypatch: pytest.MonkeyPatch
):
    writer = make()
    writer.write("span", b"old\n")
    real = os.write
    monkeypatch.setattr(os, "write", failing(real, 0, NO_SPACE))
    for _ in range(3):
        with pytest.raises(OSError, match="No space"):
            writer.write("span", b"new\n")
    monkeypatch.setattr(os, "write", real)
    writer.write("span", b"new\n")
    assert contents(writer) == {"span-000001.jsonl": b"old\nnew\n"}


def test_where_nothing_can_be_taken_back_half_a_line_is_left_behind(
    make: Make, monkeypatch: pytest.MonkeyPatch
):
    def refuse(_fd: int, _size: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    writer = make()
    writer.write("span", b"old\n")
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", failing(os.write, 2, NO_SPACE))
        patch.setattr(os, "ftruncate", refuse)
        with pytest.raises(OSError, match="No space"):
            writer.write("span", b"new\n")
    writer.write("span", b"new\n")
    assert contents(writer) == {"span-000001.jsonl": b"old\nne", "span-000002.jsonl": b"new\n"}


def test_a_failed_fsync_is_a_failed_batch(make: Make, monkeypatch: pytest.MonkeyPatch):
    def refuse(_fd: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    writer = make(fsync=True)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", refuse)
        with pytest.raises(OSError, match="Input/output"):
            writer.write("span", b"one\n")
    writer.write("span", b"one\n")
    assert contents(writer) == {"span-000002.jsonl": b"one\n"}


def _fill(root: Path, bound: int, answer: str) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (bound, resource.RLIM_INFINITY))
    writer = SpoolWriter(root)
    written = 0
    try:
        while True:
            writer.write("span", b"".join(b"%06d\n" % (written + n) for n in range(100)))
            written += 100
    except OSError as error:
        Path(answer).write_text(f"{errno.errorcode[error.errno or 0]} {written}")


def test_a_real_limit_in_the_middle_of_a_batch_leaves_whole_lines_only(root: Path, tmp_path: Path):
    answer = tmp_path / "answer"
    child = multiprocessing.get_context("spawn").Process(
        target=_fill, args=(root, 5_000, str(answer))
    )
    child.start()
    child.join(30)
    assert child.exitcode == 0
    assert answer.read_text() == "EFBIG 700"
    (segment,) = segments(root)
    assert segment.path.read_bytes() == b"".join(b"%06d\n" % n for n in range(700))


def test_a_folder_that_cannot_be_made_is_an_oserror_and_tried_again(root: Path):
    root.parent.mkdir(exist_ok=True)
    root.write_text("a file stands here")
    writer = SpoolWriter(root)
    with pytest.raises(OSError, match=r"exists|Not a directory"):
        writer.write("span", b"{}\n")
    root.unlink()
    writer.write("span", b"{}\n")
    assert writer_alive(writer.folder)
    writer.close()


def test_a_lock_that_cannot_be_had_is_an_oserror(make: Make, monkeypatch: pytest.MonkeyPatch):
    import fcntl

    def refuse(_fd: int, _how: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    writer, before = make(), len(os.listdir("/proc/self/fd"))
    with monkeypatch.context() as patch:
        patch.setattr(fcntl, "flock", refuse)
        for _ in range(3):
            with pytest.raises(OSError, match="No locks"):
                writer.write("span", b"{}\n")
    assert len(os.listdir("/proc/self/fd")) == before
    writer.write("span", b"{}\n")
    assert writer_alive(writer.folder)


def test_a_data_directory_deleted_under_a_living_writer_is_made_anew(make: Make, root: Path):
    writer = make()
    writer.write("span", b"lost\n")
    writer.write("event", b"lost\n")
    shutil.rmtree(root)
    writer.write("span", b"kept\n")
    writer.write("event", b"kept\n")
    assert contents(writer) == {"event-000002.jsonl": b"kept\n", "span-000002.jsonl": b"kept\n"}
    assert writer_alive(writer.folder)


# -- the bound --------------------------------------------------------------------------------


def test_the_bound_is_told_and_nothing_is_written(make: Make):
    writer = make(max_bytes=3 << 20)
    writer.write("span", b"x" * (2 << 20) + b"\n")
    for _ in range(2):
        with pytest.raises(SpoolFullError) as caught:
            writer.write("span", b"y" * (1 << 20) + b"\n")
        assert str(caught.value) == (
            "The spool has reached its bound of 3 MB. "
            "Any `jollyscope` command that reads the store empties it."
        )
    assert sum(map(len, contents(writer).values())) == (2 << 20) + 1
    writer.write("span", b"small\n")


def test_writing_goes_on_when_the_store_has_emptied_the_spool(make: Make, root: Path):
    writer = make(max_bytes=100, segment_bytes=1000)
    for kind in ("span", "event"):
        writer.write(kind, b"x" * 44 + b"\n")
    for _ in range(3):
        with pytest.raises(SpoolFullError):
            writer.write("span", b"y" * 44 + b"\n")
    # A store leaves a living writer's newest segment of a kind alone.
    newest = {segment.kind: segment.number for segment in segments(root)}
    for segment in list(segments(root)):
        if segment.number < newest[segment.kind]:
            segment.path.unlink()
    writer.write("span", b"y" * 44 + b"\n")
    assert b"".join(contents(writer).values()) == b"y" * 44 + b"\n"
    assert len(contents(writer)) == 2


def test_a_bound_below_anything_writes_nothing(make: Make, root: Path):
    writer = make(max_bytes=0)
    with pytest.raises(SpoolFullError):
        writer.write("span", b"{}\n")
    assert not root.exists()


# -- life and death ---------------------------------------------------------------------------


def test_a_writer_lives_from_its_first_write_to_its_close(make: Make):
    writer = make()
    assert not writer_alive(writer.folder)
    writer.write("span", b"{}\n")
    assert writer_alive(writer.folder)  # seen from the same process, too
    assert writer_alive(writer.folder)
    writer.close()
    assert not writer_alive(writer.folder)


def test_a_folder_without_a_lock_file_has_no_writer(tmp_path: Path):
    assert not writer_alive(tmp_path)
    assert not writer_alive(tmp_path / "missing")
    (tmp_path / LOCK_NAME).touch()
    assert not writer_alive(tmp_path)


_CHILD = """
import sys
from pathlib import Path
from jollyscope.transport.spool import SpoolWriter
writer = SpoolWriter(Path(sys.argv[1]))
writer.write("span", b"{}\\n{")
print(writer.name, flush=True)
sys.stdin.read()
"""


def test_a_killed_process_leaves_a_dead_writer(root: Path):
    command = [sys.executable, "-c", _CHILD, str(root)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as child:
        assert child.stdout is not None
        folder = root / child.stdout.readline().strip()
        assert writer_alive(folder)
        child.kill()
        child.wait()
    assert not writer_alive(folder)
    assert [s.size for s in segments(root)] == [4]


def forked(do: Callable[[], None]) -> int:
    """Run in a forked child; its exit code. (pytest runs threads of its own nowhere here.)"""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            do()
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def test_a_forked_child_that_lets_go_leaves_the_parents_writer_alive(make: Make, root: Path):
    writer = make()
    writer.write("span", b"parent\n")
    name = writer.name

    def child() -> None:
        writer.abandon_after_fork()
        assert writer_alive(root / name)
        writer.write("span", b"child\n")
        assert writer.name != name
        writer.close()

    assert forked(child) == 0
    assert writer_alive(writer.folder)
    writer.write("span", b"parent\n")
    written = {s.writer == name: s.path.read_bytes() for s in segments(root)}
    assert written == {True: b"parent\nparent\n", False: b"child\n"}


def test_a_program_that_is_started_does_not_hold_the_writers_lock(make: Make):
    writer = make()
    writer.write("span", b"{}\n")
    pipe = subprocess.PIPE
    with subprocess.Popen(["cat"], stdin=pipe, stdout=pipe, close_fds=False) as child:
        writer.close()
        assert not writer_alive(writer.folder)
        child.kill()


# -- listing ----------------------------------------------------------------------------------


def test_segments_are_listed_oldest_writer_first_and_rubbish_is_passed_over(root: Path):
    writers = [SpoolWriter(root, segment_bytes=1, now_ms=lambda at=at: at) for at in (5, 3)]
    for writer in writers:
        for text in (b"1\n", b"22\n"):
            writer.write("span", text)
        writer.close()
    folder = writers[0].folder
    for junk in (
        "span-1x.jsonl", "span-.jsonl", "span-²³.jsonl", "span-٣.jsonl", "other-000001.jsonl",
        "span-000009.json", "span.jsonl", "000001.jsonl", "-000001.jsonl", ".jsonl",
        "span-" + "9" * 40 + ".jsonl", "span--1.jsonl", "notes.txt", "span-000003.jsonl.gz",
    ):  # fmt: skip
        (folder / junk).write_bytes(b"junk\n")
    (folder / "span-000004.jsonl").mkdir()
    (folder / "span-000005.jsonl").symlink_to("nowhere")
    (root / "a file").write_bytes(b"junk\n")
    (root / "an empty folder").mkdir()
    assert [(s.writer, s.number, s.size, s.path.read_bytes()) for s in segments(root)] == [
        (writer.name, number, number + 1, text)
        for writer in reversed(writers)
        for number, text in ((1, b"1\n"), (2, b"22\n"))
    ]


def test_listing_what_is_not_there(tmp_path: Path):
    assert list(segments(tmp_path / "missing")) == []
    (tmp_path / "file").touch()
    assert list(segments(tmp_path / "file")) == []


def test_a_segment_that_goes_away_while_listing_is_passed_over(make: Make, root: Path):
    writer = make(segment_bytes=1)
    for text in (b"1\n", b"2\n", b"3\n"):
        writer.write("span", text)
    listing = segments(root)
    first = next(listing)
    (writer.folder / "span-000002.jsonl").unlink()
    assert [first.number, *(s.number for s in listing)] == [1, 3]
