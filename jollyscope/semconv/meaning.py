"""A span's attributes read as a record's fields, by the tables of `table.py` and `kinds.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from jollyscope.model.messages import Conversation
from jollyscope.model.records import SpanEvent, SpanRecord, StepType
from jollyscope.semconv import said
from jollyscope.semconv.cost import cost_of
from jollyscope.semconv.counting import COUNTED, settle
from jollyscope.semconv.failure import ERROR_FIELDS, explain
from jollyscope.semconv.kinds import (
    BILLED_KINDS,
    KIND_ROWS,
    NAME_ROWS,
    STEP_OF_KIND,
    STEP_TYPES,
    SUMMING_KINDS,
    TOOL_SPAN_NAME,
)
from jollyscope.semconv.messages import conversation
from jollyscope.semconv.messages.sources import ATTRIBUTES as MESSAGE_NAMES
from jollyscope.semconv.messages.sources import PREFIXES as MESSAGE_PREFIXES
from jollyscope.semconv.rules import Rule, one_of
from jollyscope.semconv.table import COST, FIELD_ROWS, INPUT, MESSAGES, OUTPUT, STEP_TYPE

__all__ = ["give_meaning", "interpret"]

Read = Callable[[Any], Any]
Target = tuple[str, int, Read | None, Any]
"""Field, rank among the field's rows, how to read the value (None: later, see `_read_rest`), and the
next target of the same attribute or None."""

_LAST = 1 << 30
_BODY_OF = {"input": INPUT, "output": OUTPUT}
_MESSAGE_RANK = {
    field: [row.name for row in FIELD_ROWS[field]].index(MESSAGES) for field in _BODY_OF
}
_SCOPES = frozenset(row.scope for row in NAME_ROWS)
_STEPS: dict[bool, dict[str | None, StepType]] = {
    root: {kind: steps[0 if root else 1] for kind, steps in STEP_OF_KIND.items()}
    for root in (True, False)
}
_READERS: dict[str | None, dict[str, Callable[[Conversation], str | None]]] = {
    "model": {"input": said.question, "output": said.answer},
    "agent": {"input": said.user_text, "output": said.answer},
}


def _targets() -> dict[str, Target | None]:
    targets: dict[str, Target | None] = {INPUT: None, OUTPUT: None}

    def add(name: str, field: str, rank: int, read: Read | None) -> None:
        targets[name] = (field, rank, read, targets.get(name))

    for field, rows in FIELD_ROWS.items():
        for rank, row in enumerate(rows):
            if field not in ERROR_FIELDS and row.name not in (INPUT, OUTPUT, MESSAGES):
                later = row.rule.costly or row.only
                add(row.name, field, rank, None if later else row.rule.read)
    for rank, row in enumerate(KIND_ROWS):
        add(row.name, "kind", rank, None if isinstance(row.kinds, Rule) else one_of(row.kinds))
    return targets


_TARGETS = _targets()
_UNKNOWN: Any = object()


class _Plan(NamedTuple):
    """What a span's attribute names alone say of how to read it."""

    simple: list[tuple[str, int, str, Read]]
    """Field, rank, attribute and how it is read, best rank first."""
    later: list[tuple[int, str, str]]
    """Rank, field, attribute: for `_read_kind` and `_read_rest`."""
    speaks: bool
    """It may carry chat messages."""
    lifts: bool


_plans: dict[tuple[str, ...], _Plan] = {}


def _plan_of(attributes: Mapping[str, Any]) -> _Plan:
    """The plan for these names, remembered: the spans of a program come in a few shapes, and making it
    is a third of the work. Bounded, since some programs number their attributes.
    """
    names = tuple(attributes)
    plan = _plans.get(names)
    if plan is None:
        plan = _make_plan(names)
        if len(names) <= 64 and len(_plans) < 2048:
            _plans[names] = plan
    return plan


def _make_plan(names: Sequence[str]) -> _Plan:
    simple: list[tuple[str, int, str, Read]] = []
    later: list[tuple[int, str, str]] = []
    speaks = not MESSAGE_NAMES.isdisjoint(names)
    for key in names:
        target = _TARGETS.get(key, _UNKNOWN)
        if target is _UNKNOWN:
            speaks = speaks or key.startswith(MESSAGE_PREFIXES)
            continue
        while target is not None:
            field, rank, read, target = target
            if read is None:
                later.append((rank, field, key))
            else:
                simple.append((field, rank, key, read))
    simple.sort(key=itemgetter(1))
    return _Plan(simple, later, speaks, INPUT in names or OUTPUT in names)


def give_meaning(
    attributes: dict[str, Any],
    *,
    root: bool,
    name: str = "",
    scope: str = "",
    events: Sequence[SpanEvent] = (),
    time: int | None = None,
) -> dict[str, Any]:
    """The record fields that `attributes` (in wire form) speak of, to pass to `SpanRecord`.

    `root`: the span has no parent. `name`, `scope`: the span's and its instrumentation scope's.
    `time`: its start in Unix ns, for prices of that day. `jollyscope.input` and
    `jollyscope.output` are taken out of `attributes` where nothing else in them gives that field,
    so that an exporter can put them back; all else stays as it came, so that a later version can read it
    anew. A value that does not fit its field is left to the attributes. Never raises.
    """
    simple, later, speaks, lifts = _plan_of(attributes)
    fields: dict[str, Any] = {}
    ranks: dict[str, int] = {}
    for field, rank, key, read in simple:
        if field not in ranks:
            fitting = read(attributes[key])
            if fitting is not None:
                fields[field], ranks[field] = fitting, rank
    if later:
        _read_kind(later, attributes, fields, ranks)
    kind = fields.pop("kind", None) or _named_kind(scope, name)
    if later:
        _read_rest(later, attributes, fields, ranks, kind, root)
    readers = _READERS.get(kind)
    if readers is not None and (speaks or events):
        _speak(readers, attributes, events, fields, ranks)
    if kind == "agent":
        _unwrap(fields, ranks)
    elif kind == "tool":
        _name_tool(name, events, attributes, fields)
    if lifts:
        _lift("input", INPUT, attributes, fields)
        _lift("output", OUTPUT, attributes, fields)
    own = attributes.get(STEP_TYPE)
    fields["step_type"] = own if _is_step(own) else _STEPS[root].get(kind, "other")
    if "session_id" not in fields and "conversation_id" in fields:
        fields["session_id"] = fields["conversation_id"]
    if not COUNTED.isdisjoint(fields):
        _count(kind, attributes, fields, time)
    return fields


