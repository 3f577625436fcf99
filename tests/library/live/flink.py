"""What Flink says of the spans that it was given, and what the library says of the same.

A run of the pipeline compares both on its own topics (`tests/e2e/test_pipeline.py`); with UPDATE_GOLDEN=1
it also keeps Flink's answers, for the tests here that have no Flink.
"""

# pytest leaves the type of `approx` open.
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest
from confluent_kafka import Consumer, TopicPartition

from jollyscope.analysis.live import LiveStats
from jollyscope.config import KafkaConfig
from jollyscope.model.records import EventRecord
from jollyscope.model.wire import encode

GOLDEN = Path(__file__).parent / "flink.json"
SERVICES = ("quiet", "round", "agent 代理")
"""Those of the traffic that can be made again."""


class Answers(msgspec.Struct):
    """The newest word on each window, the late ones by minute, and each alert once."""

    windows: list[dict[str, Any]]
    late: dict[str, int]
    alerts: list[dict[str, Any]]

    def of_traffic(self) -> Answers:
        """Only what is told of the services that the traffic has."""
        windows = [one for one in self.windows if one["service"] in SERVICES]
        alerts = [one for one in self.alerts if one["service"] in SERVICES]
        return Answers(windows, self.late, alerts)


class Golden(msgspec.Struct):
    """Flink's answers of one run, and what its traffic was made of: when (Unix ns) and how many."""

    odd_at: int
    first_at: int
    rest_at: int
    records: int
    flink: Answers


class Sent(NamedTuple):
    """A message, and when it was first sent (Unix ns)."""

    line: bytes
    at: int
    key: bytes


def same_as_flink(
    config: KafkaConfig, *, odd_at: int, first_at: int, rest_at: int, records: int
) -> None:
    """The library's windows, late spans and alerts are Flink's, of everything in the topics."""
    flink = _flinks(config)
    same(librarys(_as_sent(_messages(config, "spans.clean"))), flink)
    print(f"{len(flink.windows)} windows and {len(flink.alerts)} alerts as the library's own")
    if os.environ.get("UPDATE_GOLDEN"):
        golden = Golden(odd_at, first_at, rest_at, records, flink.of_traffic())
        GOLDEN.write_bytes(msgspec.json.format(msgspec.json.encode(golden), indent=1) + b"\n")


def same(ours: Answers, flink: Answers) -> None:
    """To the last digit, but for sums of dollars: those depend on the order of adding."""
    for mine, theirs in zip(ours.windows, flink.windows, strict=True):
        other = {key: (mine[key], theirs[key]) for key in mine if mine[key] != theirs[key]}
        assert not other.keys() - {"cost_usd"}, (mine["minute"], mine["service"], other)
        assert mine["cost_usd"] == pytest.approx(theirs["cost_usd"], rel=1e-12)
    assert ours.late == flink.late
    assert ours.alerts == flink.alerts


def librarys(lines: Iterable[tuple[bytes, int]]) -> Answers:
    """What the library tells of lines with the times they were sent at, in Flink's form."""
    stats = LiveStats()
    windows: dict[tuple[Any, ...], dict[str, Any]] = {}
    alerts: list[EventRecord] = []

    def ask() -> None:
        windows.update((window[:6], window._asdict()) for window in stats.changed())

    for number, (line, at) in enumerate(lines):
        alerts += stats.hear(line, at)
        if number % 50 == 0:  # a minute is forgotten ten minutes later
            ask()
    ask()
    assert stats.skipped == 0
    return Answers(
        _ordered(windows.values()),
        {str(minute): count for minute, count in sorted(stats.windows.late.items())},
        sorted((json.loads(encode(one)) for one in alerts), key=_id),
    )


def _as_sent(messages: list[Sent]) -> list[tuple[bytes, int]]:
    """The order between partitions is not kept, but the times are."""
    ordered = sorted(messages, key=lambda one: (one.at, json.loads(one.line)["start_time"]))
    return [(one.line, one.at) for one in ordered]


def _flinks(config: KafkaConfig) -> Answers:
    newest = {one.key: json.loads(one.line) for one in _messages(config, "stats")}
    found = {_id(one): one for one in (json.loads(m.line) for m in _messages(config, "alerts"))}
    late = {v["late_minute"]: v["late_count"] for v in newest.values() if "late_minute" in v}
    return Answers(
        _ordered([one for one in newest.values() if "late_minute" not in one]),
        {str(minute): count for minute, count in sorted(late.items())},
        sorted(found.values(), key=_id),
    )


def _id(alert: dict[str, Any]) -> str:
    return alert["record_id"]


def _ordered(windows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    key = ("minute", "step_type", "tool_name", "model", "service", "user_id")
    return sorted(windows, key=lambda one: [one[name] for name in key])


def _messages(config: KafkaConfig, name: str) -> list[Sent]:
    """All of a topic, in order within a partition."""
    topic = f"{config.topics}.{name}"
    consumer = Consumer({"bootstrap.servers": config.brokers, "group.id": "compared"})
    found: list[Sent] = []
    try:
        for partition in consumer.list_topics(topic, timeout=30).topics[topic].partitions:
            place = TopicPartition(topic, partition, 0)
            _, end = consumer.get_watermark_offsets(place, timeout=30)
            consumer.assign([place])
            last = -1
            while last < end - 1:
                message = consumer.poll(30)
                assert message is not None
                assert message.error() is None, message.error()
                last = message.offset() or 0
                _, at = message.timestamp()
                found.append(Sent(message.value() or b"", at * 1_000_000, message.key() or b""))
            consumer.unassign()
    finally:
        consumer.close()
    return found
