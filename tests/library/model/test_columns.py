"""The tables' columns are the structs' fields: names, types and order."""

from __future__ import annotations

import types
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec
import pytest

from jollyscope.model.records import RecordKind
from jollyscope.model.wire import STRUCT_OF
from jollyscope.store.lake.engine import TABLE_OF, connect
from jollyscope.store.lake.manifest import sql_text

INTEGER = {"schema", "severity_number"}
"""Integers that are small by nature; all others are 64 bits wide."""


def column_type(name: str, hint: Any) -> tuple[str, bool]:
    """The column type of a field, and whether it may be null."""
    if get_origin(hint) is Annotated:
        return column_type(name, get_args(hint)[0])
    if get_origin(hint) in (Union, types.UnionType):
        (inner,) = (part for part in get_args(hint) if part is not type(None))
        return column_type(name, inner)[0], True
    if get_origin(hint) is Literal:
        assert all(isinstance(value, str) for value in get_args(hint))
        return "VARCHAR", False
    if hint is Any or get_origin(hint) in (dict, list):
        return "JSON", hint is Any
    if hint is int:
        return "INTEGER" if name in INTEGER else "BIGINT", False
    return {float: "DOUBLE", bool: "BOOLEAN", str: "VARCHAR"}[hint], False


@pytest.mark.parametrize("kind", ["span", "metric", "event"])
def test_columns_are_the_fields_of_the_struct(kind: RecordKind):
    con = connect(256)
    con.execute(sql_text(TABLE_OF[kind]))
    found = {row[0]: row[1:3] for row in con.execute(f"DESCRIBE {TABLE_OF[kind]}").fetchall()}
    con.close()
    fields = msgspec.structs.fields(STRUCT_OF[kind])
    assert list(found) == [field.name for field in fields]
    for field in fields:
        type_, nullable = column_type(field.name, field.type)
        assert found[field.name][0] == type_, field.name
        if found[field.name][1] == "NO":
            # What the table insists on, every line has: required, or always written.
            assert not nullable, field.name
            assert field.required or field.name == "schema"
        if field.required:
            assert found[field.name][1] == "NO", field.name
