"""The scanner against `json`: the same values at the same places, however the file is cut up."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jollyscope.receive.importers import scan
from jollyscope.receive.importers.detect import beginning
from jollyscope.receive.importers.scan import Places, Scanner, pieces_of_line
from jollyscope.receive.importers.trouble import TooLargeError, UnreadableError

KEYS = ["a", "b", "spans", 'odd "key" \\', "é👩‍👩‍👧"]
texts = st.text(max_size=6) | st.sampled_from(['"', "\\", "{[", "]}", '\\"', "\u2028", "a" * 40])
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(KEYS) | texts, inner, max_size=4)
    ),
    max_leaves=25,
)
places = st.lists(
    st.lists(st.sampled_from(["a", "b", "spans", "*", "[]"]), max_size=4).map(".".join), max_size=4
)


class Slow:
    """Gives a few bytes at a time."""

    def __init__(self, data: bytes, step: int) -> None:
        self._data, self._step = io.BytesIO(data), step

    def read(self, size: int, /) -> bytes:
        return self._data.read(min(size, self._step))


def pieces(data: bytes, wanted: list[str], step: int = 1 << 20, **more: Any) -> list[scan.Piece]:
    return list(Scanner(Slow(data, step), Places(wanted), **more))


def expected(value: Any, wanted: list[str]) -> list[tuple[tuple[Any, ...], Any]]:
    """What the scanner promises, from the decoded value: the longer place wins, a named key over `*`."""

    def walk(value: Any, place: tuple[Any, ...], left: list[list[str]]) -> Any:
        key_parts = [parts for parts in left if parts and parts[0] != "[]"]
        items = [parts for parts in left if parts and parts[0] == "[]"]
        if isinstance(value, dict) and key_parts:
            for key, inner in value.items():
                named = [parts[1:] for parts in key_parts if parts[0] == key and key != "*"]
                any_key = [parts[1:] for parts in key_parts if parts[0] == "*"]
                yield from walk(inner, (*place, key), named or any_key)
        elif isinstance(value, list) and items:
            for index, inner in enumerate(value):
                yield from walk(inner, (*place, index), [parts[1:] for parts in items])
        elif [] in left:
            yield place, value

    return list(walk(value, (), [place.split(".") if place else [] for place in wanted]))


@settings(max_examples=400)
@given(values, places, st.integers(1, 9), st.sampled_from([None, 2]), st.booleans())
def test_pieces_are_what_json_says(value, wanted, step, indent, ascii_only):
    # Python writes a float such as 1e16 as JSON reads it, so that values compare equal.
    data = json.dumps(value, indent=indent, ensure_ascii=ascii_only).encode(
        "utf-8", "surrogatepass"
    )
    found = pieces(data, wanted, step)
    assert [(piece.place, json.loads(piece.raw)) for piece in found] == expected(value, wanted)
    for piece in found:
        assert data[piece.offset :].startswith(piece.raw)
        assert piece.line == data[: piece.offset].count(b"\n") + 1


@given(st.lists(values.filter(lambda v: isinstance(v, dict | list)), max_size=4), st.integers(1, 9))
def test_documents_one_after_the_other(documents, step):
    data = b"\n".join(json.dumps(value).encode("utf-8", "surrogatepass") for value in documents)
    found = pieces(data, [""], step)
    assert [(piece.document, json.loads(piece.raw)) for piece in found] == list(
        enumerate(documents)
    )


@given(values.filter(lambda v: isinstance(v, dict)))
def test_a_line_is_a_document(value):
    data = json.dumps(value).encode("utf-8", "surrogatepass")
    (piece,) = pieces_of_line(data, Places([""]), 7, 100)
    assert (piece.line, piece.offset, piece.raw) == (7, 100, data)


@given(values, st.integers(0, 400))
def test_a_beginning_is_a_beginning(value, size):
    """A file cut anywhere is read as far as it goes: nothing is there that the whole has not."""
    data = json.dumps({"all": value, "end": 1}).encode("utf-8", "surrogatepass")[:size]

    def within(part: Any, whole: Any) -> bool:
        if isinstance(part, dict):
            return isinstance(whole, dict) and all(within(v, whole.get(k)) for k, v in part.items())
        if isinstance(part, list):
            return (
                isinstance(whole, list)
                and all(map(within, part, whole))
                and len(part) <= len(whole)
            )
        return part == whole

    found = beginning(data)
    assert found is None or within(found, json.loads(json.dumps({"all": value, "end": 1})))


@pytest.mark.parametrize("step", [1, 3, 1 << 20])
@pytest.mark.parametrize(
    ("data", "line", "offset", "reason"),
    [
        (b'{"a": [1, 2', 1, 11, "ends in the middle of a value"),
        (b'{"a": ["x', 1, 9, "ends in the middle of a text"),
        (b'{"a":\n [1,\n ]}', 3, 12, "a value should stand here"),
        (b'{"a": [1 2]}', 1, 9, "a comma or a closing bracket"),
        (b'{"a" 1}', 1, 5, "a colon"),
        (b'{"a": 1 "b": 2}', 1, 8, "a comma or a closing brace"),
        (b'{"a": 1,}', 1, 8, "a key should stand here"),
        (b"{a: 1}", 1, 1, "a key should stand here"),
        (b'{"a": }', 1, 6, "a value should stand here"),
        (b'{"\xff": 1}', 1, 1, "a key is no JSON string"),
        (b"{" + b"1" * 100_000, 1, 1, "a key should stand here"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(data, line, offset, reason, step):
    with pytest.raises(UnreadableError) as raised:
        pieces(data, ["a.[]"], step)
    assert reason in raised.value.reason
    assert (raised.value.line, raised.value.offset) == (line, offset)


def test_an_object_larger_than_the_bound():
    data = b'{"a": ["' + b"x" * 5000 + b'"]}'
    with pytest.raises(TooLargeError, match="byte 7") as raised:
        pieces(data, ["a.[]"], 100, limit=1000)
    assert raised.value.line == 1


def test_what_nobody_asked_for_may_be_of_any_size():
    data = b'{"a": ["' + b"x" * 500_000 + b'"], "b": [[[[1]]]], "c": 5}'
    (piece,) = pieces(data, ["c"], 1000, limit=1000)
    assert piece.raw == b"5"


def test_any_depth():
    deep = b"[" * 300_000 + b"]" * 300_000
    (piece,) = pieces(b'{"skipped": ' + deep + b', "a": 1, "taken": ' + deep + b"}", ["a"])
    assert piece.raw == b"1"
    assert pieces(deep, [""])[0].raw == deep


def test_byte_order_mark_and_record_separators():
    assert [p.raw for p in pieces(b'\xef\xbb\xbf{"a":1}', [""])] == [b'{"a":1}']
    assert [p.raw for p in pieces(b'\x1e{"a":1}\n\x1e{"a":2}\n', [""])] == [b'{"a":1}', b'{"a":2}']
