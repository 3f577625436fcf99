"""`init`, `flush`, `shutdown`, `status`: the recorder's life."""

from __future__ import annotations

import atexit
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from jollyscope.config import Config, SdkConfig, load
from jollyscope.errors import UsageError
from jollyscope.paths import data_dir
from jollyscope.sdk.convert import Converter
from jollyscope.sdk.exits import guard_fork, guard_sigterm, release_sigterm
from jollyscope.sdk.live import Live
from jollyscope.sdk.outbox import Outbox
from jollyscope.sdk.processor import Inbox, Processor
from jollyscope.sdk.provider import current_provider, join, make_provider
from jollyscope.sdk.recorder import Recorder
from jollyscope.sdk.sampler import Sampler
from jollyscope.sdk.texts import Texts
from jollyscope.sdk.trouble import Trouble
from jollyscope.transport.spool import SpoolWriter, spool_dir

__all__ = ["Status", "flush", "init", "shutdown", "status"]


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """How recording goes. Counts are of ended spans: recorded = written + waiting + dropped."""

    enabled: bool
    """`init()` was called, the kill switch is off, and `shutdown()` has not been called."""
    recorded: int = 0
    """Spans that ended and were to be recorded, in this process."""
    written: int = 0
    """In the spool."""
    waiting: int = 0
    """In memory, on their way."""
    dropped: int = 0
    """Lost: too many were waiting, or they could not be written in time."""
    last_error: str | None = None
    folder: Path | None = None
    """This process's own folder in the spool; made when the first record is written."""


class _Session:
    """The one set-up of this process."""

    recorder: Recorder | None = None
    processor: Processor | None = None
    hooked = False


def init(
    service: str | None = None,
    *,
    home: Path | str | None = None,
    redact: Callable[[str], str] | None = None,
    resource: Mapping[str, Any] | None = None,
    **settings: Any,
) -> None:
    """Record every OpenTelemetry span of this program. Calling it again changes nothing.

    `service` names the agent; `home` is the data directory (else `$JOLLYSCOPE_HOME`, else the
    system's); `redact` gets every text before it is written; `resource` adds attributes of the
    process; `settings` are fields of `SdkConfig`, over file and environment.

    Raises `UsageError` for a setting given here that does not exist or cannot be; nothing else.
    """
    if _Session.recorder is not None:
        return
    trouble = Trouble()
    config = _configured(settings, trouble)
    if not config.sdk.enabled or os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return
    try:
        _set_up(config, service or config.sdk.service, home, redact, resource, trouble)
    except Exception as error:  # noqa: BLE001 - an agent must start whatever is wrong here
        trouble.tell("init", f"JollyScope records nothing: {type(error).__name__}: {error}.")


def flush(timeout: float = 5.0) -> bool:
    """Wait until everything that ended so far is in the spool.

    False when `timeout` seconds were not enough or the spool cannot be written.
    """
    recorder = _Session.recorder
    return recorder is None or recorder.flush(timeout)


def shutdown(timeout: float = 5.0) -> None:
    """Write what waits and stop recording. Safe without `init()`, and twice.

    Steps still open stay open in the store and show as interrupted.
    """
    recorder, processor = _Session.recorder, _Session.processor
    if recorder is None or processor is None:
        return
    Live.tracer = None
    processor.live = False
    release_sigterm()
    recorder.stop(timeout)
    _Session.recorder = _Session.processor = None


def status() -> Status:
    """Counts since `init()` or, in a forked child, since the fork."""
    recorder = _Session.recorder
    if recorder is None:
        return Status(enabled=False)
    written, waiting, dropped = recorder.outbox.written, recorder.waiting, recorder.dropped
    return Status(
        enabled=True,
        recorded=written + waiting + dropped,
        written=written,
        waiting=waiting,
        dropped=dropped,
        last_error=recorder.trouble.last_error,
        folder=recorder.outbox.writer.folder,
    )


def _configured(settings: Mapping[str, Any], trouble: Trouble) -> Config:
    try:
        config = load()
    except UsageError as error:
        trouble.tell("config", f"{error} JollyScope records with its default settings.")
        # A kill switch must work beside a typo elsewhere.
        off = os.environ.get("JOLLYSCOPE_SDK_ENABLED", "").lower() in ("0", "false")
        config = Config(sdk=SdkConfig(enabled=not off))
    try:
        merged = {**msgspec.structs.asdict(config.sdk), **settings}
        return msgspec.structs.replace(config, sdk=msgspec.convert(merged, SdkConfig))
    except msgspec.ValidationError as error:
        raise UsageError(
            f"A setting given to jollyscope.init() cannot be used: {error}.",
            hint="Its settings are the fields of jollyscope.config.SdkConfig.",
        ) from None


def _set_up(
    config: Config,
    service: str | None,
    home: Path | str | None,
    redact: Callable[[str], str] | None,
    resource: Mapping[str, Any] | None,
    trouble: Trouble,
) -> None:
    provider, extra = current_provider(), resource
    if provider is None:
        provider, extra = make_provider(service, resource), None
    texts = Texts(config.sdk.max_text, redact, trouble)
    converter = Converter(texts, service=service, resource=extra)
    # Absolute: an agent may change its directory.
    root = spool_dir(Path(home).expanduser() if home is not None else data_dir()).absolute()
    recorder, processor = make_recorder(config, root, converter, trouble)
    if not join(provider, processor):
        name = f"{type(provider).__module__}.{type(provider).__qualname__}"
        trouble.tell(
            "provider",
            f"JollyScope records nothing: the tracer provider in use ({name}) takes no span "
            "processors. Call jollyscope.init() before it is set up.",
        )
        return
    _Session.recorder, _Session.processor = recorder, processor
    Live.tracer = provider.get_tracer("jollyscope", _version())
    guard_sigterm(recorder.flush)
    _hook()


def make_recorder(
    config: Config, root: Path, converter: Converter, trouble: Trouble
) -> tuple[Recorder, Processor]:
    """A recorder that writes under `root` and the processor that feeds it, joined to no provider."""

    def make_outbox() -> Outbox:
        writer = SpoolWriter(
            root,
            segment_bytes=config.spool.segment_mb << 20,
            max_bytes=config.spool.max_mb << 20,
            fsync=config.spool.fsync,
        )
        return Outbox(writer, config.sdk.queue, trouble)

    inbox, sampler = Inbox(config.sdk.queue), Sampler(config.sdk.sample_ms)
    recorder = Recorder(
        inbox, converter, make_outbox, sampler, trouble, flush_ms=config.sdk.flush_ms
    )
    processor = Processor(
        inbox, recorder.wake, recorder.flush, open_records=config.sdk.open_records
    )
    return recorder, processor


def _version() -> str:
    # importlib.metadata costs 20 ms of import; OpenTelemetry's API has loaded it already.
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("jollyscope")
    except PackageNotFoundError:
        return ""


def _hook() -> None:
    if not _Session.hooked:
        _Session.hooked = True
        atexit.register(shutdown)
        guard_fork(_before_fork, _after_fork, _in_child)


def _before_fork() -> None:
    # A fork in the middle of a write could leave the child a descriptor that nobody closes, and
    # with it the lock that says the parent lives.
    recorder = _Session.recorder
    if recorder is not None:
        recorder.hold(0.5)


def _after_fork() -> None:
    recorder = _Session.recorder
    if recorder is not None:
        recorder.let_go()


def _in_child() -> None:
    recorder, processor = _Session.recorder, _Session.processor
    if recorder is not None and processor is not None:
        recorder.forked()
        processor.asleep = True
