"""Bad files, bad lines, crashes: one sentence, nothing lost, the rest still readable."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterable
from contextlib import closing, suppress
from pathlib import Path

import pytest

from jollyscope.errors import ExitCode, JollyScopeError, NotFoundError, StoreError, UsageError
from jollyscope.model.records import MetricRecord, SpanRecord
from jollyscope.model.wire import KIND_OF, encode_lines
from jollyscope.store.api import open_store
from jollyscope.store.lake import loader, manifest, parts
from jollyscope.store.lake.store import LakeStore
from jollyscope.transport.spool import SpoolWriter, segments, spool_dir

SECOND = 10**9


def span(n: int, trace: int = 1, **fields: object) -> SpanRecord:
    start = 1_700_000_000 * SECOND + n
    filled = {
        "trace_id": f"{trace:032x}", "span_id": f"{n:016x}", "name": f"span {n}",
        "start_time": start, "end_time": start + 10, "duration_ms": 1e-5, **fields,
    }  # fmt: skip
    return SpanRecord(**filled)  # type: ignore[arg-type]


class Spool:
    """A writer with a store behind it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.writer = SpoolWriter(spool_dir(home))
        self.clock = 1_800_000_000 * SECOND
        self.store = LakeStore(home, now=lambda: self.clock)

    def write(self, records: Iterable[SpanRecord | MetricRecord]) -> None:
        for record in records:
            self.writer.write(KIND_OF[type(record)], encode_lines([record]))

    def raw(self, data: bytes) -> None:
        self.writer.write("span", data)

    def count(self) -> int:
        with self.store.reader(load=False) as reader:
            return int(reader.query("SELECT count(*) FROM dwd_spans").rows[0][0])

    def parts(self) -> list[Path]:
        return sorted((self.home / "lake" / "span").rglob("*.parquet"))


@pytest.fixture
def spool(tmp_path: Path):
    made = Spool(tmp_path)
    yield made
    made.writer.close()


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"trace_id": nonsense}', "Not JSON"),
        (b"\x00\x00\x00\x00", "Not JSON"),
        (b'{"schema":1,"trace_id":"xyz"}', "trace_id"),
        (encode_lines([span(9)]).replace(b'"schema":1', b'"schema":99').strip(), "newer than 1"),
        (encode_lines([span(9, state="open")]).replace(b"open", b"interrupted").strip(), "interrupted"),
        (b'{"name":"\xff\xfe"}', "UTF-8"),
        (encode_lines([span(9)]).replace(b'"end_time"', b'"end_tim_"').strip(), "end_time is missing"),
    ],
)  # fmt: skip
def test_a_line_that_is_no_record_is_kept_whole_with_the_reason(
    spool: Spool, line: bytes, reason: str
):
    spool.write([span(1)])
    spool.raw(line + b"\n")
    spool.write([span(2)])
    with spool.store.reader(load=False) as reader:
        assert reader.notes == ["1 line of the spool is no record and was left out."]
        assert [s.name for s in reader.spans(f"{1:032x}")] == ["span 1", "span 2"]
    spool.store.load()
    assert spool.count() == 2
    with spool.store.reader() as reader:
        found = reader.query("SELECT line, reason, kind, position FROM dwd_dead_letters").rows
    assert found[0][0] == line
    assert reason in found[0][1]
    assert found[0][2:] == ("span", len(encode_lines([span(1)])))
    info = spool.store.info()
    assert info.dead_letters == 1
    assert info.problems[0].startswith("1 line was refused")


def test_a_line_that_only_the_engine_refuses_costs_itself_alone(spool: Spool):
    twice = encode_lines([span(2)]).strip().replace(b'"name"', b'"name":"x","name"')
    spool.write([span(1)])
    spool.raw(twice + b"\n")
    spool.write([span(3), span(4)])
    for load in (False, True):
        with spool.store.reader(load=False) as reader:
            assert [s.name for s in reader.spans(f"{1:032x}")] == ["span 1", "span 3", "span 4"]
            assert len(reader.notes) == (0 if load else 1)
            assert reader.query("SELECT span_count FROM ads_traces").rows == [(3,)]
        spool.store.load()
    with spool.store.reader() as reader:
        assert reader.query("SELECT line FROM dwd_dead_letters").rows == [(twice,)]


