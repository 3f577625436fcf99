"""JollyScope shows what an LLM agent did.

    import jollyscope
    jollyscope.init(service="my-agent")

records every OpenTelemetry span of the program; `jollyscope.run`, `think`, `act`, `observe` and
`respond` add explicit ReAct steps. See `docs/sdk.md`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jollyscope.sdk.api import act, observe, observe_now, respond, run, session, step, think
    from jollyscope.sdk.setup import Status, flush, init, shutdown, status
    from jollyscope.sdk.steps import Step

__all__ = [
    "Status",
    "Step",
    "act",
    "flush",
    "init",
    "observe",
    "observe_now",
    "respond",
    "run",
    "session",
    "shutdown",
    "status",
    "step",
    "think",
]

# Lazy (PEP 562): the command line and the explorer import this package without the SDK, whose
# OpenTelemetry takes 90 ms.
_HOME = {
    **dict.fromkeys(("Status", "flush", "init", "shutdown", "status"), "jollyscope.sdk.setup"),
    "Step": "jollyscope.sdk.steps",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOME.get(name, "jollyscope.sdk.api")), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
