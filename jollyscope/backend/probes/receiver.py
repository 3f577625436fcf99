"""The receiver of OTLP: do both of its ports answer?"""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

from jollyscope.backend.probes.probe import Health
from jollyscope.backend.probes.web import status_of

__all__ = ["probe_receiver"]


def probe_receiver(http: str, grpc: str, *, timeout: float = 5.0) -> Health:
    """Ask the receiver's own health page, and connect to its gRPC port. Raises `BackendError`."""
    status = status_of(f"{http}/healthz", timeout=timeout)
    facts = {"http": http, "grpc": grpc, "status": status}
    if status != 200:
        return Health(
            name="collector", state="degraded", facts=facts,
            sentence=f"The receiver answers with {status}.",
            hint="`jollyscope logs collector` says why.",
        )  # fmt: skip
    place = urlsplit(grpc)
    try:
        socket.create_connection((place.hostname or "", place.port or 4317), timeout).close()
    except OSError as error:
        return Health(
            name="collector", state="degraded", facts=facts,
            sentence=f"OTLP over HTTP answers, over gRPC not: {error.strerror or error}.",
            hint="`jollyscope logs collector` says why.",
        )  # fmt: skip
    return Health(
        name="collector", state="ok", facts=facts, sentence=f"OTLP is received at {http} and {grpc}."
    )  # fmt: skip
