"""Kafka's broker killed, paused and cut off, under senders that try again and a `tail` that follows."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from confluent_kafka import Consumer, TopicPartition

from jollyscope.model.wire import decode
from tests import kafka_broker
from tests.chaos.proxy import Proxy
from tests.chaos.records import Ledger, number_of, wrong
from tests.chaos.room import Room
from tests.chaos.watching import row_of
from tests.chaos.zygote import Child, until
from tests.kafka_broker import Broker

__all__ = ["FAULTS", "lacking", "run"]

FAULTS = ("kill", "kill", "pause", "cut", "reset", "slow", "silent", "sender", "follower")
TOPIC = "chaos.executions"


def lacking() -> str:
    """Why there can be no such round here, empty where there can."""
    return kafka_broker.missing()


def run(room: Room) -> None:
    """What the broker acknowledged is in the topic, and who follows hears all of it, each place once."""
    jars = kafka_broker.classpath(Path(tempfile.gettempdir()))
    with ExitStack() as ending:
        broker, proxy = ending.enter_context(_broker(room, jars))
        sender = _sender(room, proxy, 0)
        heard = room.folder / "heard-0"
        follower = room.start("listen", brokers=_at(proxy), heard=heard)
        _more(room, 0, 200)
        for _ in range(room.rng.randint(1, 3)):
            room.pause(0.5)
            if room.fault == "sender":
                sender.kill()
                sender = _sender(room, proxy, 1)
                until(lambda child=sender: "up" in child.out, "no sender")
            elif room.fault == "follower":
                follower.kill()
                heard = room.folder / "heard-1"
                follower = room.start("listen", brokers=_at(proxy), heard=heard)
            else:
                _strike(room, broker, proxy)
            _more(room, 1 if room.fault == "sender" else 0, 200)
        for child in (sender, follower):
            assert child.lives(), f"it ended by itself: {child.out}{child.err}"
        sender.kill()
        ledger = Ledger().read(*(room.folder / f"notes-{n}" for n in range(2)))
        messages = _topic(broker)
        until(lambda: len(heard.read_text().split()) >= len(messages), "not all is heard")
        follower.kill()
    room.stored, room.acknowledged = len(set(messages)), len(ledger.acknowledged)
    assert ledger.acknowledged <= set(messages), "acknowledged, and not in the topic"
    assert set(messages) <= ledger.offered
    told = Counter(int(line) for line in heard.read_text().split())
    assert told == Counter(messages), "heard is not what is in the topic"
    room.notes += ["told"] * sender.out.count("told: ")


@contextmanager
def _broker(room: Room, jars: str) -> Iterator[tuple[Broker, Proxy]]:
    """A broker that clients reach through a proxy alone."""
    with ExitStack() as ending:
        broker = Broker(room.folder / "kafka", jars)
        proxy = ending.enter_context(Proxy(broker.port, room.seed()))
        _advertise(broker, proxy)
        ending.callback(broker.stop)
        broker.start()
        yield broker, proxy


def _advertise(broker: Broker, proxy: Proxy) -> None:
    """Clients are told of the proxy's port, as of a broker behind a gateway."""
    file = broker.folder / "server.properties"
    kept = [line for line in file.read_text().splitlines() if "advertised" not in line]
    file.write_text("\n".join([*kept, f"advertised.listeners=PLAINTEXT://{_at(proxy)}", ""]))


def _at(proxy: Proxy) -> str:
    return f"127.0.0.1:{proxy.port}"


def _sender(room: Room, proxy: Proxy, writer: int) -> Child:
    notes = room.folder / f"notes-{writer}"
    return room.start("send", writer=writer, brokers=_at(proxy), notes=notes)


def _more(room: Room, writer: int, count: int) -> None:
    """So many more are acknowledged."""
    notes = room.folder / f"notes-{writer}"
    before = len(Ledger().read(notes).acknowledged)
    until(
        lambda: len(Ledger().read(notes).acknowledged) >= before + count,
        "nothing is acknowledged any more", pause=0.05,
    )  # fmt: skip


def _strike(room: Room, broker: Broker, proxy: Proxy) -> None:
    if room.fault == "kill":
        broker.kill()
        room.pause(1.0)
        broker.start()
    elif room.fault == "pause":
        broker.pause()
        room.pause(4.0, 0.2)
        broker.go_on()
    else:
        proxy.mood = room.fault
        room.pause(3.0, 0.5)
        proxy.mood = "fair"


def _topic(broker: Broker) -> list[int]:
    """The numbers of all messages, as they stand there."""
    consumer = Consumer({"bootstrap.servers": broker.address, "group.id": f"chaos-{os.getpid()}"})
    found: list[int] = []
    try:
        for partition in consumer.list_topics(TOPIC, timeout=30).topics[TOPIC].partitions:
            place = TopicPartition(TOPIC, partition, 0)
            _, end = consumer.get_watermark_offsets(place, timeout=30)
            consumer.assign([place])
            last = -1
            while last < end - 1:
                message = consumer.poll(30)
                assert message is not None
                assert message.error() is None, message.error()
                last = message.offset()
                row = row_of(decode(message.value()))
                assert not wrong(row), wrong(row)
                found.append(number_of(row[0]))
            consumer.unassign()
    finally:
        consumer.close()
    return found
