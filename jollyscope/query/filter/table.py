"""Every field of the language: what it is called, what it holds, and where it stands.

A field stands on spans, on whole traces, or on both; and where it has columns, those are named here
for each. Where a list has no column for a field, the compiler goes to the one that has.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Literal, NamedTuple, get_args

from jollyscope.model.records import Kind, State, Status, StepType
from jollyscope.store.state import AnnotationKind

__all__ = ["FIELDS", "Field", "Level", "Target", "ValueKind", "fields", "find", "nearest"]

Target = Literal["traces", "spans", "sessions"]
"""What a list is of; `spans` are the ended and the running ones."""

Level = Literal["span", "trace", "both"]

ValueKind = Literal[
    "word", "choice", "id", "text", "count", "duration", "money", "percent", "bytes", "time",
    "attribute", "calls", "presence",
]  # fmt: skip
"""How a value is written and compared:

- `word`: the whole value, case as written, with wildcards
- `choice`: one of a few words, in any case
- `id`: hex digits, the id's beginning
- `text`: contained, in any case, with wildcards
- `count` (whole numbers), `duration` (ms), `money` (US dollars), `percent`, `bytes` (10⁶ bytes)
- `time`: a point or a stretch of time
- `attribute`: what an attribute holds, by its type
- `calls`: a count of calls of the tool that the name says
- `presence`: another field's name
"""


class Field(NamedTuple):
    """One field. `columns` are what it reads on each target: several numbers are summed (unknown
    where all are), of several texts any may fit. `keyed` fields go on with `.name`.
    """

    name: str
    kind: ValueKind
    level: Level
    meaning: str
    example: str
    columns: Mapping[Target, tuple[str, ...]]
    choices: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()

    @property
    def keyed(self) -> bool:
        """Whether the name goes on with a key: `attr.http.status_code`."""
        return self.kind in ("attribute", "calls")

    @property
    def added(self) -> AnnotationKind | None:
        """What of `ads_annotations` it reads: people added it, no record has it."""
        return "label" if self.name == "label" else "note" if self.name == "note" else None

    @property
    def numeric(self) -> bool:
        """Whether values are numbers with a unit."""
        return self.kind in ("count", "duration", "money", "percent", "bytes", "calls")


_ALL: tuple[Target, ...] = ("traces", "spans", "sessions")
LISTS = frozenset({"tools", "models"})
"""Columns that hold several words."""


def _on(*columns: str, at: tuple[Target, ...] = _ALL) -> dict[Target, tuple[str, ...]]:
    return dict.fromkeys(at, columns)


_SPANS: tuple[Target, ...] = ("spans",)
_BELOW: tuple[Target, ...] = ("traces", "spans")
_ABOVE: tuple[Target, ...] = ("traces", "sessions")

FIELDS: tuple[Field, ...] = (
    Field(
        "status", "choice", "both", "how it ended", "status:error", _on("status"), get_args(Status)
    ),
    Field(
        "state", "choice", "both", "whether it still runs, or broke off", "state:open",
        _on("state"), get_args(State),
    ),
    Field(
        "step", "choice", "span", "which step of the loop it is", "step:act",
        _on("step_type", at=_SPANS), get_args(StepType), ("step_type",),
    ),
    Field(
        "tool", "word", "both", "the tool that was called", "tool:search*",
        _on("tool_name", at=_SPANS) | _on("tools", at=("traces",)), aliases=("tool_name",),
    ),
    Field(
        "model", "word", "both", "the model that was called", "model:gpt-4o*",
        _on("model", at=_SPANS) | _on("models", at=("traces",)),
    ),
    Field(
        "provider", "word", "span", "who served the model", "provider:openai",
        _on("provider", at=_SPANS),
    ),
    Field("service", "word", "both", "the program", "service:shop", _on("service")),
    Field(
        "session", "word", "both", "the conversation", "session:chat-42", _on("session_id"),
        aliases=("session_id",),
    ),
    Field(
        "conversation", "word", "span", "the thread within the session", "conversation:main",
        _on("conversation_id", at=_SPANS), aliases=("conversation_id",),
    ),
    Field(
        "user", "word", "both", "who the agent worked for", "user:ann", _on("user_id"),
        aliases=("user_id",),
    ),
    Field(
        "name", "word", "both", "what the span, or the trace's root, is called", "name:chat*",
        _on("name", at=_BELOW),
    ),
    Field(
        "kind", "choice", "span", "OpenTelemetry's kind of span", "kind:client",
        _on("kind", at=_SPANS), get_args(Kind),
    ),
    Field(
        "trace", "id", "both", "the trace's id, or how it begins", "trace:4bf92f35",
        _on("trace_id", at=_BELOW), aliases=("trace_id",),
    ),
    Field(
        "span", "id", "span", "the span's id, or how it begins", "span:00f067aa",
        _on("span_id", at=_SPANS), aliases=("span_id",),
    ),
    Field(
        "parent", "id", "span", "the id of the span above, or how it begins", "parent:00f067aa",
        _on("parent_span_id", at=_SPANS), aliases=("parent_span_id",),
    ),
    Field(
        "error", "text", "span", "the error's type or message", "error:timeout",
        _on("error_type", "error_message", at=_SPANS),
    ),
    Field("input", "text", "both", "what came in", "input:weather", _on("input")),
    Field(
        "output", "text", "both", "what came out", 'output:"no results"',
        _on("output", at=_BELOW),
    ),
    Field("duration", "duration", "both", "how long it took", "duration>2s", _on("duration_ms")),
    Field(
        "tokens", "count", "both", "tokens in and out", "tokens>=10k",
        _on("input_tokens", "output_tokens"),
    ),
    Field(
        "input_tokens", "count", "both", "tokens sent", "input_tokens>8k", _on("input_tokens")
    ),
    Field(
        "output_tokens", "count", "both", "tokens received", "output_tokens>1k",
        _on("output_tokens"),
    ),
    Field(
        "cached_tokens", "count", "span", "input tokens that the provider had cached",
        "cached_tokens>0", _on("cached_tokens", at=_SPANS),
    ),
    Field(
        "reasoning_tokens", "count", "span", "output tokens spent on reasoning",
        "reasoning_tokens>500", _on("reasoning_tokens", at=_SPANS),
    ),
    Field(
        "cost", "money", "both", "US dollars", "cost>$0.05", _on("cost_usd"), aliases=("cost_usd",)
    ),
    Field("cpu", "percent", "span", "mean CPU, 100 % is a core", "cpu>80%", _on("cpu_percent", at=_SPANS)),
    Field("memory", "bytes", "span", "memory at its end", "memory>500MB", _on("memory_mb", at=_SPANS)),
    Field(
        "attr", "attribute", "span", "an attribute of the span", "attr.http.status_code:500",
        _on("attributes", at=_SPANS), aliases=("attributes", "attribute"),
    ),
    Field(
        "resource", "attribute", "span", "an attribute of its resource", "resource.host.name:web*",
        _on("resource", at=_SPANS),
    ),
    Field(
        "steps", "count", "trace", "how many steps the trace has", "steps>20",
        _on("step_count", at=_ABOVE), aliases=("step_count",),
    ),
    Field(
        "spans", "count", "trace", "how many spans", "spans>100",
        _on("span_count", at=_ABOVE), aliases=("span_count",),
    ),
    Field(
        "errors", "count", "trace", "how many spans failed", "errors>0",
        _on("error_count", at=_ABOVE), aliases=("error_count",),
    ),
    Field(
        "tools", "count", "trace", "how many tool calls", "tools>5",
        _on("tool_calls", at=_ABOVE), aliases=("tool_calls",),
    ),
    Field("label", "word", "both", "a label that was put on it", "label:golden", {}),
    Field("note", "text", "both", "what a note on it says", "note:flaky", {}),
    Field("calls", "calls", "trace", "how many calls of one tool", "calls.search>3", {}),
    Field("has", "presence", "both", "whether there is any", "has:error", {}),
    Field(
        "since", "time", "both", "began then or later", "since:2h", _on("start_time")
    ),
    Field("until", "time", "both", "began before then", "until:2026-11-20", _on("start_time")),
    Field(
        "at", "time", "both", "began within that time", "at:2026-11-20T14:00..15:00",
        _on("start_time"),
    ),
)  # fmt: skip

_BY_NAME = {field.name: field for field in FIELDS}
_BY_ALIAS = {alias: field for field in FIELDS for alias in (field.name, *field.aliases)}


def fields() -> tuple[Field, ...]:
    """Every field, in the order in which the documentation has them."""
    return FIELDS


def find(name: str) -> Field | None:
    """The field of that name, in any case; columns' names are understood too."""
    return _BY_ALIAS.get(name.lower())


def nearest(word: str, among: tuple[str, ...] | None = None) -> str | None:
    """The known word that `word` was likely meant to be."""
    near = get_close_matches(word.lower()[:40], among or tuple(_BY_NAME), n=1, cutoff=0.6)
    return near[0] if near else None
