"""`jollyscope run`: the program is not disturbed, and what it traces is recorded."""

from __future__ import annotations

import json
import random
import re
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.running import RUN, TOOL_CALL, environment, listed, run, shown

PYTHON = sys.executable


@pytest.mark.parametrize("code", [0, 1, 3, 127, 255])
def test_the_exit_code_is_passed_on(tmp_path: Path, code: int):
    done = run(tmp_path, "--", "sh", "-c", f"exit {code}")
    assert done.returncode == code
    assert f"exit code {code}".encode() in done.stderr


@pytest.mark.parametrize("name", ["KILL", "TERM", "SEGV"])
def test_a_signal_that_ends_the_program_is_128_and_its_number(tmp_path: Path, name: str):
    done = run(tmp_path, "sh", "-c", f"kill -{name} $$")
    assert done.returncode == 128 + getattr(signal, f"SIG{name}")
    assert f"ended by SIG{name}".encode() in done.stderr


def test_streams_are_the_programs_own(tmp_path: Path):
    data = random.Random(1).randbytes(3_000_000)
    done = run(tmp_path, "cat", stdin=data)
    assert done.stdout == data
    done = run(tmp_path, "sh", "-c", "echo mine >&2; printf theirs", OTEL_SDK_DISABLED="true")
    assert done.stdout == b"theirs"
    assert done.stderr.startswith(b"mine\n\njollyscope: no spans were recorded")
    assert b"OTEL_SDK_DISABLED" in done.stderr


def test_what_follows_the_program_is_its_own(tmp_path: Path):
    said = ["--debug", "--store", "x", "--help", "--ui", "--", "a b", "", "*"]
    for before in ([], ["--"]):
        done = run(tmp_path, *before, "printf", "%s|", *said)
        assert done.stdout.decode() == "".join(f"{word}|" for word in said)


def test_a_program_that_is_not_there(tmp_path: Path):
    for name in ("no-such-program", "./no-such-program", str(tmp_path / "nothing")):
        done = run(tmp_path, "--", name, "-x")
        assert done.returncode == 127
        assert done.stderr.decode().splitlines()[0] == f"jollyscope: There is no program `{name}`."
        assert done.stdout == b""
    assert not (tmp_path / "spool").exists()


def test_a_file_that_cannot_be_run(tmp_path: Path):
    plain = tmp_path / "plain"
    plain.write_text("echo hello")
    done = run(tmp_path, str(plain))
    assert (done.returncode, b"is not executable" in done.stderr) == (126, True)
    plain.chmod(0o755)
    done = run(tmp_path, str(plain))  # neither a binary nor a script that says who reads it
    assert (done.returncode, b"first line" in done.stderr) == (126, True)
    done = run(tmp_path, str(tmp_path) + "/")
    assert (done.returncode, b"is a directory" in done.stderr) == (126, True)


def test_misuse(tmp_path: Path):
    assert run(tmp_path).returncode == 2
    assert run(tmp_path, "--nonsense", "true").returncode == 2
    done = run(tmp_path, "--ui", "touch", str(tmp_path / "ran"))
    assert (done.returncode, b"needs a terminal" in done.stderr) == (2, True)
    done = run(tmp_path, "--store", f"lake://{tmp_path}", "touch", str(tmp_path / "ran"))
    assert (done.returncode, b"JOLLYSCOPE_HOME" in done.stderr) == (2, True)
    assert not (tmp_path / "ran").exists()


def seen_by(home: Path, *options: str, **environ: str) -> dict[str, str]:
    """The environment as the program has it."""
    code = "import json, os; print(json.dumps(dict(os.environ)))"
    done = run(home, *options, "--no-instrument", PYTHON, "-c", code, **environ)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_variables(tmp_path: Path):
    seen = seen_by(tmp_path)
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", seen["OTEL_EXPORTER_OTLP_ENDPOINT"])
    assert seen["OTEL_EXPORTER_OTLP_PROTOCOL"] == "http/protobuf"
    for signal_ in ("TRACES", "METRICS", "LOGS"):
        assert seen[f"OTEL_{signal_}_EXPORTER"] == "otlp"
    assert seen["OTEL_SERVICE_NAME"] == "python"
    assert seen["OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"] == "true"
    assert "127.0.0.1" in seen["NO_PROXY"].split(",")
    assert "127.0.0.1" in seen["no_proxy"].split(",")