def test_another_users_spool_folder_is_told_of_and_the_rest_read(spool: Spool):
    if os.geteuid() != 0:
        pytest.skip("only root can play two users")
    spool.write([span(1)])
    spool.store.load()
    private = spool_dir(spool.home) / "000000000000-1-private"
    private.mkdir(mode=0o700)
    (private / "span-000001.jsonl").write_bytes(encode_lines([span(2)]))
    code = (
        "import os, sys; from pathlib import Path;"
        "from jollyscope.store.lake.store import LakeStore;"
        "store = LakeStore(Path(sys.argv[1]));"
        "store.reader(load=False).query('SELECT 1');"  # all is imported: the other may not read it
        "os.setuid(65534);"
        "reader = store.reader(load=False);"
        "print(reader.query('SELECT count(*) FROM dwd_spans').rows, *reader.notes)"
    )
    os.system(f"chmod -R a+rX {spool.home} && chmod 700 {private}")
    for folder in spool.home.parents:
        if folder.stat().st_mode & 0o005 != 0o005:
            folder.chmod(0o755)
    done = subprocess.run(
        [sys.executable, "-c", code, str(spool.home)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("[(1,)]")
    assert f"{private} belongs to another user" in done.stdout


def test_a_last_line_torn_by_a_crash_is_skipped_and_counted(spool: Spool):
    spool.write([span(1)])
    whole = encode_lines([span(2)])
    spool.raw(whole[:20])
    spool.store.load()
    assert spool.count() == 1
    assert spool.store.info().problems == []  # its writer lives and may finish the line
    spool.writer.close()
    spool.store.load()
    assert spool.count() == 1
    info = spool.store.info()
    assert info.waiting_bytes == 0
    assert info.problems == ["20 bytes of half-written lines in the spool were skipped."]


def damage_cut(part: Path) -> None:
    part.write_bytes(part.read_bytes()[:100])


def damage_middle(part: Path) -> None:
    data = bytearray(part.read_bytes())
    data[4 : len(data) // 2] = os.urandom(len(data) // 2 - 4)
    part.write_bytes(data)


def damage_footer(part: Path) -> None:
    data = bytearray(part.read_bytes())
    data[-400:-8] = bytes(392)
    part.write_bytes(data)


@pytest.mark.parametrize("damage", [damage_cut, damage_middle, damage_footer, Path.unlink])
def test_a_corrupt_part_costs_its_own_records_only(spool: Spool, damage):
    spool.write([span(n, trace=1) for n in range(1, 4)])
    spool.store.load()
    first = spool.parts()[0]
    spool.write([span(n, trace=2) for n in range(4, 6)])
    spool.store.load()
    damage(first)
    with spool.store.reader() as reader:
        assert reader.query("SELECT sum(length(name)), count(*) FROM dwd_spans").rows[0][1] == 2
        assert len(reader.notes) == 1
        assert str(first) in reader.notes[0]
        assert [s.name for s in reader.spans(f"{2:032x}")] == ["span 4", "span 5"]
        assert reader.spans(f"{1:032x}") == []
        assert reader.query("SELECT trace_id FROM ads_traces").rows == [(f"{2:032x}",)]
    # New records of the broken part's trace, loading and merging go on around it.
    spool.write([span(n, trace=1) for n in range(6, 9)])
    spool.store.load()
    spool.store.compact()
    assert spool.store.info().spans == 5
    assert any(str(first) in problem for problem in spool.store.info().problems)


@pytest.mark.parametrize("damage", [damage_cut, damage_middle, damage_footer, Path.unlink])
def test_trace_rows_that_cannot_be_read_are_made_from_the_spans(spool: Spool, damage):
    spool.write([span(n, trace=1 + n // 4) for n in range(1, 8)])
    spool.store.load()
    spool.write([span(8, trace=1), span(9, trace=3)])
    spool.store.load()
    with spool.store.reader() as reader:
        sound = reader.query("SELECT * FROM ads_traces ORDER BY trace_id").rows
    for summary in (spool.home / "lake" / "trace").rglob("*.parquet"):
        damage(summary)
    for _ in range(2):
        with LakeStore(spool.home).reader() as reader:
            assert reader.query("SELECT count(*) FROM dwd_spans").rows == [(9,)]
            assert reader.query("SELECT * FROM ads_traces ORDER BY trace_id").rows == sound
            assert reader.query("SELECT count(*) FROM dwd_spans").rows == [(9,)]
            assert len(reader.spans(f"{1:032x}")) == 4
            assert reader.notes == []
        spool.store.compact()  # mends it


def test_a_view_of_parts_that_are_deleted_is_refused_and_not_taken_for_all_there_is(spool: Spool):
    for n in range(1, 5):
        spool.write([span(n)])
        spool.store.load()
    with spool.store.reader() as late:
        spool.store.compact()
        spool.clock += 601 * SECOND
        spool.store.load()
        with pytest.raises(StoreError, match="tidied up since") as caught:
            late.query("SELECT count(*) FROM dwd_spans")
        assert caught.value.hint
    assert spool.count() == 4


def test_a_manifest_that_is_gone_is_told_and_its_parts_are_kept(spool: Spool):
    spool.write([span(1)])
    spool.store.load()
    kept = {file: file.read_bytes() for file in (spool.home / "lake").glob("manifest.sqlite*")}
    for file in kept:
        file.unlink()
    spool.write([span(2)])
    for ask in (spool.store.load, spool.store.compact, spool.store.reader, spool.store.info):
        with pytest.raises(StoreError, match="is gone") as caught:
            ask()
        assert "copy" in caught.value.hint
    for file, data in kept.items():
        file.write_bytes(data)
    assert spool.count() == 2


def test_a_damaged_manifest_is_told_in_one_sentence(spool: Spool):
    spool.write([span(1)])
    spool.store.load()
    for file in (spool.home / "lake").glob("manifest.sqlite*"):
        file.write_bytes(b"this is not a database at all" * 100)
    with pytest.raises(StoreError, match="manifest") as caught:
        spool.store.reader()
    assert caught.value.hint


def test_a_span_that_is_none_in_the_manifest_is_told_as_damage(spool: Spool):
    spool.write([span(1), span(2, state="open", end_time=None, duration_ms=None)])
    spool.store.load()
    spool.writer.close()
    with closing(sqlite3.connect(spool.home / "lake" / "manifest.sqlite")) as db, db:
        db.execute("UPDATE open_spans SET record = replace(record, ':', ';')")
    for ask in (spool.store.reader, spool.store.load, spool.store.info):
        with pytest.raises(StoreError, match=r"manifest .* cannot be used") as caught:
            ask()
        assert "copy" in caught.value.hint


def test_a_damaged_page_of_the_manifest_is_found_by_info(spool: Spool):
    spool.write([span(n, trace=n) for n in range(1, 400)])
    spool.store.load()
    file = spool.home / "lake" / "manifest.sqlite"
    with closing(sqlite3.connect(file)) as db:
        page = db.execute("PRAGMA page_size").fetchone()[0]
        (index,) = db.execute(
            "SELECT rootpage FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'trace_parts' "
            "UNION SELECT rootpage FROM sqlite_schema WHERE name = 'trace_parts' LIMIT 1"
        ).fetchone()
    data = bytearray(file.read_bytes())
    data[(index - 1) * page + 200 : index * page] = bytes(page - 200)
    file.write_bytes(data)
    with pytest.raises(StoreError, match=r"manifest .* cannot be used"):
        spool.store.info()


def test_a_lake_of_a_newer_version_is_refused_with_a_way_out(spool: Spool):
    spool.write([span(1)])
    spool.store.load()
    db = sqlite3.connect(spool.home / "lake" / "manifest.sqlite")
    db.execute("PRAGMA user_version = 99")
    db.close()
    for ask in (spool.store.reader, spool.store.load, spool.store.info):
        with pytest.raises(StoreError, match="newer JollyScope") as caught:
            ask()
        assert "pip install -U" in caught.value.hint


@pytest.mark.parametrize(
    ("url", "error", "code"),
    [
        ("lake:///no/such/place", NotFoundError, ExitCode.NOT_FOUND),
        ("lake://{file}", StoreError, ExitCode.FAILED),
        ("lake://{empty}", NotFoundError, ExitCode.NOT_FOUND),
        ("postgres://x", UsageError, ExitCode.MISUSE),
        ("/just/a/path", UsageError, ExitCode.MISUSE),
    ],
)
def test_a_wrong_store_url(tmp_path: Path, url: str, error: type[JollyScopeError], code: ExitCode):
    (tmp_path / "file").touch()
    (tmp_path / "empty").mkdir()
    with pytest.raises(error) as caught:
        open_store(url.format(file=tmp_path / "file", empty=tmp_path / "empty"))
    assert caught.value.exit_code == code
    assert caught.value.hint


class Crash(BaseException):
    """Stands in for the process's end: nothing but `finally` may run after it."""


def steps_of_a_load() -> list[tuple[object, str]]:
    """Every step of a load at which a crash could leave something half done."""
    return [
        (parts.Engine, "write_lines"), (parts.Engine, "_copy"), (parts, "_sync"),
        (manifest, "add_part"), (manifest, "drop_part"), (manifest, "drop_file"),
        (loader, "_record_ranges"), (loader, "_record_open"),
        (parts.Engine, "merge"), (loader.Loader, "_settle_interrupted"),
        (loader.Loader, "_retire_segments"),
    ]  # fmt: skip


@pytest.mark.parametrize("step", range(len(steps_of_a_load())))
@pytest.mark.parametrize("after", [False, True])
def test_a_crash_at_any_step_neither_loses_nor_doubles(
    spool: Spool, monkeypatch: pytest.MonkeyPatch, step: int, after: bool
):
    owner, name = steps_of_a_load()[step]
    spool.write([span(n, trace=1 + n % 3) for n in range(1, 8)])
    spool.write([span(50, state="open", end_time=None, duration_ms=None)])
    spool.store.load()
    spool.write([span(n, trace=1 + n % 3) for n in range(8, 20)])
    spool.write([MetricRecord(record_id="m1", name="cpu", time=5)])
    spool.raw(b"rubbish\n")
    spool.writer.close()
    original = getattr(owner, name)
    for fatal in range(1, 6):
        calls = 0

        def crashing(*args, _original=original, _fatal=fatal, **kwargs):
            nonlocal calls
            calls += 1
            if calls == _fatal and not after:
                raise Crash
            result = _original(*args, **kwargs)
            if calls == _fatal and after:
                raise Crash
            return result

        monkeypatch.setattr(owner, name, crashing)
        try:
            spool.store.load()
            spool.store.compact()
        except Crash:
            pass
        monkeypatch.setattr(owner, name, original)
        with spool.store.reader(load=False) as reader:
            names = [r[0] for r in reader.query(
                "SELECT name FROM (SELECT * FROM dwd_spans UNION ALL SELECT * FROM dwd_open_spans)"
            ).rows]  # fmt: skip
            assert sorted(names) == sorted([f"span {n}" for n in range(1, 20)] + ["span 50"])
            total = reader.query("SELECT sum(span_count) FROM ads_traces").rows
            assert int(total[0][0]) == 20
    spool.store.load()
    assert spool.count() == 20
    with spool.store.reader() as reader:
        assert reader.query("SELECT count(*) FROM dwd_metrics").rows == [(1,)]
        assert reader.query("SELECT count(*) FROM dwd_dead_letters").rows == [(1,)]
        assert reader.query("SELECT state FROM dwd_spans WHERE name = 'span 50'").rows == [
            ("interrupted",)
        ]
    # What the crashes left behind is swept up once the grace period is over.
    spool.clock += 10**6 * SECOND
    future = 2_000_000_000
    for file in (spool.home / "lake").rglob("*.parquet"):
        os.utime(file, (future - 10**9, future - 10**9))
    spool.store.compact()
    spool.clock += 10**6 * SECOND
    spool.store.compact()
    on_disk = {
        str(f.relative_to(spool.home / "lake")) for f in (spool.home / "lake").rglob("*.parquet")
    }
    with spool.store.manifest.read() as db:
        known = {p for part in manifest.parts(db) for p in (part.path, part.summary) if p}
    assert on_disk == known
    assert list(segments(spool_dir(spool.home))) == []


def test_replaced_files_outlive_their_readers_by_the_grace_period(spool: Spool):
    for n in range(1, 5):
        spool.write([span(n)])
        spool.store.load()
    before = spool.parts()
    assert len(before) == 4
    spool.store.compact()
    assert set(before) < set(spool.parts())
    spool.clock += 599 * SECOND
    spool.store.load()
    assert set(before) < set(spool.parts())
    spool.clock += 2 * SECOND
    spool.store.load()
    assert len(spool.parts()) == 1
    assert spool.count() == 4


def test_many_small_loads_merge_themselves(spool: Spool):
    for n in range(1, 50):
        spool.write([span(n)])
        spool.store.load()
    assert spool.store.info().parts < 20
    assert spool.count() == 49


def test_a_read_only_data_directory_can_be_read(spool: Spool):
    spool.write([span(1)])
    spool.store.load()
    spool.write([span(2)])
    home = spool.home
    mount = home.parent / "ro"
    mount.mkdir()
    if os.system(f"mount --bind -o ro {home} {mount} 2>/dev/null") != 0:
        pytest.skip("a read-only mount needs root")
    try:
        store = LakeStore(mount)
        with store.reader() as reader:
            assert reader.query("SELECT count(*) FROM dwd_spans").rows == [(2,)]
        for change in (store.load, store.compact, store.prune, store.tidy):
            with pytest.raises(StoreError, match="Read-only file system") as caught:
                change()
            assert "Nothing is lost" in caught.value.hint
    finally:
        os.system(f"umount {mount}")


def test_a_full_disk_keeps_nobody_from_reading(tmp_path: Path):
    """Loading fails in one sentence, nothing is lost, and all is read from the spool meanwhile."""
    home = tmp_path / "small"
    home.mkdir()
    if os.geteuid() != 0 or os.system(f"mount -t tmpfs -o size=6m none {home} 2>/dev/null") != 0:
        pytest.skip("a small disk needs root")
    try:
        spool = Spool(home)
        text = os.urandom(1500).hex()
        spool.write([span(n, trace=1 + n % 9, input=text) for n in range(1, 1200)])
        filler = home / "filler"
        with filler.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(4096))
        with pytest.raises(StoreError, match="disk is full"):
            spool.store.load()
        with spool.store.reader() as reader:
            assert reader.query("SELECT count(*) FROM dwd_spans").rows == [(1199,)]
            assert reader.query("SELECT sum(span_count) FROM ads_traces").rows == [(1199,)]
        filler.unlink()
        assert spool.store.load() == 1199
        assert spool.count() == 1199
        spool.writer.close()
    finally:
        os.system(f"umount {home}")


def test_the_engine_draws_no_progress_into_anybodys_output(spool: Spool):
    with spool.store.reader() as reader:
        assert reader.query("SELECT current_setting('enable_progress_bar')").rows == [(False,)]


def test_retention_runs_by_itself(tmp_path: Path):
    from jollyscope.config import LakeConfig

    writer = SpoolWriter(spool_dir(tmp_path))
    day = 86_400 * SECOND
    now = 1_700_000_000 * SECOND + 10 * day
    store = LakeStore(tmp_path, LakeConfig(retention_days=3), now=lambda: now)
    old, new = span(1), span(2, start_time=now - day, end_time=now - day + 5)
    writer.write("span", encode_lines([old, new]))
    store.load()
    with store.reader() as reader:
        assert reader.query("SELECT name FROM dwd_spans").rows == [("span 2",)]
    writer.close()


def test_a_batch_over_hundreds_of_days_makes_a_bounded_number_of_parts(spool: Spool):
    day = 86_400 * SECOND
    spool.write([span(n, trace=n, start_time=n * day, end_time=n * day + 1) for n in range(1, 400)])
    spool.store.load()
    assert spool.store.info().parts <= 65
    assert spool.count() == 399
    with spool.store.reader() as reader:
        assert reader.query("SELECT count(*) FROM ads_traces").rows == [(399,)]


def test_a_line_longer_than_the_engines_usual_bound(spool: Spool):
    text = "x" * (5 << 20)
    spool.write([span(1), span(2, input=text), span(3)])
    spool.store.load()
    with spool.store.reader() as reader:
        assert [len(s.input or "") for s in reader.spans(f"{1:032x}")] == [0, len(text), 0]
