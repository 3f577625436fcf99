"""Encode, decode and validate records: the one place that says what is refused, and why."""

from __future__ import annotations

import re
from collections.abc import Iterable
from operator import attrgetter
from typing import Any, Generic, TypeVar

import msgspec

from jollyscope.errors import JollyScopeError
from jollyscope.model.records import (
    SCHEMA,
    EventRecord,
    MetricRecord,
    Record,
    RecordKind,
    SpanRecord,
)

__all__ = [
    "KIND_OF",
    "STRUCT_OF",
    "InvalidRecordError",
    "LineReader",
    "decode",
    "encode",
    "encode_lines",
    "problem",
]

STRUCT_OF: dict[RecordKind, type[Record]] = {
    "span": SpanRecord,
    "metric": MetricRecord,
    "event": EventRecord,
}
KIND_OF: dict[type[Record], RecordKind] = {struct: kind for kind, struct in STRUCT_OF.items()}

MAX_DEPTH = 127
"""Deepest nesting of objects and arrays in a line, its own braces included. Makers cut well before.

Where DuckDB walks JSON it stops at 128 levels and counts the innermost value as one: `read_json`
without columns then fails, and `json_structure` takes the whole engine down (2.0). With columns
given its reader has no bound, but 1.4 crashed at 100,000 levels: so the bound is ours to hold.
"""


class InvalidRecordError(JollyScopeError):
    """A line that is not a record; the message says what is wrong with it."""


class _Versioned(msgspec.Struct):
    schema: int


_encoder = msgspec.json.Encoder()
_versions = msgspec.json.Decoder(_Versioned)
_decoders: dict[RecordKind, msgspec.json.Decoder[Any]] = {
    kind: msgspec.json.Decoder(struct) for kind, struct in STRUCT_OF.items()
}


def encode(record: Record) -> bytes:
    """The record as one line of JSON, without the newline."""
    return _encoder.encode(record)


def encode_lines(records: Iterable[Record]) -> bytes:
    """Records as JSON lines, each ended by a newline; empty input gives empty bytes."""
    return _encoder.encode_lines(records)


def decode(line: bytes | str, kind: RecordKind = "span") -> Any:
    """One line as its record (`STRUCT_OF[kind]`). Raises `InvalidRecordError`.

    Of a field that stands there twice the last value counts.
    """
    try:
        record = _decoders[kind].decode(line)
        data = line.encode() if isinstance(line, str) else line
        data.decode()  # msgspec does not look into the text of unknown fields; DuckDB does
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise InvalidRecordError(_explain(line, kind, error)) from None
    reason = problem(record)
    if reason is None and not _has_version(data):
        reason = "it has no schema version"
    if reason is None and _too_deep(data, MAX_DEPTH):
        reason = _TOO_DEEP
    if reason:
        raise InvalidRecordError(f"{_not(kind)}: {reason}.")
    return record


_ID = re.compile(r"[0-9a-f]*")


def problem(record: Any) -> str | None:
    """What is wrong with a record of the right types, or None.

    Accepted on purpose: an end before the start (clocks step; `duration_ms` is then 0), any time
    from 1970 to 2262, unknown fields (a newer minor writer), empty names.
    """
    if record.schema > SCHEMA:
        return _newer(record.schema)
    if record.schema < 1:
        return f"schema version {record.schema} never existed"
    for field in _IDS:
        value = getattr(record, field, None)
        if value is None:
            continue
        if not _ID.fullmatch(value):
            return f"{field} is not lowercase hex"
        if not value.strip("0"):
            return f"{field} is all zeros"
    state = getattr(record, "state", None)
    if state is None:
        return None
    if state == "interrupted":
        return "state `interrupted` is for readers to find, never written"
    if state == "closed" and record.end_time is None:
        return "state is closed but end_time is missing"
    if record.duration_ms is not None and record.duration_ms < 0:
        return "duration_ms is negative"
    return None


_IDS = ("trace_id", "span_id", "parent_span_id")
_OF_STRUCTS = ("events", "links")
_ZEROS = {"0" * 32, "0" * 16}


def _not(kind: RecordKind) -> str:
    return f"Not {'an' if kind == 'event' else 'a'} {kind} record"


def _newer(version: int) -> str:
    return f"its schema version {version} is newer than {SCHEMA}, the newest read here"


def _has_version(data: bytes) -> bool:
    """The struct itself cannot tell: it has a default, for those who make records."""
    if data.startswith(b'{"schema":'):
        return True
    try:
        _versions.decode(data)
    except msgspec.ValidationError:
        return False
    return True


_TOO_DEEP = f"it is nested deeper than {MAX_DEPTH} levels"
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_NOT_OPENING = bytes(set(range(256)) - set(b"[{\n"))
_NOT_BRACKET = bytes(set(range(256)) - set(b"[{]}"))


def _too_deep(data: bytes, bound: int) -> bool:
    """Whether valid JSON is nested deeper than `bound`.

    Counting brackets clears nearly every line; of the rest, such as those that quote JSON in their
    text, the strings are taken out first, and only then is anything walked.
    """
    if data.count(b"[") + data.count(b"{") <= bound:
        return False
    depth = 0
    for bracket in _STRING.sub(b"", data).translate(None, _NOT_BRACKET):
        depth += 1 if bracket in b"[{" else -1
        if depth > bound:
            return True
    return False


