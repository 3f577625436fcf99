"""Grafana: does its API answer, and its database?"""

from __future__ import annotations

from typing import Any

from jollyscope.backend.probes.probe import Health
from jollyscope.backend.probes.web import get_json

__all__ = ["probe_grafana"]


def probe_grafana(url: str, *, timeout: float = 5.0) -> Health:
    """Ask `url`/api/health. Raises `BackendError` where nothing answers."""
    told: dict[str, Any] = get_json(f"{url}/api/health", timeout=timeout)
    facts = {name: told[name] for name in ("version", "database") if name in told}
    if told.get("database") != "ok":
        return Health(
            name="grafana", state="degraded", facts=facts,
            sentence=f"Grafana's own database is {told.get('database', 'in an unknown state')}.",
            hint="`jollyscope logs grafana` says why.",
        )  # fmt: skip
    return Health(
        name="grafana", state="ok", facts=facts, sentence=f"Grafana {told.get('version', '')} answers."
    )  # fmt: skip
