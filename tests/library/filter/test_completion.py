"""What is offered while a filter is typed: every offer fits, and is read as what it stands for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jollyscope.model.records import SpanRecord
from jollyscope.query.filter import Completion, complete, fields, parse, store_values
from jollyscope.query.filter.nodes import Match
from jollyscope.store.api import Table
from tests.conformance.conftest import Lake
from tests.library.filter.data import NOW, TEXTS
from tests.library.filter.engines import Click, Duck

STORE = {
    "tool": ["search", "send mail"],
    "user": ["ann"],
    "attr.": ["a b", "http.status_code"],
    "attr.http.status_code": ["500"],
    'attr."a b"': ["q"],
}


def values(field: str, prefix: str) -> list[str]:
    return [value for value in STORE.get(field, []) if value.startswith(prefix)]


def offers(text: str, cursor: int | None = None) -> list[str]:
    """The whole filter that each offer would make."""
    at = len(text) if cursor is None else cursor
    return [text[: c.start] + c.text + text[c.end :] for c in complete(text, at, values)]


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("sta", ["status:", "state:"]),
        ("dur", ["duration>"]),
        ("status:error to", ["status:error tool:", "status:error tokens>", "status:error tools>"]),
        ("-(too", ["-(tool:", "-(tools>"]),
        ("status:", ["status:unset", "status:ok", "status:error"]),
        ("STATUS:E", ["STATUS:error"]),
        ("tool:", ["tool:search", 'tool:"send mail"']),
        ("tool:se", ["tool:search", 'tool:"send mail"']),
        ('tool:"sen', ['tool:"send mail"']),
        ("tool:read,sea", ["tool:read,search"]),
        ("user!=a", ["user!=ann"]),
        ("att", ["attr."]),
        ("attr.h", ["attr.http.status_code"]),
        ('attr."a', ['attr."a b"']),
        ("attr.http.status_code:", ["attr.http.status_code:500"]),
        ('attr."a b":', ['attr."a b":q']),
        ("calls.sea", ["calls.search"]),
        ("at:", ["at:today", "at:yesterday"]),
        ("since:t", ["since:today"]),
        ("has:err", ["has:error", "has:errors"]),
        ("cost", [f"cost{op}" for op in (":", "!=", ">", ">=", "<", "<=")]),
        ("user", ["user:", "user!="]),
        ("a OR b N", ["a OR b name:", "a OR b note:", "a OR b NOT "]),
        ("zzz:", []),
        ("duration>", []),
        ('"tool:s', []),
        ("weather", []),
    ],
)
def test_offers(text: str, whole: list[str]):
    assert [offer for offer in offers(text) if not _operator(text, offer)] == whole


def _operator(text: str, offer: str) -> bool:
    """Offers of operators behind a key that may go on."""
    return "." in text and offer.rstrip(":=<>!") == text


def test_an_offer_replaces_the_word_up_to_the_cursor():
    assert offers("too status:ok", 3) == ["tool: status:ok", "tools> status:ok"]
    assert complete("a to", 4, values)[0] == Completion(
        "tool:", 2, 4, "field", "the tool that was called"
    )


def test_without_anything_typed_every_field_is_offered():
    assert len(complete("", 0, values)) == len(fields())


@given(st.sampled_from(TEXTS) | st.text(min_size=1), st.sampled_from(["tool", "attr.x", "input"]))
def test_an_offered_value_is_read_as_itself(value: str, field: str):
    (offer,) = complete(f"{field}:", len(field) + 1, lambda _field, _prefix: [value])
    tree = parse(f"{field}:{offer.text}").root
    assert isinstance(tree, Match)
    assert [found.text for found in tree.values] == [value]
    assert not any(found.wild for found in tree.values)


@given(st.sampled_from(TEXTS) | st.text(min_size=1))
def test_an_offered_key_is_read_as_itself(key: str):
    offer = complete("attr.", 5, lambda _field, _prefix: [key])[0]
    tree = parse(f"{offer.text}:5").root
    assert isinstance(tree, Match)
    assert tree.of.key is not None
    assert tree.of.key.text == key


@given(st.text(max_size=30), st.integers(0, 30))
def test_completing_never_fails(text: str, cursor: int):
    at = min(cursor, len(text))
    for offer in complete(text, at, values):
        assert 0 <= offer.start <= offer.end == at


RECORDS = [
    SpanRecord(
        trace_id=f"{n:032x}", span_id=f"{n:016x}", start_time=NOW - n, end_time=NOW, duration_ms=1.0,
        step_type="act", tool_name=tool, user_id=user, service="shop", name="chat", session_id="s1",
        status="error", error_type="TimeoutError",
        attributes={"http.method": tool, "http.status_code": 500 + n, "deep": {"a": 1}, "ключ": None},
        resource={"host.name": "web"},
    )
    for n, (tool, user) in enumerate([("search", "ann"), ("Send mail", "ÉVA"), ("100%_x", None)], 1)
]  # fmt: skip
RECORDS.append(
    SpanRecord(
        trace_id=f"{3:032x}", span_id=f"{4:016x}", start_time=NOW, end_time=NOW, duration_ms=0.0,
        step_type="think", model="gpt-4o", provider="openai", name="chat",
    )
)  # fmt: skip

WANTED = [
    ("tool", "", ["100%_x", "Send mail", "search"]),
    ("tool", "s", ["Send mail", "search"]),
    ("tool", "100%", ["100%_x"]),
    ("tool", "%", []),
    ("user", "é", ["ÉVA"]),
    ("model", "", ["gpt-4o"]),
    ("provider", "OPEN", ["openai"]),
    ("service", "", ["shop"]),
    ("session", "", ["s1"]),
    ("name", "c", ["chat"]),
    ("trace", "0", [f"{n:032x}" for n in (1, 2, 3)]),
    ("error", "time", ["TimeoutError"]),
    ("attr.", "http", ["http.method", "http.status_code"]),
    ("attr.http.status_code", "5", ["501", "502", "503"]),
    ('attr."http.method"', "se", ["Send mail", "search"]),
    ("attr.deep", "", []),
    ("resource.", "", ["host.name"]),
    ("resource.host.name", "", ["web"]),
    ("duration", "", []),
    ("nothing", "", []),
]


@pytest.mark.parametrize(("field", "prefix", "wanted"), WANTED)
def test_values_of_a_lake(shared_lake, field: str, prefix: str, wanted: list[str]):
    assert store_values(shared_lake, field, prefix) == wanted
    assert store_values(shared_lake, field, prefix, 1) == wanted[:1]


@pytest.fixture(scope="module")
def shared_lake(tmp_path_factory: pytest.TempPathFactory):
    subject = Lake(tmp_path_factory.mktemp("store"))
    subject.feed(RECORDS)
    with subject.store.reader() as reader:
        yield reader
    subject.writer.close()
    subject.store.close()


@pytest.mark.parametrize("field", ["service", "name", "trace", "attr.", "attr.http.status_code"])
def test_values_of_clickhouse(duck: Duck, click: Click, field: str):
    duck.fill(RECORDS)
    click.fill(RECORDS, duck)

    class Asked:
        dialect = "clickhouse"

        def query(self, sql: str, parameters: tuple[str, ...]) -> Table:
            return Table(["v"], click.rows(sql, parameters))

    for name, prefix, wanted in WANTED:
        if name == field:
            found = store_values(Asked(), name, prefix)  # pyright: ignore[reportArgumentType]
            assert found == wanted
