"""`jollyscope collect`"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from jollyscope_cli.ending import Told
from jollyscope_cli.options import options_of
from jollyscope_cli.output import narrate, width

if TYPE_CHECKING:
    from jollyscope.receive.otlp.server import OtlpServer
    from jollyscope.receive.otlp.stats import Counts

__all__ = ["collect"]

_LIVE_S = 0.5
_PLAIN_S = 10.0
_REPEAT_S = 60.0


def collect(
    ctx: typer.Context,
    to: Annotated[
        Literal["spool", "kafka"], typer.Option(metavar="spool|kafka", help="Where records go.")
    ] = "spool",
    host: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Listen on this address, not on 127.0.0.1."),
    ] = None,
    http_port: Annotated[
        int | None, typer.Option(metavar="PORT", help="For OTLP/HTTP, not 4318; 0: a free one.")
    ] = None,
    grpc_port: Annotated[
        int | None, typer.Option(metavar="PORT", help="For OTLP/gRPC, not 4317; 0: a free one.")
    ] = None,
    token: Annotated[
        str | None,
        typer.Option(
            metavar="TEXT",
            help="Senders must say it. In JOLLYSCOPE_COLLECT_TOKEN other users do not see it.",
        ),
    ] = None,
    insecure: Annotated[
        bool, typer.Option("--insecure", help="Let anybody on the network send, without a token.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print addresses and counts as JSON lines.")
    ] = False,
) -> None:
    """Receive OpenTelemetry over gRPC and HTTP.

    A sender is told OK when its records are safe in the spool, or acknowledged by Kafka. Ctrl-C
    answers what is under way, then stops; a second one stops at once.
    """
    from jollyscope import config
    from jollyscope.errors import UsageError
    from jollyscope.paths import data_dir

    if options_of(ctx).store:
        raise UsageError(
            "The receiver writes into the data directory, not into another store.",
            hint="Set JOLLYSCOPE_HOME to receive elsewhere.",
        )
    given = {"host": host, "http_port": http_port, "grpc_port": grpc_port, "token": token}
    overrides = {f"collect.{key}": value for key, value in given.items() if value is not None}
    settings = config.load(overrides=overrides)
    told = _signals()

    from jollyscope.backend.collecting import Collector

    display = _Display(as_json)
    home = data_dir()
    collector = Collector(settings, home, to=to, insecure=insecure, on_trouble=display.trouble)
    with collector:
        display.listening(collector.server, str(home) if to == "spool" else "Kafka")
        while not told.wait(display.pause):
            display.show(collector.stats)
        told.close()
        display.ending()
    display.summary(collector.stats)


def _signals() -> Told:
    """Told by the first signal; another one ends the process where it stands. What was answered OK is
    durable, and the workers finish what they have.
    """
    told = Told()

    def stop(_number: int, _frame: Any) -> None:
        if told.yet:
            os.write(2, b"\n")
            os._exit(130)
        told.tell()

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, stop)
    return told


class _Display:
    """Narrates: one line that changes on a terminal, else a line now and then."""

    def __init__(self, as_json: bool) -> None:
        self._json = as_json
        self._live = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self.pause = 1.0 if as_json else _LIVE_S if self._live else _PLAIN_S
        self._began = self._at = time.monotonic()
        self._last: Counts | None = None
        self._told: dict[type, float] = {}
        self._lock = threading.Lock()

    def listening(self, server: OtlpServer, where: str) -> None:
        host, token = server.config.host, server.config.token
        narrate(
            f"Receiving OTLP over HTTP on {host}:{server.http_port} and over gRPC on "
            f"{host}:{server.grpc_port}, into {where}."
        )
        narrate("Point an agent at it with one of:")
        for protocol, endpoint in (
            ("http/protobuf", server.http_endpoint),
            ("grpc", server.grpc_endpoint),
        ):
            narrate(
                f"  export OTEL_EXPORTER_OTLP_ENDPOINT={endpoint} "
                f"OTEL_EXPORTER_OTLP_PROTOCOL={protocol}"
            )
        if token:
            narrate('and  export OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer%20<token>"')
        narrate("Ctrl-C stops it.")
        self._event(
            "listening",
            {"http": server.http_endpoint, "grpc": server.grpc_endpoint, "to": where},
        )
        self._began = self._at = time.monotonic()

    def show(self, counts: Counts) -> None:
        now = time.monotonic()
        before = self._last.spans if self._last else 0
        rate = (counts.spans - before) / max(now - self._at, 1e-9)
        changed = counts != self._last
        self._last, self._at = counts, now
        if changed:
            self._event("status", counts)
        if self._json:
            return
        with self._lock:
            if self._live:
                line = f"{rate:,.0f} spans/s · {_totals(counts)}"
                sys.stderr.write(f"\r\x1b[K{line[: width() - 1]}")
                sys.stderr.flush()
            elif changed:
                narrate(f"{rate:,.0f} spans/s, {_totals(counts)}")

    def trouble(self, error: BaseException) -> None:
        """Called in any thread: what keeps records from being stored, each kind once a minute."""
        now = time.monotonic()
        with self._lock:
            if now - self._told.get(type(error), -_REPEAT_S) < _REPEAT_S:
                return
            self._told[type(error)] = now
            self._clear()
            narrate(f"warning: {error}")

    def ending(self) -> None:
        with self._lock:
            self._clear()
        narrate("Stopping; what is under way is answered first.")

    def summary(self, counts: Counts) -> None:
        seconds = time.monotonic() - self._began
        narrate(f"Received {_totals(counts)} in {seconds:,.0f} s.")
        if counts.spans and not self._json:
            narrate("`jollyscope ls` lists them, `jollyscope` explores them.")
        self._event("stopped", counts)

    def _clear(self) -> None:
        if self._live and not self._json:
            sys.stderr.write("\r\x1b[K")

    def _event(self, what: str, value: Any) -> None:
        if self._json:
            import msgspec

            told = {"event": what, **msgspec.to_builtins(value)}
            sys.stdout.write(msgspec.json.encode(told).decode() + "\n")
            sys.stdout.flush()


def _totals(counts: Counts) -> str:
    from jollyscope.model.format import size

    parts = [f"{counts.spans:,} spans"]
    parts += [
        f"{n:,} {what}" for n, what in ((counts.logs, "logs"), (counts.metrics, "metrics")) if n
    ]
    if counts.waiting:
        parts.append(f"{size(counts.waiting)} waiting")
    later = counts.overloaded + counts.down
    if later:
        parts.append(f"{later:,} requests sent back for later")
    if counts.refused:
        parts.append(f"{counts.refused:,} requests refused")
    if counts.rejected:
        parts.append(f"{counts.rejected:,} records rejected")
    if counts.failed:
        parts.append(f"{counts.failed:,} requests failed")
    return ", ".join(parts)
