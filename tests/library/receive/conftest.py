"""Receivers on free loopback ports, stopped at the end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jollyscope.config import CollectConfig
from jollyscope.receive.otlp.limits import Limits
from jollyscope.receive.otlp.server import OtlpServer
from jollyscope.receive.spool_sink import SpoolSink
from tests.library.receive.serving import Start


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The data directory."""
    return tmp_path / "data"


@pytest.fixture
def start(home: Path) -> Iterator[Start]:
    """Starts a receiver; `limits` are fields of `Limits`, anything else goes to the server."""
    made: list[tuple[OtlpServer, Any]] = []

    def begin(
        sink: Any = None,
        limits: dict[str, Any] | None = None,
        token: str | None = None,
        **more: Any,
    ) -> OtlpServer:
        own = SpoolSink(home) if sink is None and "intake" not in more else None
        server = OtlpServer(
            sink or own,
            CollectConfig(http_port=0, grpc_port=0, token=token),
            limits=Limits(**limits) if limits else None,
            **more,
        )
        made.append((server, own))
        return server.start()

    yield begin
    for server, own in made:
        server.stop()
        if own is not None:
            own.close()


@pytest.fixture
def server(start: Start) -> OtlpServer:
    """A receiver with its defaults, in front of the spool."""
    return start()
