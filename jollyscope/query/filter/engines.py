"""The two engines' dialects."""

from __future__ import annotations

import struct
from collections.abc import Callable

from jollyscope.query.filter.attributes import AttributeTest
from jollyscope.query.filter.dialect import Dialect, Json
from jollyscope.query.filter.patterns import Pattern
from jollyscope.query.filter.probes import in_any_case, key_part, value_parts
from jollyscope.query.filter.sql import FALSE, Sql, all_of, any_of
from jollyscope.store.api import EngineName, Reader

__all__ = ["CLICKHOUSE", "DUCKDB", "engine"]


class _DuckJson(Json):
    strings = ("VARCHAR",)
    integers = ("BIGINT", "UBIGINT")
    doubles = ("DOUBLE",)
    booleans = ("BOOLEAN",)
    arrays = ("ARRAY",)
    objects = ("OBJECT",)
    null = "NULL"

    def __init__(self, column: str, pointer: str) -> None:
        def get(function: str, path: str = pointer) -> Sql:
            return Sql(f"{function}({column}, ?)", (path,))

        self.type = get("json_type")
        self.text = get("json_extract_string")
        self.digits = self.text
        self.integer = "TRY_CAST(" + self.text + " AS HUGEINT)"
        self.double = "TRY_CAST(" + self.text + " AS DOUBLE)"
        self.true = self.text + " = 'true'"
        self.special = get("json_extract_string", f"{pointer}/@double")
        self._array = "TRY_CAST(" + get("json_extract") + " AS JSON[])"
        self.element = lambda: _DuckJson("e", "")

    def any_element(self, test: Sql) -> Sql:
        return "len(list_filter(" + self._array + ", lambda e: " + test + ")) > 0"


class _Duck(Dialect):
    name = "duckdb"
    starts = "starts_with"
    ends = "ends_with"
    wide = "HUGEINT"

    def contains(self, expression: Sql, text: str) -> Sql:
        return "contains(" + expression + Sql(", ?)", (text,))

    def regex(self, expression: Sql, pattern: str) -> Sql:
        return "regexp_matches(" + expression + Sql(", ?)", (pattern,))

    def lower(self, expression: Sql, pattern: Pattern) -> Sql:
        lower = "lower(" + expression + ")"
        return "replace(" + lower + ", 'ς', 'σ')" if "σ" in pattern.text else lower

    def contains_folded(self, expression: Sql, folded: Pattern) -> Sql:
        exact = super().contains_folded(expression, folded)
        shape = folded.shape
        if shape.test != "contains":
            return exact
        parts = in_any_case(shape.text)
        return _probed(any_of(self.contains(expression, part) for part in parts or [""]), exact)

    def attribute(self, column: str, key: str, test: AttributeTest) -> Sql:
        exact = super().attribute(column, key, test)
        if test.present or exact == FALSE:
            return exact
        some = [self.contains(Sql(column), part) for part in value_parts(test)]
        name = self.contains(Sql(column), key_part(key))
        return _probed(all_of([any_of(some), name] if some else [name]), exact)

    def in_list(self, column: str, text: str) -> Sql:
        return Sql(f"list_contains({column}, ?)", (text,))

    def any_in_list(self, column: str, test: Callable[[Sql], Sql]) -> Sql:
        return f"len(list_filter({column}, lambda e: " + test(Sql("e")) + ")) > 0"

    def not_empty(self, column: str) -> Sql:
        return Sql(f"len({column}) > 0")

    def double(self, value: float) -> Sql:
        return Sql("?", (value,))

    def json(self, column: str, key: str) -> Json:
        # A JSON pointer (RFC 6901): every key can be written as one.
        return _DuckJson(column, "/" + key.replace("~", "~0").replace("/", "~1"))

    def keys(self, column: str) -> Sql:
        return Sql(f"unnest(json_keys({column}))")


def _probed(probe: Sql, exact: Sql) -> Sql:
    """`exact`, asked only of the rows that pass `probe`, as every row that fits does."""
    return "CASE WHEN " + probe + " THEN " + exact + " ELSE false END"


class _ClickJson(Json):
    strings = ("String",)
    integers = ("Int64", "UInt64")
    doubles = ("Double",)
    booleans = ("Bool",)
    arrays = ("Array",)
    objects = ("Object",)
    null = "Null"

    def __init__(self, column: str, key: str | None) -> None:
        def get(function: str, *more: str) -> Sql:
            path = (*(() if key is None else (key,)), *more)
            return Sql(f"{function}({', '.join([column, *'?' * len(path)])})", path)

        self.type = get("JSONType")
        self.text = get("JSONExtractString")
        self.digits = get("JSONExtractRaw")
        self.integer = "toInt128OrNull(" + self.digits + ")"
        self.double = get("JSONExtractFloat")
        self.true = get("JSONExtractBool")
        self.special = get("JSONExtractString", "@double")
        self._array = get("JSONExtractArrayRaw")
        self.element = lambda: _ClickJson("e", None)

    def any_element(self, test: Sql) -> Sql:
        return "arrayExists(e -> " + test + ", " + self._array + ")"


class _Click(Dialect):
    name = "clickhouse"
    starts = "startsWith"
    ends = "endsWith"
    wide = "Int128"

    def contains(self, expression: Sql, text: str) -> Sql:
        return "position(" + expression + Sql(", ?) > 0", (text,))

    def regex(self, expression: Sql, pattern: str) -> Sql:
        return "match(" + expression + Sql(", ?)", (pattern,))

    def lower(self, expression: Sql, pattern: Pattern) -> Sql:
        # Without that, its `İ` becomes two characters, an i and a dot to stand above it.
        if "i" in pattern.text or any(piece == (True, "?") for piece in pattern.pieces):
            expression = "replaceAll(" + expression + ", 'İ', 'i')"
        lower = "lowerUTF8(" + expression + ")"
        return "replaceAll(" + lower + ", 'ς', 'σ')" if "σ" in pattern.text else lower

    def in_list(self, column: str, text: str) -> Sql:
        return Sql(f"has({column}, ?)", (text,))

    def any_in_list(self, column: str, test: Callable[[Sql], Sql]) -> Sql:
        return "arrayExists(e -> " + test(Sql("e")) + f", {column})"

    def not_empty(self, column: str) -> Sql:
        return Sql(f"notEmpty({column})")

    def double(self, value: float) -> Sql:
        # As its bits: text is read to the last digit only with `precise_float_parsing`.
        (bits,) = struct.unpack("<q", struct.pack("<d", value))
        return Sql("reinterpretAsFloat64(?)", (bits,))

    def json(self, column: str, key: str) -> Json:
        return _ClickJson(column, key)

    def keys(self, column: str) -> Sql:
        return Sql(f"arrayJoin(JSONExtractKeys({column}))")


DUCKDB: Dialect = _Duck()
CLICKHOUSE: Dialect = _Click()
_ENGINES: dict[EngineName, Dialect] = {"duckdb": DUCKDB, "clickhouse": CLICKHOUSE}


def engine(reader: Reader) -> Dialect:
    """The dialect that a reader takes."""
    return _ENGINES[reader.dialect]
