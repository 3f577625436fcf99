"""What a probe answers, and running several side by side."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any, Literal

import msgspec

from jollyscope.errors import JollyScopeError

__all__ = ["Health", "Probe", "State", "run_all", "worst"]

State = Literal["ok", "degraded", "down", "unknown"]
_ORDER: tuple[State, ...] = ("ok", "unknown", "degraded", "down")


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """One part, at one moment."""

    name: str
    state: State
    sentence: str
    """What is so, ending with a full stop."""
    hint: str = ""
    """What to do about it; empty where nothing is wrong."""
    facts: dict[str, Any] = {}
    """Numbers and names behind the sentence; plain JSON."""
    took_ms: float = 0.0


Probe = Callable[[], Health]
"""Answers within a bounded time. What it raises is taken for `down`."""


def run_all(probes: Mapping[str, Probe], *, timeout: float = 15.0) -> list[Health]:
    """Every probe's answer, in their order; one that is not back in `timeout` seconds is `unknown`."""
    pool = ThreadPoolExecutor(max_workers=max(1, len(probes)), thread_name_prefix="probe")
    try:
        begun = {name: pool.submit(_timed, name, probe) for name, probe in probes.items()}
        wait(begun.values(), timeout)
        return [one.result() if one.done() else _late(name, timeout) for name, one in begun.items()]
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def worst(found: list[Health]) -> State:
    """The state of the whole."""
    return _ORDER[max((_ORDER.index(one.state) for one in found), default=1)]


def _timed(name: str, probe: Probe) -> Health:
    began = time.monotonic()
    try:
        found = probe()
    except JollyScopeError as error:
        found = Health(name=name, state="down", sentence=error.message, hint=error.hint)
    except Exception as error:  # noqa: BLE001 - a probe's own failure is an answer, shown as it is
        said = f"{type(error).__name__}: {error}".rstrip(". :")
        found = Health(name=name, state="unknown", sentence=f"The check itself failed: {said}.")
    return msgspec.structs.replace(found, took_ms=round((time.monotonic() - began) * 1e3, 1))


def _late(name: str, timeout: float) -> Health:
    return Health(
        name=name,
        state="unknown",
        sentence=f"No answer within {timeout:.0f} s.",
        hint=f"`jollyscope logs {name}` may say why.",
        took_ms=timeout * 1e3,
    )
