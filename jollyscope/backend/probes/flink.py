"""Flink: do the jobs run, and are their checkpoints fresh?

https://nightlies.apache.org/flink/flink-docs-stable/docs/ops/rest_api/
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import msgspec

from jollyscope.backend.probes.probe import Health
from jollyscope.backend.probes.web import get_json
from jollyscope.backend.stack.trouble import BackendError
from jollyscope.model import format as fmt

__all__ = ["JOBS", "OLD_MS", "probe_flink"]

JOBS = ("clean", "stats", "alerts")
"""What `flink/submit.sh` submits; a job is called by the topics' prefix and one of these."""
OLD_MS = 120_000
"""A checkpoint is taken every ten seconds; one so old says that they fail or crawl."""
_LOGS = "`jollyscope logs flink-taskmanager` says why."


def probe_flink(
    url: str,
    *,
    prefix: str = "jollyscope",
    jobs: Sequence[str] = JOBS,
    timeout: float = 5.0,
    now: Callable[[], float] = time.time,
) -> Health:
    """Ask the JobManager at `url`. Raises `BackendError` where it does not answer."""
    found = _look(url, prefix, jobs, timeout, now)
    with suppress(BackendError):  # its jobs are what matters
        version = get_json(f"{url}/config", timeout=timeout).get("flink-version")
        return msgspec.structs.replace(found, facts=found.facts | {"version": version})
    return found


def _look(
    url: str, prefix: str, jobs: Sequence[str], timeout: float, now: Callable[[], float]
) -> Health:
    told: list[dict[str, Any]] = get_json(f"{url}/jobs/overview", timeout=timeout)["jobs"]
    newest: dict[str, dict[str, Any]] = {}
    for job in sorted(told, key=lambda one: one.get("start-time", 0)):
        newest[str(job["name"])] = job
    wanted = [f"{prefix} {job}" for job in jobs]
    facts: dict[str, Any] = {}
    for name in wanted:
        if name in newest:
            facts[name] = {
                "state": newest[name]["state"],
                **_checkpoints(f"{url}/jobs/{newest[name]['jid']}/checkpoints", timeout, now),
            }
    missing = [name for name in wanted if name not in facts]
    still = [name for name, fact in facts.items() if fact["state"] != "RUNNING"]
    old = [name for name, fact in facts.items() if (fact["checkpoint_age_ms"] or 0) > OLD_MS]
    if missing:
        return Health(
            name="flink", state="down", facts=facts,
            sentence=f"{_jobs(missing)} not submitted.",
            hint="`jollyscope logs flink-submit` says why.",
        )  # fmt: skip
    if still:
        said = ", ".join(f"{name} is {facts[name]['state'].lower()}" for name in still)
        return Health(
            name="flink", state="down", facts=facts, sentence=f"Of the jobs {said}.", hint=_LOGS
        )  # fmt: skip
    if old:
        age = fmt.duration(max(facts[name]["checkpoint_age_ms"] for name in old))
        return Health(
            name="flink", state="degraded", facts=facts,
            sentence=f"The last checkpoint of {', '.join(old)} is {age} old.", hint=_LOGS,
        )  # fmt: skip
    ages = [f["checkpoint_age_ms"] for f in facts.values() if f["checkpoint_age_ms"] is not None]
    last = f"last checkpoint {fmt.duration(max(ages))} ago" if ages else "no checkpoint yet"
    return Health(
        name="flink", state="ok", facts=facts, sentence=f"{len(facts)} jobs run, {last}."
    )  # fmt: skip


class _Completed(msgspec.Struct):
    latest_ack_timestamp: int | None = None
    state_size: int | None = None


class _Latest(msgspec.Struct):
    completed: _Completed | None = None


class _Counts(msgspec.Struct):
    completed: int = 0
    failed: int = 0


class _Checkpoints(msgspec.Struct):
    latest: _Latest | None = None
    counts: _Counts | None = None


def _checkpoints(url: str, timeout: float, now: Callable[[], float]) -> dict[str, Any]:
    told = msgspec.convert(get_json(url, timeout=timeout), _Checkpoints)
    last = told.latest.completed if told.latest else None
    at = last.latest_ack_timestamp if last else None
    counts = told.counts or _Counts()
    return {
        "checkpoint_age_ms": None if at is None else max(0.0, now() * 1e3 - at),
        "checkpoint_bytes": last.state_size if last else None,
        "checkpoints": counts.completed,
        "checkpoints_failed": counts.failed,
    }


def _jobs(names: list[str]) -> str:
    return f"The job {names[0]} is" if len(names) == 1 else f"The jobs {', '.join(names)} are"
