"""Writes the tables of `docs/conventions.md`: `python -m tests.library.make_convention_docs`.

They come from the tables that the code itself reads (`jollyscope/semconv`). The prose around them is
written by hand and kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from jollyscope.semconv.dialects import DIALECTS
from jollyscope.semconv.kinds import (
    BILLED_KINDS,
    KIND_ROWS,
    NAME_ROWS,
    STEP_OF_KIND,
    SUMMING_KINDS,
    KindRow,
)
from jollyscope.semconv.messages.sources import SOURCES
from jollyscope.semconv.rules import RULES, Rule
from jollyscope.semconv.said import ANSWERED, ASKED
from jollyscope.semconv.table import FIELD_ROWS, MESSAGES, Row
from jollyscope.semconv.tools import OFFERS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "conventions.md"

HELPING: dict[str, str] = {
    # Not columns of a record: what they are for.
    "cache_write_tokens": "helps to count and to bill: input tokens written to a cache",
    "total_tokens": "tells whether cached and reasoning tokens were counted apart",
    "prompt_usd": "cost of the input, where no total is told",
    "completion_usd": "cost of the output, likewise",
}


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines
    )


def code(text: str) -> str:
    return f"`{text}`"


def title(dialect: str) -> str:
    return DIALECTS[dialect][0]


def dialects() -> str:
    """Every dialect and where it is written down."""
    return table(
        ("dialect", "written down in"), [(name, where) for name, where in DIALECTS.values()]
    )


def _kinds(row: KindRow) -> str:
    if isinstance(row.kinds, Rule):
        return f"a JSON object that is a tool's message: **{row.kinds.name.split()[0]}**"
    words: dict[str, list[str]] = {}
    for word, kind in row.kinds.items():
        words.setdefault(kind, []).append("any" if word == "*" else code(word))
    return "; ".join(f"{', '.join(found)}: **{kind}**" for kind, found in words.items())


def kinds() -> str:
    """Attributes that say what a span is."""
    rows = [
        (str(place), code(row.name), title(row.dialect), _kinds(row))
        for place, row in enumerate(KIND_ROWS, 1)
    ]
    return table(("", "attribute", "dialect", "value: kind"), rows)


def names() -> str:
    """Span names that say what a span is."""
    rows = [
        (code(row.scope), code(row.pattern.pattern), title(row.dialect), f"**{row.kind}**")
        for row in NAME_ROWS
    ]
    return table(("instrumentation scope", "name begins with", "dialect", "kind"), rows)


def _known_kinds() -> list[str]:
    found = [
        kind for row in KIND_ROWS if isinstance(row.kinds, dict) for kind in row.kinds.values()
    ]
    return sorted({*found, *STEP_OF_KIND})


def steps() -> str:
    """What each kind becomes."""
    rows: list[tuple[str, ...]] = []
    for kind in sorted(_known_kinds(), key=lambda kind: (kind not in STEP_OF_KIND, kind)):
        root, inner = STEP_OF_KIND.get(kind, ("other", "other"))
        counts = "none: they repeat those below" if kind in SUMMING_KINDS else "its own"
        cost = "worked out where not told" if kind in BILLED_KINDS else ""
        rows.append((f"**{kind}**", root, inner, counts, cost))
    return table(("kind", "step of a root", "step elsewhere", "tokens and cost", "cost"), rows)


def _row(place: int, row: Row) -> tuple[str, ...]:
    only = (
        f"; on {'a root' if row.only == 'root' else f'**{row.only}** spans'} only"
        if row.only
        else ""
    )
    if row.name == MESSAGES:
        return (str(place), "the span's chat messages", "all", "see below")
    known = row.rule.name if row.rule.name in RULES else row.rule.says
    return (str(place), code(row.name), title(row.dialect), known + only)


def fields() -> str:
    """Every field with its attributes in order of precedence."""
    made: list[str] = []
    for field, rows in FIELD_ROWS.items():
        about = f" ({HELPING[field]})" if field in HELPING else ""
        made.append(f"\n### {field}{about}\n\n")
        listed = [_row(place, row) for place, row in enumerate(rows, 1)]
        made.append(table(("", "attribute", "dialect", "read as"), listed))
    return "".join(made)


def rules() -> str:
    """The named ways to read a value."""
    return table(("read as", "takes"), [(rule.name, rule.says) for rule in RULES.values()])


def messages() -> str:
    """What carries chat messages."""
    rows: list[tuple[str, ...]] = []
    for source in SOURCES:
        carried = [*map(code, source.attributes), *(code(p + "*") for p in source.prefixes)]
        carried += [f"event {code(name)}" for name in source.events]
        rows.append((str(source.tier), source.name, ", ".join(carried)))
    return table(("tier", "source", "attributes and events"), rows)


def tools() -> str:
    """What lists the tools that a model was offered."""
    rows = [
        (
            str(place),
            code(f"{o.name}*" if o.name.endswith(".") else o.name),
            title(o.dialect),
            o.says,
        )
        for place, o in enumerate(OFFERS, 1)
    ]
    return table(("", "attribute", "dialect", "holds"), rows)


def keys() -> str:
    """Keys under which JSON holds what was asked and answered."""
    listed = [("asked", ASKED), ("answered", ANSWERED)]
    return table(("", "keys, likeliest first"), [(n, ", ".join(map(code, k))) for n, k in listed])


TABLES: dict[str, Callable[[], str]] = {
    made.__name__: made
    for made in (dialects, kinds, names, steps, fields, rules, messages, tools, keys)
}

_BLOCK = re.compile(r"(?s)(<!-- (\w+) -->\n).*?(<!-- end -->)")


def render(page: str) -> str:
    """The page with all its tables made anew."""
    return _BLOCK.sub(lambda m: m[1] + TABLES[m[2]]() + m[3], page)


def named(page: str) -> list[str]:
    """The tables that the page has, in its order."""
    return [match[2] for match in _BLOCK.finditer(page)]


def main() -> None:
    PAGE.write_text(render(PAGE.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
