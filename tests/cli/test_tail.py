"""`jollyscope tail` in a pipe: its lines, its forms, its ends and what it refuses."""

from __future__ import annotations

import json
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from jollyscope.model.records import EventRecord, MetricRecord, SpanRecord
from jollyscope.model.wire import encode, encode_lines
from jollyscope.query.tail import LETTERS
from jollyscope.transport.spool import SpoolWriter, spool_dir
from tests.cli.conftest import Run
from tests.cli.records import START, TRACE, run, span

EVENT = EventRecord(record_id="e1", time=START, body="disk\nis \x1b[31mfull", severity_number=17,
                    severity="ERROR", service="shop", session_id="s-42")  # fmt: skip
METRIC = MetricRecord(record_id="m1", time=START, name="process.cpu", value=12.5, unit="%")
IDLE = ("--until-idle", "1ms")


@pytest.fixture
def recorded(home: Path) -> list[SpanRecord]:
    """An execution with all kinds of steps, a step that runs, an event and a metric sample."""
    spans = [*run(), span(8, 9000, None, parent=1, name="answer", step_type="think")]
    writer = SpoolWriter(spool_dir(home))
    writer.write("span", encode_lines(spans))
    writer.write("event", encode_lines([EVENT]))
    writer.write("metric", encode_lines([METRIC]))
    writer.close()
    return spans


def tailed(run: Run, *words: str) -> list[str]:
    result = run("tail", "--from-beginning", *IDLE, *words)
    assert result.code == 0, result.err
    return result.out.splitlines()


def test_a_line_says_when_which_step_what_and_how_long(run: Run, recorded: list[SpanRecord]):
    lines = tailed(run, "step:think")
    assert lines[0].split() == [
        "14:03:12.100", "s-42", "◆", "think", "plan", "gpt-4o", "1.10s", "1,077", "plan", "🗺️", "it",
    ]  # fmt: skip
    assert "◐ think answer" in lines[-1]
    (failed,) = tailed(run, "status:error tool:cal*")
    assert "✖ act calendar.add" in failed
    assert failed.endswith("TimeoutError: calendar did not answer")


def test_records_of_other_kinds(run: Run, recorded: list[SpanRecord]):
    (event,) = tailed(run, "--kinds", "event")
    assert "! ERROR" in event
    assert event.endswith("disk is ␛[31mfull")
    (metric,) = tailed(run, "--kinds", "metric")
    assert "~ process.cpu" in metric
    assert metric.endswith("12.5 %")
    assert len(tailed(run)) == len(recorded) + 1
    assert len(tailed(run, "--kinds", "span,event,metric")) == len(recorded) + 2


def test_json_is_what_was_received_byte_for_byte(run: Run, recorded: list[SpanRecord], home: Path):
    odd = b'{"not": "a record",  "spaced" : 1}'
    writer = SpoolWriter(spool_dir(home))
    writer.write("span", odd + b"\n")
    writer.close()
    result = run("tail", "--from-beginning", "--json", "--kinds", "span", *IDLE)
    assert result.out.encode() == encode_lines(recorded) + odd + b"\n"
    # In a line for people it is marked, and a filter leaves it out and counts it.
    assert any(line.split()[1:3] == ["?", "no"] for line in tailed(run, "--kinds", "span"))
    filtered = run("tail", "--from-beginning", "--json", "step:act", *IDLE)
    assert [json.loads(line)["step_type"] for line in filtered.out.splitlines()] == ["act", "act"]
    assert "left out 1 that" in filtered.err


def test_templates(run: Run, recorded: list[SpanRecord]):
    form = r"%T\t%k %n %o|%m|%d %D %c %C %e %q %u %i %p %P 100%%"
    lines = tailed(run, "--format", form, "name:plan", "tokens>0")
    assert lines[0] == (
        f"2026-11-20T14:03:12.100000Z\tthink plan |gpt-4o|1.10s 1100.0 1077 $0.011 unset closed ann "
        f"{TRACE} {2:016x} {1:016x} 100%"
    )
    assert tailed(run, "--format", "%j", "step:response") == [encode(recorded[6]).decode()]
    assert tailed(run, "--format", "%t %s %g %w %f", "step:act name:search") == [
        '14:03:16.120 s-42 ● search {"q":"北京 天气"}'
    ]
    listed = run("tail", "--list-format").out.splitlines()
    assert {line[1] for line in listed} >= set("tsndj%")


def test_grouped_by_session(run: Run, recorded: list[SpanRecord], home: Path):
    writer = SpoolWriter(spool_dir(home))
    other = [span(20 + n, n, 1, name="x", session_id=f"t-{n % 2}") for n in range(4)]
    writer.write("span", encode_lines(other))
    writer.close()
    lines = tailed(run, "--group", "--kinds", "span")
    heads = [line for line in lines if line.startswith("──")]
    assert heads == ["── s-42 ──", "── t-0 ──", "── t-1 ──"]
    assert len(lines) == len(recorded) + len(other) + len(heads)


