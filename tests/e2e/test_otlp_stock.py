"""OpenTelemetry's stock exporters of Python: traces, logs and metrics, over gRPC and HTTP."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from jollyscope.config import KafkaConfig
from jollyscope.model.wire import decode
from jollyscope.store.lake.store import LakeStore
from tests.e2e.running import Collect, environment
from tests.e2e.stored_spans import stored
from tests.e2e.test_kafka_sink import everything
from tests.kafka_broker import Broker, free_ports

SENDER = str(Path(__file__).with_name("stock_sender.py"))


def sent(home: Path, protocol: str, *options: str, **more: str) -> tuple[list[Any], dict[str, Any]]:
    """What the sender says that it sent, and what the receiver counted."""
    with Collect(home, *options, **more) as collect:
        done = subprocess.run(
            [sys.executable, SENDER],
            env=environment(home, **collect.variables(protocol), **more),
            capture_output=True, timeout=120, check=False,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, b"")
        return json.loads(done.stdout), collect.stop()


@pytest.mark.parametrize(
    ("protocol", "compression"),
    [
        ("grpc", ""),
        ("grpc", "gzip"),
        ("http/protobuf", ""),
        ("http/protobuf", "gzip"),
        ("http/protobuf", "deflate"),
    ],
)
def test_all_three_signals(tmp_path: Path, protocol: str, compression: str):
    packing = {"OTEL_EXPORTER_OTLP_COMPRESSION": compression} if compression else {}
    exported, counts = sent(tmp_path, protocol, **packing)
    assert (counts["spans"], counts["logs"], counts["metrics"]) == (2, 2, 4)
    assert counts["refused"] == counts["rejected"] == counts["failed"] == 0
    with LakeStore(tmp_path).reader() as reader:
        spans = {span.span_id: span for span in reader.spans(exported[0]["trace"])}
        logs = reader.query("SELECT * FROM dwd_events ORDER BY time").dicts()
        metrics = {m["name"]: m for m in reader.query("SELECT * FROM dwd_metrics").dicts()}
    assert spans.keys() == {span["id"] for span in exported}
    for span in exported:
        assert json.dumps(stored(spans[span["id"]])) == json.dumps(span)  # 1 and 1.0 are two values
    same_logs(logs, exported)
    same_metrics(metrics)


def same_logs(logs: list[dict[str, Any]], exported: list[dict[str, Any]]) -> None:
    plain, note = logs
    assert (plain["time"], json.loads(plain["body"])) == (1, "outside of any span")
    assert plain["trace_id"] is None
    call = next(span for span in exported if span["name"] == "call")
    assert (note["trace_id"], note["span_id"]) == (call["trace"], call["id"])
    assert (note["time"], note["name"]) == (1_700_000_000_000_000_001, "agent.note")
    assert (note["severity_number"], note["severity"]) == (14, "WARN")
    assert json.loads(note["body"]) == {"said": ["好", 1, 0.5, True, None]}
    assert json.loads(note["attributes"]) == {"n": 7}


def same_metrics(metrics: dict[str, dict[str, Any]]) -> None:
    assert metrics.keys() == {"calls", "took", "open", "level"}
    calls, took = metrics["calls"], metrics["took"]
    assert (calls["type"], calls["value"], calls["unit"]) == ("sum", 7.0, "1")
    assert (calls["description"], calls["monotonic"]) == ("Calls made", True)
    assert json.loads(calls["attributes"]) == {"tool": "weather"}
    assert (metrics["open"]["value"], metrics["open"]["monotonic"]) == (-2.0, False)
    assert (metrics["level"]["type"], metrics["level"]["value"]) == ("gauge", 0.75)
    spread = json.loads(took["distribution"])
    assert (took["type"], spread["count"], spread["min"], spread["max"]) == (
        "histogram",
        3,
        0.1,
        30.0,
    )
    assert sum(spread["buckets"]) == 3


def test_a_token(tmp_path: Path):
    _, counts = sent(
        tmp_path, "http/protobuf", "--token", "s3cret",
        OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer%20s3cret",
    )  # fmt: skip
    assert (counts["spans"], counts["refused"]) == (2, 0)


def test_into_kafka(tmp_path: Path, kafka: Broker):
    topics = {"JOLLYSCOPE_KAFKA_BROKERS": kafka.address, "JOLLYSCOPE_KAFKA_TOPICS": "stock"}
    exported, counts = sent(tmp_path, "http/protobuf", "--to", "kafka", **topics)
    assert (counts["spans"], counts["logs"], counts["metrics"]) == (2, 2, 4)
    config = KafkaConfig(brokers=kafka.address, topics="stock")
    spans = [decode(line) for _, _, line in everything(config, "stock.executions")]
    assert sorted(json.dumps(stored(span)) for span in spans) == sorted(map(json.dumps, exported))
    assert len(everything(config, "stock.events")) == 2
    assert len(everything(config, "stock.metrics")) == 4
    assert not (tmp_path / "spool").exists()


def test_into_kafka_that_is_not_there(tmp_path: Path):
    (port,) = free_ports(1)
    broker = f"127.0.0.1:{port}"
    done = subprocess.run(
        [sys.executable, "-m", "jollyscope_cli", "collect", "--to", "kafka", "--http-port", "0",
         "--grpc-port", "0"],
        env=environment(tmp_path, JOLLYSCOPE_KAFKA_BROKERS=broker),
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert f"jollyscope: No Kafka broker answers at {broker}: " in done.stderr
    assert "JOLLYSCOPE_KAFKA_BROKERS" in done.stderr
    assert "Traceback" not in done.stderr
    assert "rdkafka" not in done.stderr
