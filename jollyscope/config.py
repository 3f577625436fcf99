"""Settings: one TOML file, `JOLLYSCOPE_*` over it, options of a command over both.

Every setting is a field of a struct below, with its default and its unit; `[sdk] flush_ms` in the
file is `JOLLYSCOPE_SDK_FLUSH_MS` in the environment. The SDK reads the same settings, so this
module stays lean (msgspec and tomllib).
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, cast, get_origin

import msgspec

from jollyscope.errors import UsageError
from jollyscope.paths import config_file
from jollyscope.redact import redact_setting

__all__ = [
    "AlertsConfig",
    "ClickHouseConfig",
    "CollectConfig",
    "Config",
    "ExportConfig",
    "KafkaConfig",
    "LakeConfig",
    "SdkConfig",
    "Setting",
    "SpoolConfig",
    "UiConfig",
    "load",
    "settings",
]

Positive = Annotated[int, msgspec.Meta(ge=1)]
NonNegative = Annotated[int, msgspec.Meta(ge=0)]
Port = Annotated[int, msgspec.Meta(ge=0, le=65535)]


class SdkConfig(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Recording inside the agent's process."""

    enabled: bool = True
    """The kill switch: false turns every call into a no-op (so does OTEL_SDK_DISABLED=true)."""
    service: str | None = None
    """Name of the agent; else OTEL_SERVICE_NAME, else the program's name."""
    open_records: bool = True
    """Record a step when it starts too, so that it shows while it runs."""
    max_text: Positive = 131072
    """Characters kept of one input, output or attribute; the rest is cut with a mark."""
    queue: Positive = 65536
    """Spans that may wait for the background thread; beyond it new ones are dropped, counted, told."""
    flush_ms: Positive = 100
    """Milliseconds between writes to the spool: what a `kill -9` can lose at most."""
    sample_ms: NonNegative = 1000
    """Milliseconds between samples of CPU and memory; 0 takes none."""