def test_only_a_session_and_the_last(run: Run, recorded: list[SpanRecord], home: Path):
    assert tailed(run, "--session", "nobody") == []
    assert len(tailed(run, "--session", "s-42")) == len(recorded) + 1
    result = run("tail", "-n", "2", "--kinds", "span", "--format", "%n", *IDLE)
    assert result.out.split() == ["respond", "answer"]
    result = run("tail", "--since", "2026-11-20T14:03:20Z", "--kinds", "span", *IDLE)
    assert [line.split()[0] for line in result.out.splitlines()] == ["14:03:20.000"]


@pytest.mark.parametrize(
    ("words", "code", "shown"),
    [
        (["--exit-on", "status:error"], 10, 6),
        (["--exit-on", "status:error", "step:response"], 10, 1),
        (["--exit-on", "tool:nothing", *IDLE], 0, 8),
        (["--count", "3"], 0, 3),
        (["--count", "300", "--timeout", "1ms"], 124, None),
        (["--until-idle", "1h", "--timeout", "1ms"], 124, None),
        (["--timeout", "1ms"], 0, None),
        (["--count", "8", "--exit-on", "tool:nothing"], 0, 8),
    ],
    ids=["found", "found-unfitting", "never", "count", "missed", "busy", "time", "both"],
)
def test_how_it_ends(
    run: Run, recorded: list[SpanRecord], words: list[str], code: int, shown: int | None
):
    result = run("tail", "--from-beginning", "--kinds", "span", *words)
    assert result.code == code
    if shown is not None:
        assert len(result.out.splitlines()) == shown


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["calls.search>3"], "a whole trace"),
        (["--exit-on", "label:x"], "what people add"),
        (["--exit-on", "("], "("),
        (["--format", "%Z"], "%Z"),
        (["--format", "50%"], "% at the end"),
        (["--json", "--group"], "forms of one line"),
        (["-n", "3", "--since", "1h"], "Choose one"),
        (["-n", "-1"], "-n -1 is too few"),
        (["--count", "0"], "--count 0 is too few"),
        (["--until-idle", "soon"], "no length of time"),
        (["--kinds", "span,logs"], "`logs` is no kind of record"),
        (["--offset", "3"], "no offsets"),
        (["--partition", "3"], "no partitions"),
        (["--source", "mars"], "mars"),
        (["--store", "lake:///tmp"], "not in a store"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_what_it_refuses(run: Run, words: Sequence[str], said: str):
    result = run("tail", *words)
    assert result.code == 2
    assert said in result.err
    assert result.out == ""


def test_it_follows_the_backend_that_runs_and_says_so(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
):
    from jollyscope.store.backend_state import Addresses, BackendState, write_state

    nowhere = "127.0.0.1:1"
    there = Addresses(
        kafka=nowhere, flink="", clickhouse="", grafana="", otlp_grpc="", otlp_http=""
    )
    write_state(home, BackendState(profile="small", addresses=there, started=1))
    result = run("tail", "--timeout", "1ms")
    assert f"Following kafka {nowhere}." in result.err
    assert f"Kafka does not answer at {nowhere}" in result.err
    assert "the spool" in run("tail", "--timeout", "1ms", "--source", "spool").err
    write_state(home, BackendState(profile="small", addresses=there, started=1, running=False))
    assert "the spool" in run("tail", "--timeout", "1ms").err
    monkeypatch.setenv("JOLLYSCOPE_KAFKA_BROKERS", "127.0.0.1:2")
    assert "kafka 127.0.0.1:2" in run("tail", "--timeout", "1ms").err


def test_a_step_that_starts_later_is_followed_and_ctrl_c_ends_it(home: Path):
    command = [sys.executable, "-m", "jollyscope_cli", "tail", "--format", "%n"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0)
    try:
        assert process.stdout is not None
        assert process.stderr is not None
        assert b"Following the spool" in process.stderr.readline()
        assert b"yet" in process.stderr.readline()
        writer = SpoolWriter(spool_dir(home))
        writer.write("span", encode_lines(run()[:1]))
        assert process.stdout.readline() == b"agent\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
        writer.close()
    finally:
        process.kill()
        process.communicate()


def test_who_stops_reading_ends_it_without_a_word(home: Path, recorded: list[SpanRecord]):
    command = [sys.executable, "-m", "jollyscope_cli", "tail", "--from-beginning", "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    writer = SpoolWriter(spool_dir(home))
    writer.write("span", encode_lines(run() * 1000))
    assert process.stderr is not None
    assert process.stderr.read().count(b"\n") == 1
    assert process.wait(60) == 0
    writer.close()


PAGE = (Path(__file__).parents[2] / "docs" / "tail.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"(?m)^ *(jollyscope tail.*?)(?: *[|#].*)?$", PAGE)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_of_the_page_runs(run: Run, recorded: list[SpanRecord], command: str):
    args = shlex.split(command)[1:]
    ends = [word for word in args if word in ("--until-idle", "--timeout")]
    for option in ends:
        args[args.index(option) + 1] = "1ms"
    result = run(*args, *([] if ends else ["--timeout", "1ms"]))
    assert result.code in (0, 10), result.err


def test_the_page_has_every_letter():
    assert len(COMMANDS) > 6
    for letter, (meaning, _) in LETTERS.items():
        assert f"| `%{letter}` | {meaning} |" in PAGE
