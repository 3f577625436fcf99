"""The health of the backend that was started here, and of a store: all probes, side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import msgspec

from jollyscope.backend.probes.clickhouse import probe_clickhouse
from jollyscope.backend.probes.disk import probe_disk
from jollyscope.backend.probes.flink import probe_flink
from jollyscope.backend.probes.grafana import probe_grafana
from jollyscope.backend.probes.kafka import probe_kafka
from jollyscope.backend.probes.lake import probe_lake, probe_parts
from jollyscope.backend.probes.probe import Health, Probe, State, run_all, worst
from jollyscope.backend.probes.receiver import probe_receiver
from jollyscope.backend.probes.spool import probe_spool
from jollyscope.backend.stack.canary import stored, through
from jollyscope.config import Config, KafkaConfig
from jollyscope.errors import JollyScopeError
from jollyscope.model import format as fmt
from jollyscope.store.api import Store
from jollyscope.store.backend_state import BackendState, kafka_of, read_state
from jollyscope.store.clickhouse.store import ClickHouseStore
from jollyscope.store.clickhouse.url import parse_address
from jollyscope.store.lake.store import LakeStore

__all__ = ["NONE", "STOPPED", "Report", "backend_health", "probes", "store_health"]

NONE = "No backend has been started; the embedded store needs none."
STOPPED = "The backend is stopped, its data is kept; `jollyscope up` starts it again."
_CANARY_S = 30.0
_WHOLE_S = 600.0


class Report(msgspec.Struct, frozen=True):
    """The whole and its parts. Without a backend `state` is `unknown` and there are no parts."""

    state: State
    sentence: str
    parts: list[Health]

    @property
    def well(self) -> bool:
        """Whether nothing is wrong: all is ok, or there is nothing that could be."""
        return not self.parts or self.state == "ok"


def backend_health(home: Path, settings: Config, *, deep: bool = False) -> Report:
    """Ask all parts, side by side; `deep` sends a span through as well."""
    state = read_state(home)
    if state is None or not state.running:
        return Report("unknown", STOPPED if state else NONE, [])
    asked = probes(state, home, settings, deep=deep)
    return _report(asked, timeout=_CANARY_S + 5 if deep else 15.0)


def store_health(
    opened: Callable[[], Store],
    home: Path,
    settings: Config,
    *,
    deep: bool = False,
    send: bool = True,
) -> Report:
    """Ask everything that the store which `opened` gives stands on: a backend that runs from the data
    directory `home`, the server of a ClickHouse store, the lake, the spool, the disk. `deep` also sends
    a span through the backend (where `send`: it is stored), and reads every value of a lake.
    """
    asked: dict[str, Probe] = {}
    try:
        store = opened()
    except JollyScopeError as error:
        away = Health(name="store", state="down", sentence=error.message, hint=error.hint)
        asked["store"], store = (lambda: away), None
    place = store.home if isinstance(store, LakeStore) else home
    state = read_state(home) if place == home else None
    if state is not None and state.running:
        asked |= probes(state, home, settings, deep=deep and send)
    elif isinstance(store, ClickHouseStore):
        asked["clickhouse"] = partial(probe_clickhouse, store.address)
    asked["spool"] = partial(probe_spool, place)
    if isinstance(store, LakeStore):
        asked["lake"] = partial(probe_lake, place)
        if deep:
            asked["parts"] = partial(probe_parts, place)
    asked["disk"] = partial(probe_disk, place)
    return _report(asked, timeout=_WHOLE_S if deep else 15.0)


def _report(asked: Mapping[str, Probe], *, timeout: float) -> Report:
    found = run_all(asked, timeout=timeout)
    bad = [one.name for one in found if one.state != "ok"]
    said = f"Not well: {', '.join(bad)}." if bad else f"All {len(found)} parts are well."
    return Report(worst(found), said, found)


def probes(
    state: BackendState, home: Path, settings: Config, *, deep: bool = False
) -> dict[str, Probe]:
    """One probe a part of the backend at the addresses of `state`."""
    at = state.addresses
    kafka = kafka_of(settings.kafka, state)
    address = parse_address(at.clickhouse)
    found: dict[str, Probe] = {
        "collector": partial(probe_receiver, at.otlp_http, at.otlp_grpc),
        "kafka": partial(probe_kafka, kafka),
        "flink": partial(probe_flink, at.flink, prefix=kafka.topics),
        "clickhouse": partial(probe_clickhouse, address),
        "grafana": partial(probe_grafana, at.grafana),
        "disk": partial(probe_disk, home),
    }
    if deep:
        store = ClickHouseStore(address, settings.clickhouse)
        found["canary"] = partial(_fly, kafka, store)
    return found


def _fly(kafka: KafkaConfig, store: ClickHouseStore) -> Health:
    flight = through(kafka, stored(store), timeout=_CANARY_S)
    return Health(
        name="canary",
        state="ok",
        sentence=f"A span went from Kafka to ClickHouse in {fmt.duration(flight.stored_ms)}.",
        facts={"acknowledged_ms": flight.acknowledged_ms, "stored_ms": flight.stored_ms},
    )
