"""Roles with Kafka: one that sends until the broker has acknowledged, one that follows."""

from __future__ import annotations

import time
from pathlib import Path

from jollyscope.config import KafkaConfig
from jollyscope.errors import JollyScopeError
from jollyscope.model.wire import decode
from jollyscope.receive.kafka_sink import KafkaSink
from jollyscope.transport.following import Start, follow_kafka
from tests.chaos.records import WRITER, Notes, number_of, record, wrong
from tests.chaos.watching import row_of

__all__ = ["listen", "send"]


def _settings(brokers: str) -> KafkaConfig:
    return KafkaConfig(brokers=brokers, topics="chaos", properties={"message.timeout.ms": "2000"})


def send(_folder: Path, *, writer: int, brokers: str, notes: str) -> None:
    """Batch after batch through the sink of `collect --to kafka`, each again until it is taken."""
    noted = Notes(Path(notes))
    first = writer * WRITER
    while True:
        try:
            with KafkaSink(_settings(brokers), queue_bytes=1 << 20) as sink:
                print("up")
                while True:
                    numbers = range(first, first + 20)
                    noted.say("W", numbers[0], numbers[-1])
                    sink.submit([record(number) for number in numbers]).result(60)
                    noted.say("A", numbers[0], numbers[-1])
                    first += 20
                    time.sleep(0.002)  # the pace of a busy agent
        except JollyScopeError as error:
            print(f"told: {error}")


def listen(_folder: Path, *, brokers: str, heard: str) -> None:
    """Follow from the beginning; every record's number goes to a file."""
    follower = follow_kafka(_settings(brokers), start=Start.beginning(), kinds=("span",))
    print("up")
    with Path(heard).open("w") as file:
        while True:
            for one in follower.poll(0.1):
                row = row_of(decode(one.line))
                assert not wrong(row), wrong(row)
                file.write(f"{number_of(row[0])}\n")
            file.flush()
