"""docs/conventions.md says what is understood, and is up to date."""

from __future__ import annotations

import re
from pathlib import Path

from jollyscope.semconv.prices import read_book
from jollyscope.semconv.table import FIELD_ROWS, MESSAGES
from tests.library import make_convention_docs as docs


def test_the_page_is_up_to_date():
    page = docs.PAGE.read_text("utf-8")
    assert docs.render(page) == page, "run python -m tests.library.make_convention_docs"


def test_every_table_is_on_the_page_once():
    assert sorted(docs.named(docs.PAGE.read_text("utf-8"))) == sorted(docs.TABLES)


def test_every_attribute_is_on_the_page():
    page = docs.PAGE.read_text("utf-8")
    names = {row.name for rows in FIELD_ROWS.values() for row in rows} - {MESSAGES}
    assert [name for name in sorted(names) if f"`{name}`" not in page] == []


def test_the_examples_of_prices_are_price_tables(tmp_path: Path):
    page = docs.PAGE.read_text("utf-8")
    examples = re.findall(r"(?s)```json\n(.*?)```", page)
    assert len(examples) == 2
    for example in examples:
        (tmp_path / "prices.json").write_text(example, "utf-8")
        book = read_book(tmp_path / "prices.json")
        assert book.models or book.providers
