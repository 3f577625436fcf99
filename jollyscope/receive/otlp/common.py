"""What spans, logs and metrics share on their way from OTLP to records."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from hashlib import blake2b
from typing import Any

import msgspec

from jollyscope.model.records import EventRecord, MetricRecord
from jollyscope.receive.otlp.values import attributes_of

__all__ = ["LATEST", "Identity", "Place", "RefusedError", "Tally", "enum", "hex_text", "instant"]

LATEST = 2**63 - 1
"""Unix ns of the last time that a record can hold, in the year 2262."""

_canonical = msgspec.json.Encoder(order="deterministic")


_ROOM, _SWELL = 64 << 20, 16
"""What a request's resources and scopes may swell to in its records: 64 MB and 16 times its size."""


class RefusedError(Exception):
    """One span, log record or data point cannot become a record; the text says why."""


class Tally:
    """What became of one request."""

    def __init__(self, what: str, size: int) -> None:
        self.records: list[Any] = []
        self.rejected = 0
        self._room = _ROOM + _SWELL * size
        self._what = what
        self._reasons: dict[str, None] = {}

    def charge(self, weight: int) -> None:
        """Account for the bytes that a record repeats of its group. Raises `RefusedError` beyond the
        bound: a request says a resource once, and each of its records says it again.
        """
        self._room -= weight
        if self._room < 0:
            raise RefusedError("what they share is too large to be kept with each")

    def refuse(self, error: RefusedError) -> None:
        """Count one that was refused, and keep why."""
        self.rejected += 1
        if len(self._reasons) < 3:
            self._reasons[str(error)] = None

    def message(self) -> str:
        """One sentence on what was refused; empty when nothing was."""
        if not self.rejected:
            return ""
        plural = "" if self.rejected == 1 else "s"
        return f"Refused {self.rejected} {self._what}{plural}: {'; '.join(self._reasons)}."


class Place:
    """The resource and the scope that a group of spans, logs or metrics is from.

    `resource` and `scope` are shared by the records: whoever changes them copies them first.
    """

    def __init__(self, group: Any, ids: Callable[[Any], str]) -> None:
        self.ids = ids
        self.resource = _resource(group.resource, group.schema_url)
        service = self.resource.get("service.name")
        self.service = service if isinstance(service, str) and service else None
        self.scope: dict[str, Any] = {}
        self.scope_name = ""
        self.weight = self._resource_weight = len(msgspec.json.encode(self.resource))
        """Bytes that every record repeats."""
        self._flagged: dict[tuple[int, int | None], dict[str, Any]] = {}

    def enter(self, group: Any) -> None:
        """Take the scope of `group`, one of `scope_spans`, `scope_logs` or `scope_metrics`."""
        self.scope = _scope(group.scope, group.schema_url)
        self.scope_name = self.scope.get("name", "")
        self.weight = self._resource_weight + len(msgspec.json.encode(self.scope))
        self._flagged = {}

    def flagged(self, flags: int, kind: int | None = None) -> dict[str, Any]:
        """The scope with a span's flags, and its kind where the record has no word for it; the same
        object for the same arguments.
        """
        known = self._flagged.get((flags, kind))
        if known is None:
            known = dict(self.scope)
            if flags:
                known["flags"] = flags
            if kind is not None:
                known["kind"] = kind
            self._flagged[(flags, kind)] = known
        return known

    def extended(self, extras: dict[str, Any]) -> dict[str, Any]:
        """The scope with `extras`."""
        return {**self.scope, **extras} if extras else self.scope


def _resource(resource: Any, schema_url: str) -> dict[str, Any]:
    made = attributes_of(resource.attributes)
    # Our own keys begin with `@`; an attribute that does goes one level down.
    if odd := {key: made.pop(key) for key in [key for key in made if key.startswith("@")]}:
        made["@attributes"] = odd
    if schema_url:
        made["@schema_url"] = schema_url
    if resource.dropped_attributes_count:
        made["@dropped"] = resource.dropped_attributes_count
    if refs := list(resource.entity_refs):
        made["@entity_refs"] = [_entity_ref(ref) for ref in refs]
    return made


def _entity_ref(ref: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "schema_url": ref.schema_url,
        "type": ref.type,
        "id_keys": list(ref.id_keys),
        "description_keys": list(ref.description_keys),
    }
    return {key: value for key, value in made.items() if value}


def _scope(scope: Any, schema_url: str) -> dict[str, Any]:
    made: dict[str, Any] = {
        "name": scope.name,
        "version": scope.version,
        "attributes": attributes_of(scope.attributes),
        "schema_url": schema_url,
        "dropped": scope.dropped_attributes_count,
    }
    return {key: value for key, value in made.items() if value}


class Identity:
    """Names records by their content, so that sending them twice changes nothing.

    Equal ones in one request are told apart by their number: two equal lines in the same second
    are two lines.
    """

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def of(self, record: EventRecord | MetricRecord) -> str:
        """32 hex digits: BLAKE2b over the canonical JSON of what is filled of a record that has no
        id yet. Ask before anything is derived, which another version may do differently.
        """
        # Not the record as it is encoded: what is left out there as a default depends on whether
        # it is the same object, not an equal one.
        fields = msgspec.structs.asdict(record)
        del fields["schema"]
        filled = {name: value for name, value in fields.items() if value not in (None, {})}
        data = _canonical.encode(filled)
        name = blake2b(data, digest_size=16).hexdigest()
        number = self._seen.get(name, 0)
        self._seen[name] = number + 1
        if number:
            name = blake2b(data + b"\n%d" % number, digest_size=16).hexdigest()
        return name


def enum(value: int | str, names: dict[str, int]) -> int:
    """An enum's number. OTLP/JSON asks for numbers; proto3 JSON also has names."""
    if isinstance(value, int):
        return value
    return int(value) if value.lstrip("-").isdecimal() and len(value) < 9 else names.get(value, 0)


def instant(value: int, what: str) -> int:
    """Unix ns that a record can hold. Raises `RefusedError`."""
    if not 0 <= value <= LATEST:
        raise RefusedError(f"{what} is not between 1970 and 2262")
    return value


def hex_text(text: str) -> str:
    """An id of OTLP/JSON in lowercase hex. Raises `RefusedError`.

    Base64, which generic protobuf-to-JSON converters write, is known by its end: ids of 16 and 8
    bytes are padded there.
    """
    try:
        if text.endswith("="):
            return base64.b64decode(text, validate=True).hex()
        return bytes.fromhex(text).hex()
    except (binascii.Error, ValueError):
        raise RefusedError("an id is not hex") from None
