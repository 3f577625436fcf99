"""The words of a large part, in a file beside it: a part without the words is not looked through.

A word is a run of ASCII letters, digits and `_` in its folded form (`query/filter/patterns.py`), or one
other character by itself, so that Chinese needs no dictionary. Runs over `LONGEST` are kept as pieces
that overlap, of which one has any `STEP` neighbouring characters. That a text stands in no row can then
be told from the words alone, though it be a part of a word or several: every word inside it has to be
there, its first one as some word's end and its last one as some word's beginning.

Of attributes stand the pairs, each with the first `LONGEST` characters of its value, as JSON has them.

Built when a part has grown large, at 15 us of processor time a span of 1 to 2 kB; a million such spans
of English have 25,000 words. Looking for what is nowhere took 3.4 s at ten million spans without them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from jollyscope.store.api import HasAttribute, HasText, Needle
from jollyscope.store.lake.engine import path_list

if TYPE_CHECKING:
    import duckdb

    from jollyscope.store.lake.manifest import Part, PartDraft

__all__ = ["lacks_words", "select_words", "without", "worth_words"]

WORTH_ROWS = 100_000
"""A part of fewer spans is looked through in the time that it takes to look its words up."""
STEP, LONGEST = 32, 64
MOST = 3_000_000
"""Words that a part has at most: of more (texts full of numbers), looking them up would not pay."""

_WORD = re.compile(r"[a-z0-9_]+|[^\x00-\x7f]")

How = Literal["=", "begins", "ends", "contains"]


class _Lookup(NamedTuple):
    """A word, or a piece of one, that has to be there."""

    how: How
    word: str


def select_words(spans: str) -> str:
    """The statement that gives the words of a table of spans, by the `place` they stand in: `text` or
    `attributes`; one that is null says that they are more than `MOST` there.
    """
    texts = "name, input, output, error_type, error_message"
    long = f"list_transform(range(0, length(word), {STEP}), lambda i: word[i + 1 : i + {LONGEST}])"
    return f"""
WITH words AS (
    SELECT DISTINCT unnest(regexp_extract_all(
        replace(lower(said), 'ς', 'σ'), '[a-z0-9_]+|[^\\x00-\\x7f]'
    )) AS word
    FROM (SELECT unnest([{texts}]) AS said FROM {spans})
),
pieces AS MATERIALIZED (
    SELECT DISTINCT
        'text' AS place,
        unnest(CASE WHEN length(word) <= {LONGEST} THEN [word] ELSE {long} END) AS word
    FROM words
    UNION ALL
    SELECT DISTINCT 'attributes', regexp_replace(word, '":\\s+', '":') FROM (
        SELECT DISTINCT unnest(regexp_extract_all(
            replace(lower(attributes::VARCHAR), 'ς', 'σ'),
            '"([^"\\\\]+":\\s*"?[^",\\]}}\\\\]{{0,{LONGEST}}})', 1
        )) AS word
        FROM {spans}
    )
),
many AS (SELECT place FROM pieces GROUP BY place HAVING count(*) > {MOST})

SELECT place, word FROM pieces WHERE place NOT IN (FROM many)
UNION ALL
SELECT place, NULL FROM many
ORDER BY place, word
"""


def worth_words(part: Part | PartDraft) -> bool:
    """Whether a part is to have words."""
    return part.kind == "span" and part.row_count >= WORTH_ROWS


def lacks_words(lake: Path, part: Part) -> bool:
    """Whether a part is to have words and has none."""
    return worth_words(part) and not os.path.exists(f"{lake}/{part.words}")


def without(
    con: duckdb.DuckDBPyConnection,
    lake: Path,
    parts: Iterable[Part],
    needles: Sequence[Needle],
) -> set[str]:
    """Paths of the parts of which no row has every needle, as far as their words tell.

    Raises `duckdb.Error` where the words cannot be read.
    """
    large = [part for part in parts if part.row_count >= WORTH_ROWS and part.words]
    files = {file: part.path for part in large if os.path.exists(file := f"{lake}/{part.words}")}
    left = set(files.values())
    for needle in needles:
        lookups = _of_text(needle.text) if isinstance(needle, HasText) else _of_pair(needle)
        if files and lookups:
            left &= {files[name] for name in _holding(con, files, needle, lookups)}
    return set(files.values()) - left


def _of_text(text: str) -> list[_Lookup]:
    """What is among the words where a text contains this one."""
    found: list[_Lookup] = []
    for match in _WORD.finditer(text):
        word, whole = match[0], not match[0].isascii()
        first, last = match.start() == 0 and not whole, match.end() == len(text) and not whole
        if len(word) > STEP:
            found.append(_Lookup("contains", word[:STEP]))
        elif first or last:
            how: How = "contains" if first and last else "ends" if first else "begins"
            found.append(_Lookup(how, word))
        else:
            found.append(_Lookup("=", word))
    return found


def _of_pair(pair: HasAttribute) -> list[_Lookup]:
    """Of which one is among an attribute's words: as text, as a number, or some array."""
    key = f'{pair.key}":'
    if not pair.values:
        return [_Lookup("begins", key)]
    found = [_Lookup("begins", f"{key}[")]
    for value in pair.values:
        text = value[:LONGEST]
        found += [_Lookup("=", f'{key}"{text}'), _Lookup("=", f"{key}{text}")]
        found.append(_Lookup("begins", f"{key}{text}."))
    return found


_TEST: dict[How, str] = {
    "=": "word = ?",
    "begins": "starts_with(word, ?)",
    "ends": "ends_with(word, ?)",
    "contains": "contains(word, ?)",
}


def _holding(
    con: duckdb.DuckDBPyConnection,
    files: Iterable[str],
    needle: Needle,
    lookups: Sequence[_Lookup],
) -> list[str]:
    """The files with all words of a text, or with one of an attribute's."""
    text = isinstance(needle, HasText)
    tests = [_TEST[lookup.how] for lookup in lookups]
    values: list[Any] = [lookup.word for lookup in lookups]
    all_there = " AND ".join(f"bool_or({test})" for test in tests) if text else "TRUE"
    rows = con.execute(
        f"SELECT filename FROM read_parquet({path_list([Path(f) for f in files])}, filename = true) "
        f"WHERE place = ? AND (word IS NULL OR {' OR '.join(tests)}) GROUP BY filename "
        f"HAVING bool_or(word IS NULL) OR {all_there}",
        ["text" if text else "attributes", *values, *(values if text else [])],
    ).fetchall()
    return [name for (name,) in rows]
