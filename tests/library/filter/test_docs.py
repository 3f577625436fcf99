"""docs/filter.md: every field is on it as the table has it, and every example works.

`UPDATE_GOLDEN=1 pytest tests/library/filter` writes the table of fields anew.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from jollyscope.query.filter import FilterError, fields, parse
from jollyscope.query.filter.parser import MAX_DEPTH, MAX_LENGTH, MAX_TERMS
from jollyscope.query.filter.scanner import MAX_WILDCARDS
from jollyscope.query.filter.table import FIELDS

PAGE = Path(__file__).parents[3] / "docs" / "filter.md"
ON = {"span": "spans", "trace": "traces", "both": "both"}
KIND = {
    "bytes": "size",
    "choice": "choice",
    "attribute": "by its type",
    "calls": "count",
    "presence": "a field",
}


def table() -> str:
    lines = ["| field | on | value | is | example |", "|---|---|---|---|---|"]
    for field in fields():
        name = f"{field.name}.NAME" if field.keyed else field.name
        kind = ", ".join(f"`{c}`" for c in field.choices) or KIND.get(field.kind, field.kind)
        cells = (f"`{name}`", ON[field.level], kind, field.meaning, f"`{field.example}`")
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def test_every_field_is_on_the_page():
    page = PAGE.read_text("utf-8")
    pattern = re.compile(r"(?s)(<!-- fields -->\n).*?(<!-- end -->)")
    found = pattern.sub(lambda m: f"{m[1]}{table()}\n{m[2]}", page)
    if os.environ.get("UPDATE_GOLDEN"):
        PAGE.write_text(found, "utf-8")
    assert found == PAGE.read_text("utf-8")


def test_every_example_is_a_filter():
    page = PAGE.read_text("utf-8")
    lines = [
        line
        for block in re.findall(r"(?s)```filter\n(.*?)```", page)
        for line in block.splitlines()
    ]
    quoted = [q for q in re.findall(r"`([^`\n]+)`", page) if re.match(r"-?[a-z_.]+[:=<>]\S", q)]
    assert len(lines) > 8
    assert len(quoted) > 60
    for text in (*lines, *quoted):
        if text not in ("x!=a", "-x=a", "x:>5", "x>5"):
            assert parse(text)


def test_every_mistake_on_the_page_is_told_so():
    page = PAGE.read_text("utf-8")
    (block,) = re.findall(r"(?s)## Mistakes.*?```\n(.*?)```", page)
    told = re.findall(r"(?s)>>> (.*?)\n(.*?)(?=\n\n>>>|\n\Z)", block)
    assert len(told) == 3
    for text, message in told:
        with pytest.raises(FilterError) as caught:
            parse(text)
        assert str(caught.value) == message


def test_the_bounds_on_the_page_are_those_of_the_code():
    said = PAGE.read_text("utf-8")
    for number in (f"{MAX_LENGTH:,} characters", f"{MAX_TERMS} terms", f"{MAX_DEPTH} levels"):
        assert number in said
    assert f"{MAX_WILDCARDS} wildcards" in said


def test_the_program_on_the_page_runs():
    (program,) = re.findall(r"(?s)```python\n(.*?)```", PAGE.read_text("utf-8"))
    exec(compile(program, str(PAGE), "exec"), {})


def test_names_and_other_names_are_told_apart():
    names = [name for field in FIELDS for name in (field.name, *field.aliases)]
    assert len(names) == len(set(names))
