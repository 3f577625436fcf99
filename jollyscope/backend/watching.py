"""Health looked at again and again: what each part says now, since when, and its last trouble."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, cast

from jollyscope.backend.health import Report
from jollyscope.backend.probes.probe import Health
from jollyscope.model import format as fmt

__all__ = ["HealthWatch", "Watched", "lag_of", "version_of"]


class Watched(NamedTuple):
    """A part now. `since` (Unix ns) it has been in this state, as far as was watched; `trouble` is
    what it said when it was last not well, `trouble_at` when that was.
    """

    health: Health
    since: int
    trouble: str = ""
    trouble_at: int = 0


class HealthWatch:
    """Takes reports one after the other."""

    def __init__(self) -> None:
        self._known: dict[str, Watched] = {}

    def take(self, report: Report, now: int) -> list[Watched]:
        """The parts of this report with what is known of them. `now` in Unix ns."""
        found = [self._one(health, now) for health in report.parts]
        self._known |= {one.health.name: one for one in found}
        return found

    def _one(self, health: Health, now: int) -> Watched:
        before = self._known.get(health.name)
        if before is None:
            before = Watched(health, now)
        same = before.health.state == health.state
        since = before.since if same else now
        if health.state == "ok":
            return before._replace(health=health, since=since)
        return Watched(health, since, health.sentence, now)


def version_of(health: Health) -> str:
    """The version of the program behind a part; empty where it does not tell."""
    return str(health.facts.get("version") or "")


def lag_of(health: Health) -> str:
    """How far behind a part is, in what it counts: records, bytes, or time; empty where it has none."""
    facts = health.facts
    if "lag" in facts:
        return f"{fmt.count(max(facts['lag'].values(), default=0))} records"
    if "waiting_bytes" in facts:
        return fmt.size(facts["waiting_bytes"])
    for name in ("stored_ms", "newest_row_age_ms", "written_age_ms"):
        if facts.get(name) is not None:
            return fmt.duration(facts[name])
    ages = [age for age in map(_checkpoint_age, facts.values()) if age is not None]
    return fmt.duration(max(ages)) if ages else ""


def _checkpoint_age(fact: Any) -> float | None:
    if not isinstance(fact, Mapping):
        return None
    return cast("Mapping[str, float | None]", fact).get("checkpoint_age_ms")