def test_what_the_user_set_stays_but_for_where_it_goes(tmp_path: Path):
    seen = seen_by(
        tmp_path,
        OTEL_EXPORTER_OTLP_ENDPOINT="https://elsewhere",
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT="https://elsewhere/v1/traces",
        OTEL_EXPORTER_OTLP_HEADERS="api-key=secret",
        OTEL_TRACES_EXPORTER="console",
        OTEL_SERVICE_NAME="mine",
        OTEL_RESOURCE_ATTRIBUTES="team=a,deployment.environment=b",
        OTEL_BSP_SCHEDULE_DELAY="7",
        OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT="EVENT_ONLY",
        NO_PROXY="intern.example",
    )
    assert "elsewhere" not in json.dumps(seen)
    assert "secret" not in json.dumps(seen)
    assert seen["OTEL_TRACES_EXPORTER"] == "otlp"
    assert seen["OTEL_SERVICE_NAME"] == "mine"
    assert seen["OTEL_RESOURCE_ATTRIBUTES"].startswith(
        "team=a,deployment.environment=b,jollyscope.run.id="
    )
    assert seen["OTEL_BSP_SCHEDULE_DELAY"] == "7"
    assert seen["OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"] == "EVENT_ONLY"
    assert seen["NO_PROXY"] == "intern.example,127.0.0.1,localhost"
    named = seen_by(tmp_path, OTEL_RESOURCE_ATTRIBUTES="service.name=there")
    assert "OTEL_SERVICE_NAME" not in named


def test_no_content_says_so_to_every_family_of_instrumentations(tmp_path: Path):
    seen = seen_by(
        tmp_path, "--no-content", OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT="true"
    )
    assert seen["OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"] == "false"
    assert seen["TRACELOOP_TRACE_CONTENT"] == "false"
    assert seen["OPENINFERENCE_HIDE_INPUTS"] == seen["OPENINFERENCE_HIDE_OUTPUTS"] == "true"


def test_a_program_without_telemetry_is_told_why_nothing_came(tmp_path: Path):
    done = run(tmp_path, "echo", "hi")
    assert (done.returncode, done.stdout) == (0, b"hi\n")
    assert b"no spans were recorded" in done.stderr
    assert b"OTEL_EXPORTER_OTLP_ENDPOINT" in done.stderr
    done = run(tmp_path, PYTHON, "-c", "print('hi')")
    assert b"nothing in it made spans" in done.stderr
    done = run(tmp_path, "--no-instrument", PYTHON, "-c", TOOL_CALL)
    assert b"leave --no-instrument out" in done.stderr
    subprocess.run([PYTHON, "-m", "venv", "--without-pip", str(tmp_path / "venv")], check=True)
    done = run(tmp_path, str(tmp_path / "venv" / "bin" / "python"), "-c", "print('hi')")
    assert b"has no OpenTelemetry" in done.stderr
    assert listed(tmp_path) == []


def ways(folder: Path) -> dict[str, list[str]]:
    """The ways in which a Python program is started."""
    (folder / "weatherman.py").write_text(TOOL_CALL)
    script = folder / "weather-cli"
    script.write_text(f"#!{PYTHON}\n{TOOL_CALL}")
    long = folder / "weather-long"
    long.write_text(f"#!/bin/sh\n'''exec' {PYTHON} \"$0\" \"$@\"\n' '''\n{TOOL_CALL}")
    for file in (script, long):
        file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return {
        "weatherman": [PYTHON, "-u", str(folder / "weatherman.py")],
        "weatherman ": [PYTHON, "-m", "weatherman"],
        "weather-cli": [str(script)],
        "weather-long": [str(long)],
    }


@pytest.mark.parametrize("name", ["weatherman", "weatherman ", "weather-cli", "weather-long"])
def test_a_python_program_is_instrumented(tmp_path: Path, name: str):
    command = ways(tmp_path)[name]
    done = run(tmp_path, *command, PYTHONPATH=str(tmp_path))
    assert done.returncode == 0, done.stderr
    (trace,) = listed(tmp_path)
    assert (trace["service"], trace["name"], trace["tools"]) == (name.strip(), "ask", ["weather"])
    said = done.stderr.decode()
    assert "1 trace · 1 tool call (weather) · 0 errors · " in said
    assert f"`jollyscope show {trace['trace_id'][:8]}` draws it" in said
    assert f"`jollyscope ui {trace['trace_id'][:8]}` opens it" in said
    resource = shown(tmp_path, trace["trace_id"])["spans"][0].get("resource", {})
    assert "127.0.0.1" not in json.dumps(resource)


def test_its_own_wrapper_is_not_wrapped_again(tmp_path: Path):
    wrapper = str(Path(PYTHON).with_name("opentelemetry-instrument"))
    done = run(tmp_path, wrapper, PYTHON, "-c", TOOL_CALL)
    assert done.returncode == 0, done.stderr
    assert [trace["name"] for trace in listed(tmp_path)] == ["ask"]