def interpret(record: SpanRecord, *, scope: str = "") -> SpanRecord:
    """Fill the fields of `record` that its attributes, events, name and place speak of; returns it.

    For records from outside: the receiver and the importers. `scope` is the name of the
    instrumentation scope. What is set already stays where the attributes are silent. Doing it
    again changes nothing.
    """
    fields = give_meaning(
        record.attributes,
        root=record.parent_span_id is None,
        name=record.name,
        scope=scope,
        events=record.events,
        time=record.start_time,
    )
    for field, value in fields.items():
        setattr(record, field, value)
    explain(record)
    return record


def _named_kind(scope: str, name: str) -> str | None:
    if scope in _SCOPES:
        for row in NAME_ROWS:
            if row.scope == scope and row.pattern.match(name):
                return row.kind
    return None


def _read_kind(
    waiting: Sequence[tuple[int, str, str]],
    attributes: Mapping[str, Any],
    fields: dict[str, Any],
    ranks: dict[str, int],
) -> None:
    """What the span is, where only the inside of a value tells."""
    for rank, field, name in waiting:
        rule = KIND_ROWS[rank].kinds if field == "kind" else None
        if isinstance(rule, Rule) and rank < ranks.get(field, _LAST):
            fitting = rule.read(attributes[name])
            if fitting is not None:
                fields[field], ranks[field] = fitting, rank


def _read_rest(
    waiting: Sequence[tuple[int, str, str]],
    attributes: Mapping[str, Any],
    fields: dict[str, Any],
    ranks: dict[str, int],
    kind: str | None,
    root: bool,
) -> None:
    """Read what costs more or depends on the span's kind, where nothing better has answered."""
    for rank, field, name in sorted(waiting):
        if field == "kind" or rank >= ranks.get(field, _LAST):
            continue
        row = FIELD_ROWS[field][rank]
        if row.only in ("", kind, "root" if root else ""):
            fitting = row.rule.read(attributes[name])
            if fitting is not None:
                fields[field], ranks[field] = fitting, rank


def _speak(
    readers: Mapping[str, Callable[[Conversation], str | None]],
    attributes: Mapping[str, Any],
    events: Sequence[SpanEvent],
    fields: dict[str, Any],
    ranks: dict[str, int],
) -> None:
    """Input and output out of the span's chat messages, where no better row has given them."""
    wanted = [field for field in readers if ranks.get(field, _LAST) > _MESSAGE_RANK[field]]
    if not wanted:
        return
    messages = conversation(attributes, events)
    if not messages:
        return
    for field in wanted:
        text = readers[field](messages)
        if text is not None:
            fields[field], ranks[field] = text, _MESSAGE_RANK[field]


def _unwrap(fields: dict[str, Any], ranks: Mapping[str, int]) -> None:
    """What was asked and answered, out of the JSON that an agent's span has for it."""
    for field, keys in (("input", said.ASKED), ("output", said.ANSWERED)):
        if field in fields and ranks[field] != _MESSAGE_RANK[field]:
            fields[field] = said.text_within(fields[field], keys) or fields[field]


def _name_tool(
    name: str, events: Sequence[SpanEvent], attributes: Mapping[str, Any], fields: dict[str, Any]
) -> None:
    """A tool call's name out of the span's, its arguments and result out of messages, where its
    attributes lack them."""
    if "tool_name" not in fields:
        found = TOOL_SPAN_NAME.match(name)
        if found is not None:
            fields["tool_name"] = found[1]
    if events and not ("input" in fields and "output" in fields):
        messages = conversation(attributes, events)
        for field, text in (("input", said.arguments(messages)), ("output", said.result(messages))):
            if text is not None:
                fields.setdefault(field, text)


def _lift(field: str, name: str, attributes: dict[str, Any], fields: dict[str, Any]) -> None:
    own = attributes.get(name)
    if isinstance(own, str):
        if field not in fields:
            del attributes[name]
        fields[field] = own


def _is_step(named: Any) -> bool:
    return isinstance(named, str) and named in STEP_TYPES


def _count(
    kind: str | None, attributes: Mapping[str, Any], fields: dict[str, Any], time: int | None
) -> None:
    """Tokens and cost of the span's own model call; none for a span that sums up others."""
    cost = fields.get("cost_usd")
    cache_write = settle(fields)
    if kind in SUMMING_KINDS:
        for field in COUNTED:
            fields.pop(field, None)
        if cost is not None and COST in attributes:
            fields["cost_usd"] = cost
    elif kind in BILLED_KINDS and "cost_usd" not in fields:
        derived = cost_of(fields, cache_write, attributes.get("gen_ai.request.model"), time)
        if derived is not None:
            fields["cost_usd"] = derived
