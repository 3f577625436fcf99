"""OpenTelemetry's stock exporters of Node, over OTLP/JSON, OTLP/protobuf and gRPC."""

from __future__ import annotations

import fcntl
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from jollyscope.model.records import SpanRecord
from jollyscope.store.lake.store import LakeStore
from tests.e2e.running import Collect, environment, listed, run

SOURCE = Path(__file__).with_name("node")


@pytest.fixture(scope="session")
def node(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sender with its packages beside it, installed once for all workers of a run."""
    lacking = [tool for tool in ("node", "npm") if shutil.which(tool) is None]
    if lacking:
        pytest.skip(f"Node's exporters need {' and '.join(lacking)}")
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if base.name.startswith("popen-") else base) / "node"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "ready").exists():
            for name in ("package.json", "send.mjs"):
                shutil.copy(SOURCE / name, folder)
            quiet = ["--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error"]
            done = subprocess.run(
                ["npm", "install", "--prefer-offline", *quiet],
                cwd=folder, capture_output=True, text=True, timeout=600, check=False,
            )  # fmt: skip
            assert done.returncode == 0, done.stdout + done.stderr
            (folder / "ready").touch()
    return folder


def stored(home: Path) -> dict[str, SpanRecord]:
    with LakeStore(home).reader() as reader:
        (row,) = listed(home)
        return {span.span_id: span for span in reader.spans(row["trace_id"])}


def same(exported: list[dict[str, Any]], records: dict[str, SpanRecord]) -> None:
    assert records.keys() == {span["id"] for span in exported}
    for span in exported:
        record = records[span["id"]]
        assert {
            "id": record.span_id, "trace": record.trace_id, "parent": record.parent_span_id,
            "name": record.name, "kind": record.kind, "start": str(record.start_time),
            "end": str(record.end_time), "status": record.status,
            "message": record.scope.get("status_message"), "attributes": record.attributes,
            "events": [[e.name, str(e.time), e.attributes] for e in record.events],
            "links": [[k.trace_id, k.span_id, k.attributes] for k in record.links],
            "scope": [record.scope["name"], record.scope["version"]], "service": record.service,
        } == span  # fmt: skip


def means(home: Path) -> None:
    (row,) = listed(home)
    assert (row["session_id"], row["service"]) == ("c-1", "agent")
    assert (row["tools"], row["tool_calls"], row["error_count"]) == (["weather"], 1, 1)
    assert (row["input_tokens"], row["output_tokens"]) == (1200, 34)
    assert row["models"] == ["gpt-4o"]
    assert row["cost_usd"] > 0
    # Node's clock has it that a child may begin before its parent by some microseconds.
    assert sorted(row["step_strip"]) == sorted("utA")


@pytest.mark.parametrize("exporter", ["http", "proto", "grpc"])
@pytest.mark.parametrize("compression", ["", "gzip"])
def test_every_span_arrives(tmp_path: Path, node: Path, exporter: str, compression: str):
    protocol = "grpc" if exporter == "grpc" else "http/protobuf"
    packing = {"OTEL_EXPORTER_OTLP_COMPRESSION": compression} if compression else {}
    with Collect(tmp_path) as collect:
        done = subprocess.run(
            ["node", "send.mjs", exporter],
            cwd=node,
            env=environment(
                tmp_path, OTEL_SERVICE_NAME="agent", **collect.variables(protocol), **packing
            ),
            capture_output=True, timeout=120, check=False,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, b"")
        counts = collect.stop()
    assert (counts["spans"], counts["refused"], counts["failed"]) == (3, 0, 0)
    same(json.loads(done.stdout), stored(tmp_path))
    means(tmp_path)


@pytest.mark.parametrize("exporter", ["http", "proto"])
def test_through_run(tmp_path: Path, node: Path, exporter: str):
    done = run(
        tmp_path,
        "node",
        str(node / "send.mjs"),
        exporter,
        OTEL_RESOURCE_ATTRIBUTES="service.name=agent",
    )
    assert done.returncode == 0, done.stderr
    same(json.loads(done.stdout), stored(tmp_path))
    means(tmp_path)
    assert "1 trace · 1 tool call (weather) · 1,234 tokens · $" in done.stderr.decode()