def test_a_program_of_the_sdk_is_recorded_once(tmp_path: Path):
    code = """
import jollyscope
jollyscope.init(service="mine")
with jollyscope.run("ask", input="weather?") as whole:
    with jollyscope.act("weather", input={"city": "北京"}) as step:
        step.output("sunny ☀")
    whole.output("sunny")
"""
    for options in ([], ["--no-instrument"]):
        done = run(tmp_path, *options, PYTHON, "-c", code)
        assert done.returncode == 0, done.stderr
        assert b"1 trace \xc2\xb7 1 tool call (weather)" in done.stderr
    traces = listed(tmp_path)
    assert [trace["span_count"] for trace in traces] == [2, 2]
    assert all(trace["input"] == "weather?" for trace in traces)


def test_runs_at_once_are_told_apart(tmp_path: Path):
    home = tmp_path
    running = [
        subprocess.Popen(
            [*RUN, PYTHON, "-c", TOOL_CALL], env=environment(home), stderr=subprocess.PIPE
        )
        for _ in range(3)
    ]
    said = [process.communicate(timeout=120)[1].decode() for process in running]
    assert all("\n1 trace · " in text for text in said)
    traces = {trace["trace_id"][:8] for trace in listed(home)}
    assert {re.findall(r"show ([0-9a-f]{8})", text)[0] for text in said} == traces
    assert len(traces) == 3


def test_many_traces_are_summed(tmp_path: Path):
    code = TOOL_CALL.replace("with tracer", "for _ in range(30):\n  with tracer", 1)
    head, loop = code.split("for _ in", 1)
    code = head + "for _ in" + loop.replace("\n    ", "\n      ")
    done = run(tmp_path, PYTHON, "-c", code)
    said = done.stderr.decode()
    assert "10 more; `jollyscope ls` lists them" in said
    assert "30 traces · 30 tool calls (weather) · 0 errors" in said
    assert len(listed(tmp_path)) == 30


TRAPPED = """
import os, signal, sys, time
def told(number, frame):
    print(signal.Signals(number).name, flush=True)
    sys.exit(7)
for name in ("SIGTERM", "SIGHUP", "SIGINT", "SIGUSR1"):
    signal.signal(getattr(signal, name), told)
print("ready", flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT", "SIGUSR1"])
def test_signals_sent_to_it_reach_the_program(tmp_path: Path, name: str):
    process = subprocess.Popen(
        [*RUN, "--no-instrument", PYTHON, "-c", TRAPPED],
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,  # no terminal whose keys could have been meant
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    process.send_signal(getattr(signal, name))
    out, err = process.communicate(timeout=60)
    assert out == f"{name}\n".encode()
    assert process.returncode == 7
    assert b"exit code 7" in err


def test_an_ignored_signal_stays_ignored(tmp_path: Path):
    """As in `nohup jollyscope run …`."""
    code = "import signal; print(signal.getsignal(signal.SIGHUP) == signal.SIG_IGN)"
    done = subprocess.run(
        ["nohup", *RUN, "--no-instrument", PYTHON, "-c", code],
        env=environment(tmp_path), capture_output=True, timeout=60, check=True,
    )  # fmt: skip
    assert done.stdout == b"True\n"


def test_a_data_directory_that_cannot_be_written_does_not_stop_the_program(tmp_path: Path):
    home = tmp_path / "file"
    home.write_text("")
    done = run(home, PYTHON, "-c", TOOL_CALL + "\nprint('done'); sys.exit(5)")
    assert done.stdout == b"done\n"
    assert done.returncode == 5
    assert str(home) in done.stderr.decode()


def test_descriptors_are_not_left_to_the_program(tmp_path: Path):
    code = "import os; print(sorted(int(n) for n in os.listdir('/proc/self/fd'))[:6])"
    done = run(tmp_path, "--no-instrument", PYTHON, "-c", code)
    assert done.stdout == b"[0, 1, 2, 3]\n"  # 3 lists the folder


def test_where_only_the_grpc_exporter_is_there_it_is_used(tmp_path: Path):
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\n"
        "class Without:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.startswith('opentelemetry.exporter.otlp.proto.http'):\n"
        "            raise ModuleNotFoundError(name)\n"
        "sys.meta_path.insert(0, Without())\n"
    )
    own = TOOL_CALL.replace(
        "tracer =",
        "from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter\n"
        "from opentelemetry.sdk.trace import TracerProvider\n"
        "from opentelemetry.sdk.trace.export import BatchSpanProcessor\n"
        "trace.set_tracer_provider(TracerProvider())\n"
        "trace.get_tracer_provider().add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))\n"
        "tracer =",
    )
    done = run(tmp_path, "--no-instrument", PYTHON, "-c", own, PYTHONPATH=str(tmp_path))
    assert b"1 trace \xc2\xb7 1 tool call" in done.stderr, done.stderr
