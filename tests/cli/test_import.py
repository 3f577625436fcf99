"""`jollyscope import`"""

from __future__ import annotations

import gzip
import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from jollyscope.transport.spool import spool_dir
from tests.conftest import SHARED_DATA
from tests.library.importers import samples as s
from tests.library.importers.helpers import lines, write

TRACE = s.TRACE


@pytest.fixture
def file(tmp_path) -> Path:
    return write(tmp_path / "trace.json", s.JAEGER)


def stored(run) -> dict[str, int]:
    found = json.loads(run("store", "info", "--json").out)
    return {key: found[key] for key in ("traces", "spans", "metrics", "events", "waiting_bytes")}


def test_one_trace(run, home, file):
    done = run("import", str(file))
    assert (done.code, done.out) == (0, "")
    assert done.err == (
        f"{file}: Jaeger JSON, 2 spans\n"
        "Imported 2 spans in 1 trace from 1 file.\n"
        f"`jollyscope show {TRACE[:12]}` draws it.\n"
    )
    # The lake has it: nothing is left to load for the next command.
    expected = {"traces": 1, "spans": 2, "metrics": 0, "events": 0, "waiting_bytes": 0}
    assert stored(run) == expected
    shown = run("show", TRACE[:12])
    assert shown.code == 0
    assert "span 4" in shown.out


def test_twice_changes_nothing(run, home, file, tmp_path):
    otlp = write(tmp_path / "x.jsonl", lines(s.OTLP_LOGS, s.OTLP_METRICS))
    chat = write(tmp_path / "chat", s.TAU)
    for number in range(2):
        packed = write(tmp_path / f"copy-{number}", gzip.compress(chat.read_bytes()))
        run("import", str(file), str(otlp), str(packed))
        found = stored(run)
        assert found == {"traces": 3, "spans": 16, "metrics": 1, "events": 1, "waiting_bytes": 0}
    first = json.loads(run("ls", "--json").out)
    run("import", str(chat))
    assert json.loads(run("ls", "--json").out) == first


def test_a_bad_file_is_named_the_others_go_on_and_the_code_is_1(run, home, file, tmp_path):
    bad = write(tmp_path / "bad.json", json.dumps(s.JAEGER)[:-30])
    broken = write(tmp_path / "lines", lines(s.ZIPKIN[0]) + "{nothing\n" + lines(s.ZIPKIN[1]))
    done = run("import", str(bad), str(broken), str(tmp_path / "none"), str(file))
    assert done.code == 1
    assert f"{bad}: line 1 (byte " in done.err
    assert f"{broken}: line 2 (byte {len(lines(s.ZIPKIN[0]))}): this is no JSON" in done.err
    assert f"{tmp_path / 'none'}: it cannot be opened: No such file or directory." in done.err
    assert "3 could not be read and were left out." in done.err
    assert stored(run)["spans"] == 2


def test_only_bad_files(run, home, tmp_path):
    done = run("import", str(write(tmp_path / "x", "hello")))
    assert done.code == 1
    assert f"{tmp_path / 'x'}: it is no trace file that is known here.\n" in done.err
    assert "Nothing was imported." in done.err
    assert not spool_dir(home).exists()


def test_a_folder(run, home, tmp_path, file):
    folder = tmp_path / "traces"
    folder.mkdir()
    write(folder / "notes.md", "# notes")
    for number in range(30):
        said = [{"role": "user", "content": str(number)}]
        write(folder / f"{number:02}.json", [s.MESSAGES, said])
    done = run("import", str(folder))
    assert done.code == 0
    assert "1 file is no trace file and was passed over.\n" in done.err
    assert done.err.count(": chat transcript, ") == 20
    assert "`jollyscope ls` lists them" in done.err
    assert stored(run)["traces"] == 31


def test_counting_only(run, home, file):
    done = run("import", "--dry-run", str(file))
    assert done.code == 0
    assert "Found 2 spans in 1 trace from 1 file.\n" in done.err
    assert not home.exists()


def test_json(run, home, file, tmp_path):
    bad = write(tmp_path / "bad", "x")
    done = run("import", "--json", str(file), str(bad))
    assert done.code == 1
    summary = json.loads(done.out)
    assert {key: summary[key] for key in ("files", "spans", "traces", "skipped", "failed")} == {
        "files": 1, "spans": 2, "traces": 1, "skipped": 1, "failed": 1,
    }  # fmt: skip
    assert summary["trace_id"] is None or summary["trace_id"] == TRACE
    good, wrong = summary["reports"]
    assert (good["file"], good["format"], good["spans"]) == (str(file), "jaeger", 2)
    assert wrong["problems"] == ["it is no trace file that is known here"]


def test_options(run, home, file):
    done = run("import", "--format", "jager", str(file))
    assert done.code == 2
    assert "There is no format `jager`." in done.err
    assert "otlp" in done.err
    assert run("import").code == 2
    assert run("import", "--format", "zipkin", str(file)).code == 1
    run("import", "--service", "mine", "--session", "today", str(file))
    (row,) = json.loads(run("ls", "--json").out)
    assert (row["service"], row["session_id"]) == ("mine", "today")


def test_into_another_store(run, home, file, tmp_path):
    other = tmp_path / "other"
    (other / "spool").mkdir(parents=True)
    assert run("import", "--store", f"lake://{other}", str(file)).code == 0
    assert not home.exists()
    assert len(json.loads(run("ls", "--json", "--store", f"lake://{other}").out)) == 1


def test_standard_input(home, file):
    done = subprocess.run(
        [sys.executable, "-m", "jollyscope_cli", "import", "-"],
        input=gzip.compress(file.read_bytes()),
        capture_output=True,
        timeout=60,
    )
    assert done.returncode == 0
    assert b"standard input: Jaeger JSON, 2 spans\n" in done.stderr


def test_ctrl_c_keeps_what_was_imported(run, home, file):
    process = subprocess.Popen(
        [sys.executable, "-m", "jollyscope_cli", "import", str(file), "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    first = process.stderr.readline()  # the file is done; it waits for standard input now
    assert "Jaeger JSON" in first
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Interrupted after 1 file. What was imported stays" in err
    assert "Traceback" not in err
    assert stored(run)["spans"] == 2


def test_a_progress_bar_on_a_terminal_only(home, file):
    """The bar goes to the terminal that stderr is; what is told of each file stays readable there."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "jollyscope_cli", "import", str(file)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=follower,
        env={**os.environ, "COLUMNS": "200"},
    )
    os.close(follower)
    shown = b""
    while True:
        try:
            data = os.read(leader, 65536)
        except OSError:
            break
        if not data:
            break
        shown += data
    os.close(leader)
    out, _ = process.communicate(timeout=60)
    assert (process.returncode, out) == (0, b"")
    assert b"trace.json" in shown
    assert b"\x1b[" in shown
    assert b"2 spans" in shown


@pytest.mark.skipif(not SHARED_DATA.exists(), reason=f"{SHARED_DATA} is not there")
def test_all_the_shared_data(run, home):
    done = run("import", str(SHARED_DATA))
    assert done.code == 0
    assert (
        "Imported 777 spans, 4,551 metrics and 23 events" not in done.err
    )  # scores are events too
    found = stored(run)
    assert (found["spans"], found["traces"], found["metrics"]) == (777, 153, 4551)
    assert json.loads(run("store", "info", "--json").out)["dead_letters"] == 0
