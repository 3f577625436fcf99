"""Checks of what a program finds around it: the terminal and the environment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

import msgspec

__all__ = ["Check", "Terminal", "environment", "terminal"]


class Check(msgspec.Struct, frozen=True):
    """One finding. `fix` says what to do where `state` is not ok."""

    name: str
    state: Literal["ok", "warn", "fail"]
    detail: str
    fix: str = ""


class Terminal(msgspec.Struct, frozen=True):
    """What a program's standard streams are connected to; size in cells."""

    interactive: bool
    encoding: str
    columns: int
    rows: int


def terminal(shown: Terminal, environ: Mapping[str, str]) -> Iterator[Check]:
    """Whether the explorer will look right here."""
    if not shown.interactive:
        yield Check("terminal", "ok", "none: output goes to a file or a pipe, plain")
        return
    kind = environ.get("TERM", "")
    colours = _colours(environ)
    size = f"{shown.columns}×{shown.rows}"
    yield Check("terminal", "ok", f"{kind or 'unknown kind'}, {size}, {colours}")
    if kind in ("", "dumb"):
        fix = "Set TERM, for example TERM=xterm-256color."
        yield Check("terminal kind", "warn", f"TERM is {kind!r}: nothing can be drawn", fix)
    if shown.columns < 80 or shown.rows < 24:
        yield Check("terminal size", "warn", f"{size} is narrow", "Enlarge it to 80×24 or more.")
    if shown.encoding.lower().replace("-", "") != "utf8":
        fix = "Set LANG to a UTF-8 locale, for example LANG=C.UTF-8."
        detail = f"{shown.encoding}: Chinese, emoji and the step signs cannot be shown"
        yield Check("character set", "warn", detail, fix)
    yield from _multiplexer(environ)


def _colours(environ: Mapping[str, str]) -> str:
    if environ.get("NO_COLOR"):
        return "no colour (NO_COLOR)"
    if environ.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        return "16 million colours"
    return "256 colours" if "256" in environ.get("TERM", "") else "16 colours"


def _multiplexer(environ: Mapping[str, str]) -> Iterator[Check]:
    if not environ.get("TMUX"):
        return
    if environ.get("TERM", "").startswith(("tmux", "screen")):
        detail = "tmux; copying goes through its clipboard (`set -g set-clipboard on`)"
        yield Check("multiplexer", "ok", detail)
    else:
        fix = "In ~/.tmux.conf: set -g default-terminal tmux-256color"
        detail = f"tmux, but TERM is {environ.get('TERM', '')!r}: colours may be wrong"
        yield Check("multiplexer", "warn", detail, fix)


def environment(environ: Mapping[str, str]) -> Iterator[Check]:
    """Variables that quietly change what an agent records."""
    found = [*_switches(environ), *_samplers(environ), *_limits(environ)]
    yield from found or [Check("environment", "ok", "no variable holds records back")]


def _switches(environ: Mapping[str, str]) -> Iterator[Check]:
    if environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        fix = "unset OTEL_SDK_DISABLED"
        yield Check("environment", "warn", "OTEL_SDK_DISABLED=true: nothing is recorded", fix)
    value = environ.get("JOLLYSCOPE_SDK_ENABLED", "").lower()
    if value in ("false", "0"):
        fix = "unset JOLLYSCOPE_SDK_ENABLED"
        detail = f"JOLLYSCOPE_SDK_ENABLED={value}: nothing is recorded"
        yield Check("environment", "warn", detail, fix)


def _samplers(environ: Mapping[str, str]) -> Iterator[Check]:
    sampler = environ.get("OTEL_TRACES_SAMPLER", "").lower()
    argument = environ.get("OTEL_TRACES_SAMPLER_ARG", "")
    if sampler.endswith("always_off"):
        lost = "no trace is recorded"
    elif sampler.endswith("traceidratio") and argument not in ("", "1", "1.0"):
        lost = f"a share of {argument} of the traces is recorded"
    else:
        return
    fix = "unset OTEL_TRACES_SAMPLER, or set it to parentbased_always_on"
    yield Check("environment", "warn", f"OTEL_TRACES_SAMPLER={sampler}: {lost}", fix)


_LIMITS = {
    "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT": "texts are cut to that many characters",
    "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT": "texts are cut to that many characters",
    "OTEL_ATTRIBUTE_COUNT_LIMIT": "attributes beyond that many are dropped",
    "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT": "attributes beyond that many are dropped",
    "OTEL_SPAN_EVENT_COUNT_LIMIT": "events beyond that many are dropped",
}


def _limits(environ: Mapping[str, str]) -> Iterator[Check]:
    for name, effect in _LIMITS.items():
        value = environ.get(name)
        if value:
            yield Check("environment", "warn", f"{name}={value}: {effect}", f"unset {name}")