def _explain(line: bytes | str, kind: RecordKind, error: Exception) -> str:
    if isinstance(error, RecursionError):
        return f"{_not(kind)}: {_TOO_DEEP}."
    try:
        version = _versions.decode(line).schema
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        version = SCHEMA
    if version > SCHEMA:
        return f"{_not(kind)}: {_newer(version)}."
    if isinstance(error, UnicodeError):
        return f"{_not(kind)}: it is not UTF-8."
    # A wrong value is quoted, and may be of any length.
    what = str(error).removeprefix("JSON is malformed: ")
    what = what if len(what) <= 200 else f"{what[:120]}…{what[-60:]}"
    head = _not(kind) if isinstance(error, msgspec.ValidationError) else "Not JSON"
    return f"{head}: {what[:1].lower()}{what[1:]}."


T = TypeVar("T", bound=Record)


class LineReader(Generic[T]):
    """Decodes many lines at once, for loading: exactly `decode`'s rules at full speed.

    The nested fields (`attributes`, `resource`, …) come as raw JSON bytes, since a loader passes
    them on as they are. They are decoded for validation, each text once: `resource` and `scope` are
    the same in nearly every line. (Where such a field stands in a line twice, the last is looked
    at; `decode` wants both to be right, and the engine refuses the line anyway.)
    """

    def __init__(self, kind: RecordKind) -> None:
        self.kind: RecordKind = kind
        struct = STRUCT_OF[kind]
        self._nested: dict[str, msgspec.json.Decoder[Any]] = {}
        fields: list[Any] = []
        for field in msgspec.structs.fields(struct):
            wire = field.type
            default: Any = field.default
            if field.default_factory in (dict, list):
                self._nested[field.name] = msgspec.json.Decoder(field.type)
                wire, default = msgspec.Raw, msgspec.Raw(b"")
            if field.required or default is msgspec.NODEFAULT:  # `schema` is the latter
                fields.append((field.name, wire))
            else:
                fields.append((field.name, wire, default))
        self._fields = struct.__struct_fields__
        self._decoder, self._strict = (
            msgspec.json.Decoder[Any](
                msgspec.defstruct(
                    f"Lean{struct.__name__}",
                    fields,
                    kw_only=True,
                    gc=False,
                    forbid_unknown_fields=strict,
                )
            )
            for strict in (False, True)
        )

    def read(self, data: bytes) -> list[Any] | None:
        """All lines of `data`, each ended by a newline, or None if any of them is refused, blank or
        has a carriage return in it (then ask `one`).
        """
        try:
            records = self._strict.decode_lines(data)
        except msgspec.ValidationError:
            records = self._read_unknown(data)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return None
        # To msgspec a carriage return ends a line too, and a record may take several lines.
        if records is None or len(records) != data.count(b"\n") or b"\r" in data:
            return None
        return records if self._all_good(records) else None

    def _read_unknown(self, data: bytes) -> list[Any] | None:
        """Where lines have unknown fields: nobody else looks at their text and depth, and looking
        takes as long as decoding.
        """
        try:
            data.decode()
            return self._decoder.decode_lines(data) if _flat(data, MAX_DEPTH) else None
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return None

    def one(self, line: bytes) -> tuple[Any, str | None]:
        """One line: its record and None, or None and why it is refused."""
        try:
            decode(line, self.kind)
        except InvalidRecordError as error:
            return None, error.message
        return self._decoder.decode(line), None

    def _all_good(self, records: list[Any]) -> bool:
        """`problem` for a whole batch, a column at a time and without a loop of ours: 8 times as
        fast as one by one.
        """
        if set(map(attrgetter("schema"), records)) != {SCHEMA} and any(map(problem, records)):
            return False
        if not all(self._nested_good(name, records) for name in self._nested):
            return False
        for name in _IDS:
            if name not in self._fields:
                continue
            ids = set(map(attrgetter(name), records))
            ids.discard(None)
            if not _ID.fullmatch("".join(ids)) or _ZEROS & ids:
                return False
        if self.kind == "event" and not _flat(b"\n".join(map(_body, records)), MAX_DEPTH - 1):
            return False
        return "state" not in self._fields or _states_good(records)

    def _nested_good(self, name: str, records: list[Any]) -> bool:
        """Whether a nested field is of its type in every record, and not too deep."""
        texts = set(map(bytes, map(attrgetter(name), records)))
        texts.discard(b"")
        together = b"\n".join(texts)
        try:
            self._nested[name].decode_lines(together)
            if name in _OF_STRUCTS:
                together.decode()  # nor does msgspec look into the names of their unknown fields
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return False
        return _flat(together, MAX_DEPTH - 1)


def _body(record: Any) -> bytes:
    return _encoder.encode(record.body)


def _states_good(records: list[Any]) -> bool:
    states = set(map(attrgetter("state"), records))
    lengths = set(map(attrgetter("duration_ms"), records))
    lengths.discard(None)
    if "interrupted" in states or (lengths and min(lengths) < 0):
        return False
    if None not in map(attrgetter("end_time"), records):
        return True
    return not any(r.end_time is None and r.state == "closed" for r in records)


def _flat(data: bytes, depth: int) -> bool:
    """Whether no line is nested deeper than `depth`."""
    openings = data.translate(None, _NOT_OPENING).split(b"\n")
    if len(max(openings, key=len)) <= depth:
        return True
    return not any(_too_deep(line, depth) for line in data.split(b"\n"))
