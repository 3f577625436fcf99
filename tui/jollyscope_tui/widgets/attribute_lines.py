"""The Attributes tab: names and typed values of the span, its resource and its scope."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from rich.cells import cell_len

from jollyscope.model.records import SpanRecord
from jollyscope.query.filter import term
from jollyscope_tui.widgets.cells import Paint, clean
from jollyscope_tui.widgets.document import Document, Folds, Line, indented, note
from jollyscope_tui.widgets.json_lines import LONG, json_lines, scalar_paint, written
from jollyscope_tui.widgets.text_lines import as_json, prose_lines

__all__ = ["attribute_lines", "attributes"]

WIDEST_NAME = 36

_FIELDS = {
    "gen_ai.tool.name": "tool", "gen_ai.request.model": "model", "session.id": "session",
    "gen_ai.conversation.id": "session", "user.id": "user", "service.name": "service",
}  # fmt: skip
"""Attributes that are fields of the filter by themselves."""

_TERM_CHARACTERS = 200
"""A longer text is no value that one filters by."""


def attributes(span: SpanRecord, narrow: str = "") -> Document:
    """The tab. With `narrow`, only lines whose name or value has it, letter case aside."""
    parts = [
        (title, field, held)
        for title, field, held in (
            ("attributes", "attr", span.attributes),
            ("resource", "resource", span.resource),
            ("scope", "", span.scope),
        )
        if held
    ]
    if not parts:
        return note("No attributes.")

    def lines(folds: Folds) -> Iterator[Line]:
        shown = False
        for title, field, held in parts:
            kept = _kept(held, narrow)
            if not kept:
                continue
            if shown:
                yield Line([("", "")])
            shown = True
            number = f"{len(kept)} of {len(held)}" if len(kept) < len(held) else f"{len(held)}"
            yield Line([(title, "heading"), (f"  {number}", "muted")], value=kept)
            yield from attribute_lines(kept, title, folds, field)
        if not shown:
            yield Line([(f"None of them has “{clean(narrow)}”.", "muted")])

    def whole() -> str:
        return written({title: held for title, _, held in parts})

    return Document(lines, whole, ".json")


def _kept(held: Mapping[str, Any], narrow: str) -> dict[str, Any]:
    """By name, those that fit."""
    wanted = narrow.casefold()
    return {
        name: value
        for name, value in sorted(held.items())
        if not wanted or wanted in name.casefold() or wanted in written(value).casefold()
    }


def attribute_lines(
    held: Mapping[str, Any], key: str, folds: Folds, field: str = ""
) -> Iterator[Line]:
    """A line a name, its value behind it; long ones fold. `field` is the filter's for such names."""
    width = min(WIDEST_NAME, max((cell_len(clean(name)) for name in held), default=0))
    for name, value in held.items():
        shown = clean(name)
        lead: Paint = [(shown + " " * max(0, width - cell_len(shown)) + "  ", "key")]
        yield from _value(lead, value, f"{key}/{name}", folds, _term(field, name, value))


def _value(lead: Paint, value: Any, key: str, folds: Folds, asked: str) -> Iterator[Line]:
    indent = min(WIDEST_NAME + 2, cell_len(lead[0][0]))
    inner = as_json(value) if isinstance(value, str) else None
    if isinstance(value, list) and value and _is_flat(cast("list[Any]", value)):
        yield Line([*lead, *_flat(cast("list[Any]", value))], "", asked, value, indent)
        return
    if inner is None and not isinstance(value, dict | list) and not _is_long(value):
        plain: Paint = [(clean(value), "string")] if isinstance(value, str) and value else []
        yield Line([*lead, *(plain or scalar_paint(value))], "", asked, value, indent)
        return
    is_open = folds.is_open(key)
    said = f"{'▾' if is_open else '▸'} {_measure(value, inner)}"
    gist: Paint = [] if is_open else [(_gist(value) + " ", "string")]
    yield Line([*lead, *gist, (said, "fold")], key, asked, value, indent)
    if is_open:
        body = (
            prose_lines(value, key + "#", folds)
            if inner is None and isinstance(value, str)
            else json_lines(value if inner is None else inner, key + "#", folds)
        )
        yield from indented(body, 2)


def _is_flat(value: list[Any]) -> bool:
    """Whether it is a short list of short things."""
    if len(value) > 8:
        return False
    deep = any(isinstance(one, dict | list) or _is_long(one) for one in value)
    return not deep and sum(len(str(one)) for one in value) <= 80


def _flat(value: list[Any]) -> Paint:
    paint: Paint = [("[", "muted")]
    for at, one in enumerate(value):
        paint += [(", ", "muted")] if at else []
        paint += scalar_paint(one)
    return [*paint, ("]", "muted")]


def _is_long(value: Any) -> bool:
    return isinstance(value, str) and (len(value) > LONG or "\n" in value)


def _measure(value: Any, inner: Any) -> str:
    if isinstance(value, str) and inner is None:
        lines = value.count("\n") + 1
        characters = f"{len(value):,} characters"
        return f"{lines:,} lines, {characters}" if lines > 1 else characters
    held = cast("dict[str, Any] | list[Any]", value if inner is None else inner)
    unit = "item" if isinstance(held, list) else "key"
    number = f"{len(held):,} {unit}{'' if len(held) == 1 else 's'}"
    return f"JSON, {number}" if inner is not None else number


def _gist(value: Any) -> str:
    text = value if isinstance(value, str) else written(value) if len(value) <= 8 else ""
    shown = " ".join(text[:160].split())
    return clean(shown[:48]) + ("…" if len(shown) > 48 or len(text) > 160 else "")


def _term(field: str, name: str, value: Any) -> str:
    """The filter for traces with the same value."""
    if name in _FIELDS and isinstance(value, str) and field:
        return term(_FIELDS[name], value)
    if not field or name.startswith("@"):
        return ""
    if isinstance(value, bool):
        return term(field, "true" if value else "false", name)
    if isinstance(value, int | float):
        return term(field, written(value), name)
    if isinstance(value, str) and value and len(value) <= _TERM_CHARACTERS and "\n" not in value:
        return term(field, value, name)
    return ""
