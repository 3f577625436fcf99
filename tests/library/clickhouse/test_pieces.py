"""URLs, marks, and the wall before a person's statements."""

from __future__ import annotations

import pytest

from jollyscope.errors import StoreError, UsageError
from jollyscope.store.api import open_store
from jollyscope.store.clickhouse.binding import bind, statements
from jollyscope.store.clickhouse.connection import connect
from jollyscope.store.clickhouse.url import Address, parse_address


@pytest.mark.parametrize(
    ("url", "address", "shown"),
    [
        (
            "clickhouse://ann:s%40cret@db.example:9000/traces",
            Address(host="db.example", port=9000, user="ann", password="s@cret", database="traces"),
            "clickhouse://ann@db.example:9000/traces",
        ),
        ("clickhouse://db", Address(host="db"), "clickhouse://db:8123/jollyscope"),
        (
            "clickhouses://[::1]/x",
            Address(host="::1", port=8443, database="x", secure=True),
            "clickhouses://[::1]:8443/x",
        ),
        (
            "clickhouse://db/x?secure=1",
            Address(host="db", port=8443, database="x", secure=True),
            "clickhouses://db:8443/x",
        ),
    ],
)
def test_an_address_is_read_and_shown_without_its_password(url: str, address: Address, shown: str):
    assert parse_address(url) == address
    assert address.shown == shown


@pytest.mark.parametrize(
    "url",
    [
        "clickhouse://",
        "clickhouse://u:hunter2@h:99999/x",
        "clickhouse://u:hunter2@h/a/b",
        "clickhouse://u:hunter2@h/a?secure=perhaps",
        "clickhouse://u:hunter2@h/a?colour=red",
        "clickhouse://u:hunter2@[h/a",
        "clickhouse://u:hunter2@h℀/a",
    ],
)
def test_what_makes_no_address_is_refused_without_telling_the_password(url: str):
    with pytest.raises(UsageError) as caught:
        parse_address(url)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["clickhosue://u:hunter2@h/a", "u:hunter2@h/a", "hunter2@h", "lake://u:hunter2@[h"]
)
def test_what_names_no_store_is_refused_without_telling_the_password(url: str):
    with pytest.raises(UsageError) as caught:
        open_store(url)
    assert "hunter2" not in f"{caught.value} {caught.value.hint}"


def test_marks_in_quotes_and_comments_are_text():
    sql = "SELECT '?', \"?\", `?`, 'it''s \\'?' /* ? */ -- ?\n, ? WHERE a = ?"
    text, bound = bind(sql, [1, "查 ?"])
    assert text == (
        "SELECT '?', \"?\", `?`, 'it''s \\'?' /* ? */ -- ?\n, {p0:Int64} WHERE a = {p1:String}"
    )
    assert bound == {"p0": 1, "p1": "查 ?"}


def test_values_are_typed_and_counted():
    text, bound = bind("? ? ? ?", [True, 2**64, None, 0.1])
    assert text == "{p0:Bool} {p1:Int256} NULL reinterpretAsFloat64({p3:Int64})"
    assert bound == {"p0": True, "p1": 2**64, "p3": 4591870180066957722}
    with pytest.raises(StoreError, match="2 marks, and 1"):
        bind("? ?", [1])


def test_statements_are_told_apart():
    assert statements("SELECT ';' -- ;\n; ; /* x; */") == ["SELECT ';' -- ;\n"]
    assert len(statements("SELECT 1; SELECT 2")) == 2
    assert statements(" -- nothing") == []


def test_a_server_that_is_not_there_is_told_in_a_sentence():
    address = Address(host="127.0.0.1", port=9, password="hunter2")
    with pytest.raises(StoreError) as caught:
        connect(address)
    assert caught.value.message == (
        "ClickHouse at clickhouse://127.0.0.1:9/jollyscope cannot be reached."
    )
    assert "jollyscope up" in caught.value.hint
    assert "hunter2" not in str(caught.value)
