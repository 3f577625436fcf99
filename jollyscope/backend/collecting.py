"""A receiver for many senders: its servers, its worker processes and the loader beside them."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from jollyscope.backend.loading import BackgroundLoader
from jollyscope.config import Config
from jollyscope.receive.otlp.desk import Trouble
from jollyscope.receive.otlp.frames import SinkPlan
from jollyscope.receive.otlp.limits import Limits
from jollyscope.receive.otlp.server import OtlpServer
from jollyscope.receive.otlp.stats import Counts
from jollyscope.receive.otlp.workers import ProcessIntake

__all__ = ["Collector"]


class Collector:
    """What `jollyscope collect` runs. `home` is the data directory that the spool is in.

    `start` raises what the server raises, and `JollyScopeError` where Kafka cannot be reached.
    """

    def __init__(
        self,
        config: Config,
        home: Path,
        *,
        to: Literal["spool", "kafka"] = "spool",
        insecure: bool = False,
        on_trouble: Trouble | None = None,
    ) -> None:
        limits = Limits.of(config.collect)
        plan = SinkPlan(
            to=to,
            home=str(home),
            spool=config.spool,
            kafka=config.kafka,
            queue_bytes=limits.queue,
            max_body=limits.body,
        )
        self._home, self._to = home, to
        self._intake = ProcessIntake(plan)
        self.server = OtlpServer(
            config=config.collect,
            intake=self._intake,
            insecure=insecure,
            limits=limits,
            on_trouble=on_trouble,
        )
        self._loader: BackgroundLoader | None = None

    @property
    def stats(self) -> Counts:
        """The numbers now."""
        return self.server.stats

    def pids(self) -> list[int]:
        """Process ids of the workers and the loader."""
        loader = [self._loader.process.pid] if self._loader is not None else []
        return self._intake.pids() + loader

    def start(self) -> Self:
        """Listen."""
        try:
            self._intake.start()
            self.server.start()
        except BaseException:
            self.stop(0)
            raise
        if self._to == "spool":
            self._loader = BackgroundLoader(self._home)
        return self

    def stop(self, timeout: float = 10.0) -> None:
        """Take no more, answer what is in work within `timeout` seconds, flush, end the processes."""
        self.server.stop(timeout)
        self._intake.close(timeout)
        if self._loader is not None:
            self._loader.close()
            self._loader = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.stop()
