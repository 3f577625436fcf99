"""No secret is in what any command says, in what it writes, or on the command line of what it starts."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from jollyscope.config import CollectConfig, KafkaConfig, load
from jollyscope.model.wire import encode_lines
from jollyscope.receive.otlp.server import OtlpServer
from jollyscope.receive.spool_sink import SpoolSink
from jollyscope.redact import redact, redact_setting
from jollyscope.store.backend_state import Addresses, BackendState, write_state
from jollyscope.transport.spool import SpoolWriter, spool_dir
from tests.cli import records
from tests.cli.conftest import Run
from tests.library.receive.serving import post, traces
from tests.library.receive.test_grpc import NAMES

CANARY = "kAnArY-7f3a"
"""Part of every secret below."""
CONFIG = f"""
[collect]
token = "{CANARY}-file-token"
[kafka]
brokers = "127.0.0.1:1"
[kafka.properties]
"sasl.username" = "ann"
"sasl.password" = "{CANARY}-sasl"
"ssl.key.password" = "{CANARY}-ssl"
"""
ENVIRONMENT = {
    "OTEL_EXPORTER_OTLP_HEADERS": f"authorization=Bearer%20{CANARY}-otlp",
    "OPENAI_API_KEY": f"sk-{CANARY}",
    "AWS_SECRET_ACCESS_KEY": f"{CANARY}-aws",
    "JOLLYSCOPE_CLICKHOUSE_PASSWORD": f"{CANARY}-click",
    "JOLLYSCOPE_GRAFANA_PASSWORD": f"{CANARY}-graf",
    "HTTPS_PROXY": f"http://ann:{CANARY}-proxy@127.0.0.1:1",
}
URL = f"clickhouse://ann:{CANARY}-p@ss@127.0.0.1:1/jollyscope"
TRACE = "1" * 32
DOCKER = """#!/bin/sh
echo "$0 $*" >>"$ARGUMENTS"
case "$*" in *version*|*info*) echo 16000000000;; *) echo "no space left" >&2; exit 1;; esac
"""


@pytest.fixture(autouse=True)
def secrets(home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Secrets wherever one can stand, a trace to look at, and an engine that fails."""
    Path(os.environ["JOLLYSCOPE_CONFIG"]).write_text(CONFIG)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    writer = SpoolWriter(spool_dir(home))
    writer.write("span", encode_lines([records.span(1, 0, 10, trace_id=TRACE)]))
    writer.close()
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "docker").write_text(DOCKER)
    (tools / "docker").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:/bin:/usr/bin")
    monkeypatch.setenv("JOLLYSCOPE_COMPOSE", "docker compose")
    monkeypatch.setenv("ARGUMENTS", str(tmp_path / "arguments"))


@pytest.fixture
def backend(home: Path) -> None:
    """One that does not answer."""
    at = Addresses(
        kafka="127.0.0.1:1", flink="http://127.0.0.1:1", grafana="http://127.0.0.1:1",
        clickhouse=URL.replace("@ss", ""), otlp_grpc="127.0.0.1:1", otlp_http="http://127.0.0.1:1",
    )  # fmt: skip
    write_state(home, BackendState(profile="small", addresses=at, started=1))


COMMANDS = [
    ["doctor"], ["doctor", "--json"], ["config"], ["config", "--json"], ["config", "get", "kafka.brokers"],
    ["version"], ["ls"], ["ls", "spans", "--json"], ["show", TRACE, "--json"], ["stats", "--json"],
    ["analyze"], ["sql", "SELECT * FROM dwd_spans", "--json"], ["store", "info", "--json"], ["store", "info"],
    ["store", "compact"], ["label", TRACE, "good"], ["export", "-o", "{out}/all.json"],
    ["export", "-o", "{out}/all.otlp.json"], ["export", "-o", "{out}/all.jsonl"],
    ["diff", TRACE, TRACE], ["tail", "-n", "1", "--timeout", "200ms"],
]  # fmt: skip
BACKEND = [
    ["health"],
    ["health", "--json"],
    ["status"],
    ["logs"],
    ["up"],
    ["restart"],
    ["down"],
    ["ls"],
]
AWAY = [
    ["ls"],
    ["show", TRACE],
    ["sql", "SELECT 1"],
    ["store", "info"],
    ["doctor"],
    ["doctor", "--json"],
]
FORGOTTEN = {
    "a password with a slash": f"clickhouse://ann:1/{CANARY}@127.0.0.1/db",
    "a port that is none": f"clickhouse://ann:{CANARY}@127.0.0.1:port/db",
    "no scheme": f"ann:{CANARY}@127.0.0.1",
    "another scheme": f"postgres://ann:{CANARY}@127.0.0.1/db",
    "two databases": f"clickhouse://ann:{CANARY}@127.0.0.1/a/b",
    "an unknown option": f"clickhouse://ann:{CANARY}@127.0.0.1/db?x=1",
}  # fmt: skip


def hidden(found: object) -> None:
    assert CANARY not in str(found)


def written(folder: Path) -> Iterator[tuple[Path, bytes]]:
    for file in folder.rglob("*"):
        if file.is_file():
            yield file, file.read_bytes()


def test_no_command_says_or_writes_one(run: Run, tmp_path: Path, home: Path):
    out = tmp_path / "out"
    out.mkdir()
    for command in COMMANDS:
        done = run(*(part.format(out=out) for part in command))
        hidden(done)
        assert done.out or done.err or command[0] == "store", command
    assert sorted(file.name for file in out.iterdir()) == ["all.json", "all.jsonl", "all.otlp.json"]
    for file, data in [*written(out), *written(home)]:
        assert CANARY.encode() not in data, file


