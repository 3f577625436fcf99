"""Records that JSON refuses as they are, such as text with lone surrogates: the rare path."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

import msgspec

from jollyscope.model.records import SpanRecord
from jollyscope.model.wire import encode
from jollyscope.sdk.trouble import Trouble

__all__ = ["encodable", "repaired"]


def encodable(records: Iterable[SpanRecord], trouble: Trouble) -> tuple[bytes, int]:
    """The records as JSON lines, each repaired where needed, and how many were given up."""
    given_up = 0
    lines: list[bytes] = []
    for record in records:
        try:
            lines.append(encode(record))
        except Exception:  # noqa: BLE001 - whatever the encoder minds
            try:
                fields = msgspec.structs.asdict(record)
                lines.append(encode(SpanRecord(**{k: repaired(v) for k, v in fields.items()})))
            except Exception as error:  # noqa: BLE001 - give this one up
                given_up += 1
                why = f"{type(error).__name__}: {error}"
                trouble.tell("encode", f"JollyScope cannot record the span {record.name!r}: {why}.")
    return b"".join(line + b"\n" for line in lines), given_up


def repaired(value: Any) -> Any:
    """The value with every text encodable: lone surrogates become question marks."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [repaired(item) for item in cast(list[Any], value)]
    if isinstance(value, dict):
        entries = cast(dict[Any, Any], value).items()
        return {repaired(key): repaired(item) for key, item in entries}
    if isinstance(value, msgspec.Struct) and not isinstance(value, SpanRecord):
        fields = msgspec.structs.asdict(value)
        return type(value)(**{key: repaired(item) for key, item in fields.items()})
    return value
