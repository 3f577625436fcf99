"""JSON as lines with folds: objects and arrays, long texts, and JSON that stands in a text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sized
from typing import Any, NamedTuple, cast

import msgspec

from jollyscope.model.format import count
from jollyscope_tui.widgets.cells import Paint, clean
from jollyscope_tui.widgets.document import Folds, Line, indented
from jollyscope_tui.widgets.text_lines import as_json, plain_lines

__all__ = ["json_lines", "json_paint", "scalar_paint", "written"]

_TOKEN = re.compile(
    r'(?P<key>"(?:[^"\\]|\\.)*"(?=\s*:))|(?P<string>"(?:[^"\\]|\\.)*"?)'
    r"|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<literal>true|false|null)"
)

OPEN_DEPTH = 3
"""Levels that are open at first."""

OPEN_ITEMS = 50
"""Members that a level may have to be open at first, beyond the outermost."""

GIST = 60
"""Characters of a folded text that are shown."""

MOST_LEVELS = 20

LONG = 300
"""Characters of a text beyond which it is folded."""


def written(value: Any) -> str:
    """A value as it is copied: a text as it is, all else as JSON."""
    if isinstance(value, str):
        return value
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


def json_lines(value: Any, key: str, folds: Folds) -> Iterator[Line]:
    """The value, indented and coloured; `key` is where its folds' keys begin. Of any depth."""
    stack: list[Iterator[_Item | Line]] = [iter((_Item("", value, key, 0, ""),))]
    while stack:
        item = next(stack[-1], None)
        if item is None:
            stack.pop()
        elif isinstance(item, Line):
            yield item
        elif item.is_filled:
            is_open = folds.is_open(item.key, _open_at_first(item))
            yield _head(item, is_open)
            if is_open:
                stack.append(_members(item))
        else:
            yield from _leaf(item, folds)


class _Item(NamedTuple):
    """A value below its name (coloured already, with the colon), and what stands behind it."""

    name: str
    value: Any
    key: str
    depth: int
    comma: str

    @property
    def is_filled(self) -> bool:
        """Whether it is an object or an array with something in it."""
        held: Any = self.value
        return isinstance(held, dict | list) and held not in ({}, [])

    @property
    def level(self) -> int:
        """How far it is moved in: beyond some depth, no further."""
        return min(self.depth, MOST_LEVELS)

    @property
    def lead(self) -> Paint:
        """What stands before the value."""
        lead: Paint = [("  " * self.level, "")] if self.level else []
        return [*lead, (self.name, "key"), (": ", "muted")] if self.name else lead


def _open_at_first(item: _Item) -> bool:
    held = cast("Sized", item.value)
    return not item.depth or (item.depth < OPEN_DEPTH and len(held) <= OPEN_ITEMS)


def _head(item: _Item, is_open: bool) -> Line:
    is_list = isinstance(item.value, list)
    left, right = "[]" if is_list else "{}"
    lead = item.lead
    if is_open:
        return Line([*lead, (left, "muted"), (" ▾", "fold")], item.key, value=item.value)
    number = len(cast("Sized", item.value))
    unit = ("item" if is_list else "key") + ("" if number == 1 else "s")
    said = f" ▸ {count(number)} {unit} "
    shown: Paint = [*lead, (left, "muted"), (said, "fold"), (right + item.comma, "muted")]
    return Line(shown, item.key, value=item.value)


def _members(item: _Item) -> Iterator[_Item | Line]:
    held: Any = item.value
    is_list = isinstance(held, list)
    pairs = cast(
        "Iterable[tuple[Any, Any]]", enumerate(cast("list[Any]", held)) if is_list else held.items()
    )
    last = len(held) - 1
    for number, (name, value) in enumerate(pairs):
        label = "" if is_list else clean(msgspec.json.encode(name).decode())
        comma = "," if number < last else ""
        yield _Item(label, value, f"{item.key}/{name}", item.depth + 1, comma)
    closing = ("]" if is_list else "}") + item.comma
    yield Line([("  " * item.level, ""), (closing, "muted")])


def json_paint(line: str) -> Paint:
    """A line of JSON text in colours."""
    line = clean(line)
    paint: Paint = []
    at = 0
    for token in _TOKEN.finditer(line):
        if token.start() > at:
            paint.append((line[at : token.start()], "muted"))
        paint.append((token[0], token.lastgroup or "text"))
        at = token.end()
    if at < len(line):
        paint.append((line[at:], "muted" if paint else "text"))
    return paint or [("", "")]


def scalar_paint(value: Any) -> Paint:
    """A text, number, truth or null as JSON writes it."""
    if isinstance(value, bool) or value is None:
        return [(msgspec.json.encode(value).decode(), "literal")]
    if isinstance(value, int | float):
        return [(msgspec.json.encode(value).decode(), "number")]
    if isinstance(value, str):
        return [(clean(msgspec.json.encode(value).decode("utf-8", "replace")), "string")]
    return [("{}" if isinstance(value, dict) else "[]", "muted")]


def _leaf(item: _Item, folds: Folds) -> Iterator[Line]:
    value, indent = item.value, 2 * item.level + 2
    inner = as_json(value) if isinstance(value, str) else None
    if inner is None and not _is_long(value):
        shown: Paint = [*item.lead, *scalar_paint(value), (item.comma, "muted")]
        yield Line(shown, value=value, indent=indent)
        return
    is_open = folds.is_open(item.key)
    gist: Paint = [('"', "muted")] if is_open else _gist(value)
    said = f" {'▾' if is_open else '▸'} {_measure(value, inner is not None)}"
    yield Line([*item.lead, *gist, (said, "fold")], item.key, value=value, indent=indent)
    if not is_open:
        return
    if inner is not None:
        yield from indented(json_lines(inner, item.key + "#", folds), indent)
    else:
        yield from indented(plain_lines(value, "string"), indent)
    yield Line([("  " * item.level, ""), ('"' + item.comma, "muted")])


def _is_long(value: Any) -> bool:
    return isinstance(value, str) and (len(value) > LONG or "\n" in value)


def _measure(text: str, is_json: bool) -> str:
    lines = text.count("\n") + 1
    what = "JSON, " if is_json else f"{count(lines)} lines, " if lines > 1 else ""
    return f"{what}{count(len(text))} characters"


def _gist(value: str) -> Paint:
    shown = clean(msgspec.json.encode(value[:GIST]).decode("utf-8", "replace"))
    return [(shown if len(value) <= GIST else shown[:-1] + "…", "string")]
