"""Brings a database's schema to the newest version: SQL files, in order, each recorded.

The files stand in `compose/clickhouse/`: a folder a version, an object a file. A version is never
changed once it is out; the next one alters what is there. Views are made anew each time, since they
hold settings. Statements may be run twice: a change that broke off goes on where it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import msgspec

from jollyscope.config import ClickHouseConfig
from jollyscope.errors import StoreError
from jollyscope.paths import compose_dir
from jollyscope.store.clickhouse import replicas
from jollyscope.store.clickhouse.connection import Client

__all__ = [
    "Topics",
    "applied",
    "apply",
    "made_anew",
    "newest",
    "render",
    "root",
    "values",
    "versions",
]


class Topics(msgspec.Struct, frozen=True, kw_only=True):
    """Where the server's Kafka tables read. Several topics or brokers with commas."""

    brokers: str = "kafka:9092"
    group: str = "jollyscope"
    spans: str = "jollyscope.spans.clean"
    metrics: str = "jollyscope.metrics"
    events: str = "jollyscope.events,jollyscope.alerts"
    stats: str = "jollyscope.stats"
    dead_letters: str = "jollyscope.deadletter"


def root() -> Path:
    """The folder of the files."""
    return compose_dir() / "clickhouse"


def versions() -> list[int]:
    """All versions, ascending."""
    return sorted(int(path.name) for path in root().iterdir() if path.name.isdigit())


def newest() -> int:
    """The version that this code asks."""
    return versions()[-1]


def applied(client: Client) -> int:
    """The version that the database is whole at; 0 where there is none."""
    if not client.command("EXISTS TABLE schema_versions"):
        return 0
    return int(str(client.command("SELECT max(version) FROM schema_versions WHERE name = 'all'")))


def apply(
    client: Client, *, topics: Topics | None = None, settings: ClickHouseConfig | None = None
) -> int:
    """Bring the client's database to the newest version; the version it was at.

    Without `topics` (an engine without Kafka) tables that keep nothing take the Kafka tables' place.
    Raises `StoreError` where the database is newer than this code.
    """
    settings = settings or ClickHouseConfig()
    engines = replicas.engines_for(client)
    client.command(engines(_text("schema_versions")))
    was = applied(client)
    if was > newest():
        raise too_new(was)
    done = {
        (int(version), str(name))
        for version, name in client.query("SELECT version, name FROM schema_versions").result_rows
    }
    fill = values(topics or Topics(), settings)
    for version in versions():
        for path in sorted((root() / f"{version:04d}").glob("*.sql")):
            text = path.read_text("utf-8")
            view = made_anew(text)
            if (version, path.stem) in done and not view:
                continue
            name = path.stem.partition("_")[2]
            if topics is None and name.endswith("_queue"):
                text = _text("queue_in_process").replace("{table}", name)
            client.command(engines(render(text, fill)))
            if not view:
                _record(client, version, path.stem)
        if (version, "all") not in done:
            _record(client, version, "all")
    _keep_for(client, settings)
    return was


def too_new(version: int) -> StoreError:
    """What to say of a database that a newer version made."""
    return StoreError(
        f"The database has schema version {version}, and this version of JollyScope knows "
        f"{newest()}.",
        hint="Update JollyScope here to the version that wrote it.",
    )


def _record(client: Client, version: int, name: str) -> None:
    client.command(
        "INSERT INTO schema_versions (version, name) VALUES ({v:UInt32}, {n:String})",
        parameters={"v": version, "n": name},
    )


_TIMES = {
    "ods_spans": ("ods", "received"),
    "ods_metrics": ("ods", "received"),
    "ods_events": ("ods", "received"),
    "dwd_spans_data": ("dwd", "start_time"),
    "dwd_open_spans_data": ("dwd", "start_time"),
    "trace_states": ("dwd", "last"),
    "dwd_metrics_data": ("dwd", "time"),
    "dwd_events_data": ("dwd", "time"),
    "dwd_dead_letters_data": ("dwd", "time"),
    "dws_windows": ("dws", "minute"),
}
"""By table: the layer that says how long, and the column that says since when."""
_LAST_SECOND = 4_294_967_295
"""Of what the engine's `DateTime` can say."""


def _keep_for(client: Client, settings: ClickHouseConfig) -> None:
    """Time to live, by layer. Asked of the table first: a change rewrites it."""
    days = {
        "ods": settings.ttl_ods_days,
        "dwd": settings.ttl_dwd_days,
        "dws": settings.ttl_dws_days,
    }
    for table, (layer, column) in _TIMES.items():
        made = str(client.command(f"SHOW CREATE TABLE {table}"))
        held = re.search(r"TTL .*?toIntervalDay\((\d+)\)", made, re.DOTALL)
        wanted = days[layer]
        if wanted == (int(held[1]) if held else 0):
            continue
        moment = (
            f"toDateTime({column})"
            if column == "received"
            else f"toDateTime(least(intDiv({column}, 1000000000), {_LAST_SECOND - wanted * 86400}))"
        )
        change = f"MODIFY TTL {moment} + toIntervalDay({wanted})" if wanted else "REMOVE TTL"
        client.command(f"ALTER TABLE {table} {change}")


def made_anew(text: str) -> bool:
    """Whether a file is run at every start: a view, which holds settings and no rows."""
    return "CREATE OR REPLACE VIEW" in text


def values(topics: Topics, settings: ClickHouseConfig) -> dict[str, str]:
    """What `render` puts into a file."""
    named = {f"{kind}_topics": getattr(topics, f"{kind}s") for kind in ("span", "metric", "event")}
    return {
        **{name: _literal(value) for name, value in named.items()},
        "stats_topics": _literal(topics.stats),
        "dead_letter_topics": _literal(topics.dead_letters),
        "brokers": _literal(topics.brokers),
        "group": _literal(topics.group),
        "interrupted_s": str(settings.interrupted_s),
    }


def _literal(value: str) -> str:
    """Text within quotes."""
    return value.replace("\\", "\\\\").replace("'", "\\'")


def _text(name: str) -> str:
    return (root() / f"{name}.sql").read_text("utf-8")


@cache
def _fragments() -> dict[str, str]:
    return {
        path.stem: path.read_text("utf-8").rstrip() for path in (root() / "fragments").glob("*")
    }


def render(text: str, values: Mapping[str, str]) -> str:
    """A file's SQL with `{name}` replaced by a value or a fragment. `{name:source}` is a fragment
    whose own `{source}` is what stands there; braces that name neither stay.
    """
    known = {**_fragments(), **values}
    return "".join(_pieces(text, known))


def _pieces(text: str, known: Mapping[str, str]) -> Iterator[str]:
    at = 0
    while (found := _OPENING.search(text, at)) is not None:
        if found[1] not in known:
            yield text[at : found.end()]
            at = found.end()
            continue
        yield text[at : found.start()]
        body, at = known[found[1]], found.end()
        if found[2] == ":":
            end = _closing(text, at)
            body, at = body.replace("{source}", text[at:end]), end + 1
        yield from _pieces(body, known)
    yield text[at:]


_OPENING = re.compile(r"\{([a-z_]+)([:}])")


def _closing(text: str, at: int) -> int:
    depth = 1
    for place in range(at, len(text)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if depth == 0:
            return place
    raise ValueError("a brace is not closed")
