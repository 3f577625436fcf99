"""What may happen to the pipeline while records come: nothing is lost, nothing stands in a view twice."""

from __future__ import annotations

import time

from jollyscope.model.wire import encode
from tests.e2e.flink.pipeline import Pipeline
from tests.e2e.flink.traffic import Traffic, traffic

__all__ = ["away", "broker_dies", "flink_dies"]


class _Before:
    """What was there before, to tell what came of some traffic."""

    def __init__(self, pipeline: Pipeline, sent: Traffic) -> None:
        self.pipeline, self.sent = pipeline, sent
        self.spans, self.letters = pipeline.closed(), pipeline.letters()

    def begins(self, lines: int) -> None:
        """Send the first lines, and wait until some are through."""
        self.pipeline.produce(self.sent.lines[:lines])
        self.pipeline.feed_until(
            lambda: self.pipeline.closed() > self.spans + lines // 3, "nothing comes"
        )

    def all_is_there(self) -> None:
        """Each span and each dead letter of it, once."""
        closed = self.spans + self.sent.closed
        self.pipeline.told(closed)
        letters = self.letters + self.sent.reasons.total()
        self.pipeline.feed_until(lambda: self.pipeline.letters() >= letters, "letters are missing")
        assert (self.pipeline.closed(), self.pipeline.letters()) == (closed, letters)
        clean = {line for _, _, line in self.pipeline.messages("spans.clean")}
        assert clean >= {encode(record) for record in self.sent.good}


def away(pipeline: Pipeline) -> None:
    """ClickHouse dies between writing a block and committing it, and is away while Flink goes on."""
    before = _Before(pipeline, traffic(1200, now=time.time_ns(), seed=4))
    held = pipeline.feeder.held("spans.clean")
    before.begins(300)
    pipeline.produce(before.sent.lines[300:600])
    deadline = time.monotonic() + 300
    while not pipeline.feeder.feed(0.2, commit=False):
        assert time.monotonic() < deadline, "nothing comes"
    pipeline.produce(before.sent.lines[600:])
    pipeline.cluster.until(
        lambda: pipeline.feeder.held("spans.clean") >= held + len(before.sent.good),
        "Flink waits for ClickHouse",
    )
    pipeline.feeder.leave()
    twice = "SELECT count() - uniqExact(topic, partition, offset) FROM ods_spans"
    assert pipeline.ask(twice) == 0
    pipeline.feeder.join()
    before.all_is_there()
    # The block that was not committed came again, and no view shows it.
    again = pipeline.ask(twice)
    assert again > 0
    print(f"ClickHouse away: {again} messages twice, none in the views")


def broker_dies(pipeline: Pipeline) -> None:
    """The broker is killed and started again."""
    before = _Before(pipeline, traffic(2000, now=time.time_ns(), seed=5))
    before.begins(500)
    pipeline.produce(before.sent.lines[500:1000])
    pipeline.broker.kill()
    pipeline.broker.start()
    pipeline.produce(before.sent.lines[1000:])
    before.all_is_there()
    print("broker killed and started: all there, once")


def flink_dies(pipeline: Pipeline) -> None:
    """The TaskManager is killed, then all of Flink, which goes on from its checkpoints."""
    before = _Before(pipeline, traffic(3000, now=time.time_ns(), seed=3))
    before.begins(500)
    pipeline.produce(before.sent.lines[500:1000])
    pipeline.cluster.kill("taskmanager")
    pipeline.produce(before.sent.lines[1000:1500])
    pipeline.cluster.start("taskmanager")
    pipeline.feed_until(
        lambda: pipeline.closed() > before.spans + 1000, "the TaskManager's work is not resumed"
    )
    pipeline.cluster.kill()
    pipeline.produce(before.sent.lines[1500:])
    pipeline.cluster.start()
    said = pipeline.cluster.submit(pipeline.broker.address, pipeline.prefix)
    assert said.count(": from ") == 3
    before.all_is_there()
    clean = [line for _, _, line in pipeline.messages("spans.clean")]
    doubled = len(clean) - len(set(clean))
    print(f"Flink killed: {doubled} of {len(clean)} clean messages twice, none in the views")
