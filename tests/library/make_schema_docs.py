"""Writes the tables of `docs/schema.md`: `python -m tests.library.make_schema_docs`.

Names and types come from an empty lake, so from the SQL itself; units and meanings from
`jollyscope/store/schema.py`. The prose around the tables is written by hand and kept.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from jollyscope.store.api import Reader
from jollyscope.store.lake.store import LakeStore
from jollyscope.store.schema import COMMON, MEANINGS, columns, meaning

__all__ = ["COMMON", "MEANINGS", "columns", "meaning"]

PAGE = Path(__file__).resolve().parents[2] / "docs" / "schema.md"


def tables(reader: Reader) -> list[str]:
    """Every table and view that is part of the contract."""
    found = reader.query("SELECT DISTINCT table_name FROM information_schema.tables ORDER BY 1")
    return [row[0] for row in found.rows if re.match("(dwd|dws|ads)_", row[0])]


def markdown(reader: Reader, table: str) -> str:
    """A table's columns as a Markdown table."""
    lines = ["| column | type | unit | meaning |", "|---|---|---|---|"]
    for name, type_ in columns(reader, table):
        unit, words = meaning(table, name) or ("", "")
        lines.append(f"| `{name}` | {type_} | {unit} | {words} |")
    return "\n".join(lines) + "\n"


_BLOCK = re.compile(r"(?s)(<!-- columns of (\w+) -->\n).*?(<!-- end -->)")


def render(page: str, reader: Reader) -> str:
    """The page with all its tables made anew."""
    return _BLOCK.sub(lambda m: m[1] + markdown(reader, m[2]) + m[3], page)


def named(page: str) -> list[str]:
    """The tables that the page has, in its order."""
    return [match[2] for match in _BLOCK.finditer(page)]


def main() -> None:
    with tempfile.TemporaryDirectory() as home, LakeStore(Path(home)).reader() as reader:
        PAGE.write_text(render(PAGE.read_text("utf-8"), reader), "utf-8")


if __name__ == "__main__":
    main()
