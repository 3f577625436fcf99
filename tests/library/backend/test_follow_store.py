"""Which follower hears what leads into a store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jollyscope.backend.live import follow_store
from jollyscope.config import Config, KafkaConfig
from jollyscope.model.wire import encode_lines
from jollyscope.store.backend_state import Addresses, BackendState, write_state
from jollyscope.store.clickhouse.store import ClickHouseStore
from jollyscope.store.clickhouse.url import parse_address
from jollyscope.store.lake.store import LakeStore
from jollyscope.transport.following.api import Start
from jollyscope.transport.spool import SpoolWriter, spool_dir
from tests.cli import records

URL = "clickhouse://u:p@127.0.0.1:1/jollyscope"
SETTINGS = Config(kafka=KafkaConfig(brokers="127.0.0.1:2"))


@pytest.fixture
def kafka(monkeypatch: pytest.MonkeyPatch) -> list[KafkaConfig]:
    """What Kafka was asked of, and nothing asked."""
    asked: list[KafkaConfig] = []

    def follow_kafka(config: KafkaConfig, **_: Any) -> object:
        asked.append(config)
        return object()

    monkeypatch.setattr("jollyscope.transport.following.kafka.follow_kafka", follow_kafka)
    return asked


def backend(home: Path, *, running: bool) -> None:
    at = Addresses(
        kafka="127.0.0.1:3", flink="", clickhouse=URL, grafana="", otlp_grpc="", otlp_http=""
    )
    write_state(home, BackendState(profile="small", addresses=at, started=1, running=running))


@pytest.mark.parametrize("was", [None, False], ids=["no backend", "a stopped one"])
def test_a_lake_is_heard_by_its_spool(tmp_path: Path, kafka: list[KafkaConfig], was: bool | None):
    if was is not None:
        backend(tmp_path, running=was)
    follower = follow_store(LakeStore(tmp_path), tmp_path, SETTINGS, start=Start.beginning())
    writer = SpoolWriter(spool_dir(tmp_path))
    writer.write("span", encode_lines([records.span(1, 0, 10)]))
    try:
        assert [one.kind for one in follower.poll(30)] == ["span"]
        assert follower.standing.source == "spool"
    finally:
        writer.close()
        follower.close()
    assert not kafka


def test_a_backend_is_heard_by_its_kafka(tmp_path: Path, kafka: list[KafkaConfig]):
    backend(tmp_path, running=True)
    for store in (ClickHouseStore(parse_address(URL)), LakeStore(tmp_path)):
        follow_store(store, tmp_path, SETTINGS, start=Start.now())
    assert [config.brokers for config in kafka] == ["127.0.0.1:3"] * 2


def test_a_lake_elsewhere_has_nothing_to_do_with_the_backend(
    tmp_path: Path, kafka: list[KafkaConfig]
):
    backend(tmp_path, running=True)
    other = LakeStore(tmp_path / "other")
    follow_store(other, tmp_path, SETTINGS, start=Start.now()).close()
    assert not kafka


def test_another_server_is_heard_by_the_kafka_of_the_settings(
    tmp_path: Path, kafka: list[KafkaConfig]
):
    store = ClickHouseStore(parse_address(URL))
    follow_store(store, tmp_path, SETTINGS, start=Start.now())
    assert [config.brokers for config in kafka] == ["127.0.0.1:2"]