class SpoolConfig(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Segments on disk."""

    segment_mb: Positive = 64
    """A segment is closed and the next begun at this size."""
    max_mb: Positive = 4096
    """What one writer may have waiting unloaded; beyond it new records are dropped, counted, told."""
    fsync: bool = False
    """Force every flush to the disk: safe against power loss too, at a price in speed."""


class CollectConfig(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The OTLP receiver."""

    host: str = "127.0.0.1"
    """Address to listen on; any but this machine's own wants a token."""
    grpc_port: Port = 4317
    """OTLP over gRPC; 0 takes a free port."""
    http_port: Port = 4318
    """OTLP over HTTP; 0 takes a free port."""
    token: str | None = None
    """Senders must say `Authorization: Bearer <token>`."""
    max_body_mb: Positive = 16
    """The largest request taken, unpacked."""
    queue_mb: Positive = 64
    """Bytes that may wait to become durable; beyond it senders are told to come back later."""


class KafkaConfig(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The broker that `--to kafka` sends to."""

    brokers: str = "127.0.0.1:9092"
    """`host:port`, several with commas."""
    topics: str = "jollyscope"
    """What the topics' names begin with: `jollyscope.executions` and its like."""
    properties: dict[str, str] = {}
    """More settings of librdkafka, such as `security.protocol`; JSON in the environment."""


class LakeConfig(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The embedded store."""

    retention_days: NonNegative = 0
    """Records older than this are pruned; 0 keeps all."""
    retention_mb: NonNegative = 0
    """The oldest days are pruned above this size; 0 has no bound."""
    grace_s: NonNegative = 600
    """Replaced parts and loaded segments stay this long for readers that still use them."""
    memory_mb: Positive = 2048
    """Memory that the engine may use for one query."""


class ClickHouseConfig(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The store on a ClickHouse server."""

    ttl_ods_days: NonNegative = 3
    """Records as they were received are kept this long; 0 for ever."""
    ttl_dwd_days: NonNegative = 0
    """Spans, metrics, events and the traces made of them, by their own time; 0 keeps all."""
    ttl_dws_days: NonNegative = 0
    """Windows that Flink counted; 0 keeps all."""
    interrupted_s: Positive = 600
    """A span that has begun counts as interrupted when nothing of its trace was heard for so long."""
    timeout_s: Positive = 300
    """How long an answer may take."""


class AlertsConfig(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What is out of the ordinary in an embedded store."""

    watch: bool = True
    """`collect` and the explorer look out for it; with a backend Flink does."""
    notify: Literal["off", "bell", "desktop"] = "off"
    """How the explorer's dashboard tells of a new one, besides showing it."""


class ExportConfig(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Files for others."""

    redact: list[str] = []
    """Regular expressions (RE2) whose matches in texts `export --anonymize` replaces; JSON in the
    environment."""


class UiConfig(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The explorer."""

    theme: str | None = None
    """A theme's name, as the command palette lists them; else the one that was chosen there last."""
    time: Literal["local", "utc"] = "local"
    """Which clock the screens show."""


class Config(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """All settings."""

    store: str | None = None
    """`lake:///path` or `clickhouse://user:pass@host:port/db`; else the lake in the data directory."""
    sdk: SdkConfig = SdkConfig()
    spool: SpoolConfig = SpoolConfig()
    collect: CollectConfig = CollectConfig()
    kafka: KafkaConfig = KafkaConfig()
    lake: LakeConfig = LakeConfig()
    clickhouse: ClickHouseConfig = ClickHouseConfig()
    alerts: AlertsConfig = AlertsConfig()
    export: ExportConfig = ExportConfig()
    ui: UiConfig = UiConfig()


class Setting(msgspec.Struct, frozen=True):
    """One effective value and where it came from: `default`, the file's path, or a variable."""

    key: str
    value: Any
    source: str
    variable: str


def variable_of(key: str) -> str:
    """`sdk.flush_ms` is `JOLLYSCOPE_SDK_FLUSH_MS` in the environment."""
    return "JOLLYSCOPE_" + key.upper().replace(".", "_")


def keys(struct: type[msgspec.Struct] = Config, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every setting's dotted key and its field."""
    for field in msgspec.structs.fields(struct):
        if isinstance(field.type, type) and issubclass(field.type, msgspec.Struct):
            yield from keys(field.type, f"{prefix}{field.name}.")
        else:
            yield prefix + field.name, field


def load(
    *,
    file: Path | None = None,
    environ: Mapping[str, str] | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> Config:
    """The effective settings. `overrides` maps dotted keys to values.

    Raises `UsageError` naming the key, its place and what was expected.
    """
    merged: dict[str, Any] = {}
    for key, (value, _) in _layers(file, environ, overrides).items():
        section = merged
        *path, last = key.split(".")
        for part in path:
            section = section.setdefault(part, {})
        section[last] = value
    return msgspec.convert(merged, Config)


def settings(
    *, file: Path | None = None, environ: Mapping[str, str] | None = None
) -> list[Setting]:
    """Every setting with its value and source, in the order of the structs."""
    layers = _layers(file, environ, None)
    config = load(file=file, environ=environ)
    found: list[Setting] = []
    for key, _field in keys():
        value: Any = config
        for part in key.split("."):
            value = getattr(value, part)
        source = layers[key][1] if key in layers else "default"
        found.append(Setting(key, value, source, variable_of(key)))
    return found


def _layers(
    file: Path | None, environ: Mapping[str, str] | None, overrides: Mapping[str, Any] | None
) -> dict[str, tuple[Any, str]]:
    path = file or config_file()
    environ = os.environ if environ is None else environ
    known = dict(keys())
    values: dict[str, tuple[Any, str]] = {}
    for key, value in _flatten(_read(path), known, str(path)):
        values[key] = (_typed(value, known[key], key, str(path), strict=True), str(path))
    for key, field in known.items():
        variable = variable_of(key)
        if environ.get(variable):
            values[key] = (_typed(environ[variable], field, variable, "the environment"), variable)
    for key, value in (overrides or {}).items():
        values[key] = (_typed(value, known[key], key, "the command line"), "the command line")
    return values


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The settings file {path} cannot be read: {error}.") from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"The settings file {path} is not TOML: {error}.") from None


def _flatten(
    table: dict[str, Any], known: Mapping[str, Any], place: str, prefix: str = ""
) -> Iterator[tuple[str, Any]]:
    sections = {key.split(".")[0] for key in known if "." in key}
    for name, value in table.items():
        key = prefix + name
        if key in known:
            yield key, value
        elif isinstance(value, dict) and not prefix and name in sections:
            yield from _flatten(cast("dict[str, Any]", value), known, place, f"{name}.")
        elif not prefix and name in sections:
            raise UsageError(
                f"`{name}` in {place} is a section, not a setting.",
                hint=f"Write `[{name}]` on a line of its own, and its settings below.",
            )
        else:
            near = get_close_matches(key, [*known, *sections], n=1, cutoff=0.5)
            hint = (
                f"Did you mean `{near[0]}`?" if near else "`jollyscope config` lists all settings."
            )
            raise UsageError(f"There is no setting `{key}` ({place}).", hint=hint)


def _typed(value: Any, field: Any, name: str, place: str, *, strict: bool = False) -> Any:
    try:
        if get_origin(field.type) in (dict, list) and isinstance(value, str):
            return msgspec.json.decode(
                value, type=field.type
            )  # of a table or a list there is no plainer text
        return msgspec.convert(value, field.type, strict=strict)
    except (msgspec.DecodeError, UnicodeError) as error:  # a variable may hold any bytes
        said = f"{str(error)[:1].lower()}{str(error)[1:]}"
        raise UsageError(f"`{name}` in {place} is {_shown(name, value, field)}: {said}.") from None


def _shown(name: str, value: Any, field: Any) -> str:
    """A wrong value, without what nobody else should read: of a table that is none, nothing."""
    if get_origin(field.type) is dict and isinstance(value, str):
        return "no table"
    return repr(redact_setting(name, value))