def test_a_backend_that_does_not_answer_or_start(
    run: Run,
    backend: None,
    tmp_path: Path,
    home: Path,
):
    for command in BACKEND:
        hidden(run("--debug", *command))
    started = (tmp_path / "arguments").read_text()
    assert "compose" in started
    hidden(started)  # others see what a program is started with
    for file, data in written(home):
        if CANARY.encode() in data:
            assert file.stat().st_mode & 0o077 == 0, file
            assert file.name in ("state.json", ".env"), file


def test_a_store_that_is_away(run: Run):
    for command in AWAY:
        for more in ([], ["--debug"]):
            done = run("--store", URL, *more, *command)
            assert done.code
            hidden(done)


@pytest.mark.parametrize("what", FORGOTTEN)
def test_a_store_that_is_misspelt(run: Run, monkeypatch: pytest.MonkeyPatch, what: str):
    monkeypatch.setenv("JOLLYSCOPE_STORE", FORGOTTEN[what])
    for command in (["ls"], ["doctor"], ["config"], ["config", "--json"]):
        done = run("--debug", *command)
        assert CANARY not in done.err
        if command[0] != "config" or what != "no scheme":
            assert CANARY not in done.out


WRONG = {
    "JOLLYSCOPE_KAFKA_PROPERTIES": [
        f'{{"sasl.password": "{CANARY}"', f'{{"sasl.password": ["{CANARY}"]}}', CANARY,
    ],
    "JOLLYSCOPE_COLLECT_HTTP_PORT": [f"http://ann:{CANARY}@h:4318"],
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_setting_that_is_wrong(run: Run, monkeypatch: pytest.MonkeyPatch, name: str):
    for value in WRONG[name]:
        monkeypatch.setenv(name, value)
        done = run("--debug", "config")
        assert done.code == 2
        assert name in done.err
        hidden(done)


def test_a_settings_file_that_is_wrong(run: Run):
    file = Path(os.environ["JOLLYSCOPE_CONFIG"])
    for text in (
        f'[collect]\ntoken = ["{CANARY}"]\n',
        f'[kafka.properties]\n"sasl.password" = ["{CANARY}"]\n',
        f'[collect]\ntoken = "{CANARY}\n',
        f"[collect]\ntoken = {CANARY}\n",
    ):
        file.write_text(text)
        for command in (["config"], ["doctor", "--json"], ["ls"]):
            hidden(run("--debug", *command))


def test_a_receiver_keeps_what_senders_say_to_itself(
    home: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
):
    caplog.set_level(logging.DEBUG)
    said: list[str] = []
    config = CollectConfig(http_port=0, grpc_port=0, token=f"{CANARY}-right")
    troubles: list[BaseException] = []
    with SpoolSink(home) as sink, OtlpServer(sink, config, on_trouble=troubles.append) as server:
        for token in ("right", "wrong"):
            bearer = f"Bearer {CANARY}-{token}"
            answer = post(server, traces(), authorization=bearer)
            said.append(f"{answer}")
            with grpc.insecure_channel(f"127.0.0.1:{server.grpc_port}") as channel:
                call = channel.unary_unary(NAMES["traces"])
                made = call.future(traces(), metadata=[("authorization", bearer)], timeout=20)
                said.append(f"{made.code()} {made.details()} {made.trailing_metadata()}")
        said.append(str(post(server, b"", "/healthz", "GET")))
    assert ["status=200" in text for text in said[::2]] == [True, False, True]
    assert ["OK" in text for text in said[1::2]] == [True, False]
    hidden(said)
    hidden(troubles)
    hidden(caplog.text)
    hidden(capfd.readouterr())
    for file, data in written(home):
        assert CANARY.encode() not in data, file


def test_doctor_tells_of_a_settings_file_that_others_may_read(run: Run):
    file = Path(os.environ["JOLLYSCOPE_CONFIG"])
    for mode, warned in ((0o600, False), (0o640, True), (0o644, True)):
        file.chmod(mode)
        done = run("doctor")
        assert ("which has collect.token, kafka.properties" in done.out) == warned
        assert (f"chmod 600 {file}" in done.out) == warned
        hidden(done)
    file.write_text("[sdk]\nqueue = 7\n")
    assert "chmod" not in run("doctor").out


SHOWN = {
    f"clickhouse://ann:{CANARY}@host/db": "clickhouse://ann:***@host/db",
    f"clickhouse://ann:{CANARY}@x/y@host/db": "clickhouse://ann:***@host/db",
    f"two: http://a:{CANARY}@h and https://b:{CANARY}@h:1/x.": "two: http://a:***@h and https://b:***@h:1/x.",
    f"http://:{CANARY}@h": "http://:***@h",
    "http://host:8080/path": "http://host:8080/path",
    "ann@host": "ann@host",
}  # fmt: skip


def test_addresses_are_shown_without_passwords():
    assert {text: redact(text) for text in SHOWN} == SHOWN


def test_settings_are_shown_by_their_names():
    assert redact_setting("collect.token", CANARY) == "***"
    assert redact_setting("collect.token", 5) == "***"
    assert redact_setting("collect.token", None) is None
    assert redact_setting("kafka.properties", {"sasl.password": 1, "acks": "all"}) == {
        "sasl.password": "***", "acks": "all",
    }  # fmt: skip
    assert redact_setting("sdk.max_text", 5) == 5
    assert redact_setting("list", [f"http://a:{CANARY}@h"]) == ["http://a:***@h"]


def test_the_settings_themselves_are_whole():
    assert load().kafka == KafkaConfig(
        brokers="127.0.0.1:1",
        properties=json.loads(
            f'{{"sasl.username":"ann","sasl.password":"{CANARY}-sasl","ssl.key.password":"{CANARY}-ssl"}}'
        ),
    )
