"""What may follow in a filter that is being typed: fields, operators, and values of the store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Literal, NamedTuple

from jollyscope.query.filter.engines import engine
from jollyscope.query.filter.patterns import Pattern, fold
from jollyscope.query.filter.scanner import OPERATORS, unescaped
from jollyscope.query.filter.sql import Sql
from jollyscope.query.filter.table import FIELDS, Field, find
from jollyscope.query.filter.writing import quoted
from jollyscope.store.api import Reader

__all__ = ["Completion", "complete", "store_values"]

Values = Callable[[str, str], Iterable[str]]
"""Values of a field (`tool`, `attr.http.method`; `attr.` asks for keys) that begin with a text."""

SAMPLE = 5_000
"""Spans whose attributes are looked at for keys and values."""

_DAYS = ("today", "yesterday")
_TIMES = ("15m", "1h", "24h", "7d", *_DAYS)
_WORDS = (("OR", "either side"), ("AND", "both sides"), ("NOT", "not what follows"))


class Completion(NamedTuple):
    """`text` replaces the filter's characters `[start, end)`."""

    text: str
    start: int
    end: int
    kind: Literal["field", "operator", "value", "keyword"]
    meaning: str = ""


def complete(text: str, cursor: int, values: Values) -> list[Completion]:
    """What the word before the cursor may become, best first."""
    start = _word_start(text[:cursor])
    while text[start:cursor].startswith("-"):
        start += 1
    word = text[start:cursor]
    name, op, typed = _split(word)
    if op:
        at = cursor - len(typed)
        return [
            Completion(value, at, cursor, "value", meaning)
            for value, meaning in _values(name, op, typed, values)
        ]
    if word.startswith('"'):
        return []
    found = [
        Completion(text_, start, cursor, kind, meaning)
        for text_, kind, meaning in (*_fields(word, values), *_operators(word))
    ]
    found += [
        Completion(f"{keyword} ", start, cursor, "keyword", meaning)
        for keyword, meaning in _WORDS
        if word and keyword.startswith(word) and keyword != word
    ]
    return found


def _word_start(before: str) -> int:
    """Where the word begins that ends here; blanks and parentheses in quotes part nothing."""
    start, quoted, skip = 0, False, False
    for at, char in enumerate(before):
        if skip:
            skip = False
        elif char == "\\":
            skip = True
        elif char == '"':
            quoted = not quoted
        elif not quoted and (char.isspace() or char in "()"):
            start = at + 1
    return start


def _split(word: str) -> tuple[str, str, str]:
    """Name, operator and the last value of a word; the operator is empty where there is none."""
    quoted = False
    for at, char in enumerate(word):
        quoted ^= char == '"'
        op = "" if quoted else next((op for op in OPERATORS if word.startswith(op, at)), "")
        if op:
            value = word[at + len(op) :]
            return word[:at], op, value if value.startswith('"') else value.rpartition(",")[2]
    return word, "", ""


def _field(name: str) -> Field | None:
    return find(name.partition(".")[0])


def _fields(word: str, values: Values) -> Iterator[tuple[str, Literal["field"], str]]:
    """Fields that the word may become; behind `attr.` the keys of the store."""
    head, dot, key = word.partition(".")
    field = find(head)
    if dot and field is not None and field.keyed:
        asked = "tool" if field.kind == "calls" else f"{field.name}."
        for found in values(asked, unescaped(key.removeprefix('"').removesuffix('"'))):
            whole = f"{field.name}.{quoted(found, ':=!')}"
            if whole != word:
                yield whole, "field", field.meaning
        return
    for field in FIELDS:
        if field.name.startswith(word.lower()) and field.name != word.lower():
            yield field.name + ("." if field.keyed else _usual(field)), "field", field.meaning


def _usual(field: Field) -> str:
    return ">" if field.numeric else ":"


def _operators(word: str) -> Iterator[tuple[str, Literal["operator"], str]]:
    """Behind a field's whole name: how it can be held against something."""
    field = _field(word)
    if field is None or (field.keyed != ("." in word)) or word.endswith("."):
        return
    ordered = field.numeric or field.kind == "attribute"
    ops = [":"] if field.kind in ("time", "presence") else [":", "!="]
    for op in [*ops, *((">", ">=", "<", "<=") if ordered else ())]:
        yield f"{word}{op}", "operator", field.example


def _values(name: str, op: str, typed: str, values: Values) -> Iterator[tuple[str, str]]:
    """Values that fit what is typed of one, with what they mean."""
    field = _field(name)
    if field is None:
        return
    if field.kind == "presence":
        yield from ((f.name, f.meaning) for f in FIELDS if _askable(f, typed))
    elif field.choices or field.kind == "time":
        words = field.choices or (_DAYS if field.name == "at" else _TIMES)
        yield from ((word, "") for word in words if word.startswith(typed.lower()))
    elif field.kind == "attribute" or not field.numeric:
        bare = unescaped(typed.removeprefix('"').removesuffix('"'))
        asked = field.name + name[name.index(".") :] if "." in name else field.name
        yield from ((quoted(value), "") for value in values(asked, bare))


def _askable(field: Field, typed: str) -> bool:
    return field.kind not in ("time", "presence", "calls") and field.name.startswith(typed.lower())


_COLUMNS = {
    "tool": ("ads_tools", "tool_name"),
    "model": ("ads_models", "model"),
    "provider": ("ads_models", "provider"),
    "user": ("ads_users", "user_id"),
    "session": ("ads_sessions", "session_id"),
    "service": ("ads_traces", "service"),
    "name": ("ads_traces", "name"),
    "trace": ("ads_traces", "trace_id"),
    "error": ("ads_errors", "error_type"),
    "label": ("(SELECT text FROM ads_annotations WHERE kind = 'label')", "text"),
}


def store_values(reader: Reader, field: str, prefix: str, limit: int = 20) -> list[str]:
    """What the store has of a field, ascending, as `complete` asks for it.

    Case does not matter. Keys and values of attributes are those of some thousand spans; fields that
    no view sums up have none. Raises `StoreError`.
    """
    dialect = engine(reader)
    head, dot, key = field.partition(".")
    column = {"attr": "attributes", "resource": "resource"}.get(head)
    if column and not key:
        value = dialect.keys(column)
        source = f"(SELECT {column} FROM dwd_spans LIMIT {SAMPLE})"
    elif column:
        value = dialect.text_at(column, _key(key))
        source = f"(SELECT {column} FROM dwd_spans LIMIT {SAMPLE})"
    elif field in _COLUMNS and not dot:
        source, value = _COLUMNS[field][0], Sql(_COLUMNS[field][1])
    else:
        return []
    typed = Pattern(prefix, ((False, prefix),) if prefix else ()).folded()
    asked = "SELECT DISTINCT v FROM (SELECT " + value + f" AS v FROM {source} AS s) AS t WHERE "
    asked += "v IS NOT NULL AND v <> '' AND " + dialect.starts_with(
        dialect.lower(Sql("v"), typed), fold(prefix)
    )
    asked += f" ORDER BY v LIMIT {int(limit)}"
    return [str(row[0]) for row in reader.query(asked.text, asked.values).rows]


def _key(written: str) -> str:
    return unescaped(written[1:-1] if written.startswith('"') else written)
