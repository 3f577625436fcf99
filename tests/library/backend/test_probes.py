"""Probes against servers that answer as Flink, Grafana and the receiver do."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from jollyscope.backend.health import NONE, backend_health
from jollyscope.backend.probes.disk import probe_disk
from jollyscope.backend.probes.flink import OLD_MS, probe_flink
from jollyscope.backend.probes.grafana import probe_grafana
from jollyscope.backend.probes.probe import Health, run_all, worst
from jollyscope.backend.probes.receiver import probe_receiver
from jollyscope.config import Config

Serve = Callable[[dict[str, Any]], str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    servers: list[ThreadingHTTPServer] = []

    def start(pages: dict[str, Any]) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                found = self.path in pages
                self.send_response(200 if found else 404)
                self.end_headers()
                self.wfile.write(json.dumps(pages[self.path]).encode() if found else b"")

            def log_message(self, *_: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        return f"http://127.0.0.1:{server.server_address[1]}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def flink(age_ms: float = 1000, **states: str) -> dict[str, Any]:
    jobs = [
        {"jid": name, "name": f"jollyscope {name}", "state": state, "start-time": at}
        for at, (name, state) in enumerate(states.items())
    ]
    at = int(time.time() * 1e3 - age_ms)
    checkpoints = {
        "counts": {"completed": 7, "failed": 1},
        "latest": {"completed": {"latest_ack_timestamp": at, "state_size": 5}},
    }
    pages: dict[str, Any] = {f"/jobs/{name}/checkpoints": checkpoints for name in states}
    return {"/jobs/overview": {"jobs": jobs}, **pages}


RUN = {"clean": "RUNNING", "stats": "RUNNING", "alerts": "RUNNING"}


def test_flink_is_well(serve: Serve):
    found = probe_flink(serve(flink(**RUN)))
    assert found.state == "ok"
    assert found.facts["jollyscope clean"]["checkpoints"] == 7
    assert 900 < found.facts["jollyscope clean"]["checkpoint_age_ms"] < 20_000


def test_flink_without_a_job(serve: Serve):
    found = probe_flink(serve(flink(clean="RUNNING", stats="RUNNING")))
    assert found.state == "down"
    assert "The job jollyscope alerts is not submitted" in found.sentence


def test_flink_with_a_failed_job(serve: Serve):
    found = probe_flink(serve(flink(**{**RUN, "stats": "FAILED"})))
    assert (found.state, found.sentence) == ("down", "Of the jobs jollyscope stats is failed.")


def test_flink_whose_checkpoints_are_old(serve: Serve):
    found = probe_flink(serve(flink(age_ms=OLD_MS * 2, **RUN)))
    assert found.state == "degraded"
    assert "last checkpoint" in found.sentence


def test_grafana(serve: Serve):
    well = probe_grafana(serve({"/api/health": {"database": "ok", "version": "12.1.1"}}))
    assert (well.state, well.facts["version"]) == ("ok", "12.1.1")
    assert probe_grafana(serve({"/api/health": {"database": "failing"}})).state == "degraded"


def test_receiver(serve: Serve):
    url = serve({"/healthz": {}})
    assert probe_receiver(url, url).state == "ok"
    assert probe_receiver(url, "http://127.0.0.1:1").state == "degraded"


def test_disk(tmp_path: Path):
    found = probe_disk(tmp_path / "not" / "yet")
    assert found.facts["total_bytes"] >= found.facts["free_bytes"] > 0
    assert found.facts["path"] == str(tmp_path)


def test_all_at_once_each_within_its_time(serve: Serve):
    gate = threading.Event()

    def hangs() -> Health:
        gate.wait(20)
        raise AssertionError("nobody waits so long")

    def breaks() -> Health:
        raise ZeroDivisionError("one by none")

    began = time.monotonic()
    try:
        found = run_all(
            {
                "flink": lambda: probe_flink("http://127.0.0.1:1"),
                "hangs": hangs,
                "breaks": breaks,
                "fine": lambda: Health(name="fine", state="ok", sentence="Well."),
            },
            timeout=0.5,
        )
    finally:
        gate.set()
    assert time.monotonic() - began < 10
    assert [one.state for one in found] == ["down", "unknown", "unknown", "ok"]
    assert "refused" in found[0].sentence
    assert "No answer within" in found[1].sentence
    assert "ZeroDivisionError: one by none" in found[2].sentence
    assert worst(found) == "down"


def test_without_a_backend(tmp_path: Path):
    report = backend_health(tmp_path, Config())
    assert (report.sentence, report.parts, report.well) == (NONE, [], True)
