"""What a text is made of, for comparing texts: words, pairs of characters, what stands for a number."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

__all__ = ["HEAD", "MOST", "Word", "head", "words"]

HEAD = 200
"""Characters of a text that are looked at: what is asked comes first, what it is asked about behind it."""
MOST = 40
"""Different words of a text that are looked at: finding a frame takes the square of it."""

# Scripts that put no blanks between words, or (Hangul) put endings to them: Thai to Khmer, kana, Han, Hangul.
_SOLID = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
)
_LETTER = rf"(?:(?![{_SOLID}])[^\W\d_])"
_KINDS = (
    (
        "text",
        "\"`“‘「『《'",
        r"\"[^\"\n]+\"|`[^`\n]+`|“[^”\n]+”|‘[^’\n]+’|「[^」\n]+」|『[^』\n]+』|《[^》\n]+》|(?<!\w)'[^'\n]+'(?!\w)",
    ),
    ("url", ":", r"[A-Za-z][A-Za-z0-9+.-]*://[^\s\"'<>]+"),
    ("mail", "@", r"[A-Za-z0-9_.+-]+@[A-Za-z0-9-]+\.[A-Za-z0-9.-]+"),
    ("path", "/", r"(?<![\w<])(?:~|\.{1,2})?(?:/[A-Za-z0-9_.+-]+){2,}"),
    ("n", "0123456789", r"[A-Za-z_-]*[0-9](?:[A-Za-z0-9_]|[.,:/-](?=[A-Za-z0-9]))*"),
)
"""Names, a sign without which there is none, and what it looks like, the first that fits first."""
_SOLID_RUN = re.compile(rf"[{_SOLID}]+")


@cache
def _pattern(kinds: tuple[bool, ...], solid: bool) -> re.Pattern[str]:
    """For texts in which only some kinds can be: 14 us for a line of English, and 60 with all of them."""
    found = [
        f"(?P<{name}>{how})" for (name, _, how), there in zip(_KINDS, kinds, strict=True) if there
    ]
    letter = _LETTER if solid else r"[^\W\d_]"
    found += [rf"(?P<solid>[{_SOLID}]+)"] if solid else []
    return re.compile("|".join([*found, rf"(?P<word>{letter}+(?:['’]{letter}+)*)"]))


def _fitting(text: str) -> re.Pattern[str]:
    there = [any(sign in text for sign in signs) for _, signs, _ in _KINDS]
    # JSON's quotes are no quotes.
    there[0] = there[0] and text.lstrip()[:1] not in ("{", "[")
    return _pattern(tuple(there), _SOLID_RUN.search(text) is not None)


class Word(NamedTuple):
    """A word, in lower case; two characters that are neighbours in a script without blanks; or what
    stands for a number, a quoted text, …: `<n>`, `<text>`. Where it is in the text's `head`.
    """

    name: str
    start: int
    end: int


def head(text: str) -> str:
    """The part of a text that is looked at, its characters in their plain form (NFKC)."""
    return unicodedata.normalize("NFKC", text[:HEAD])


def words(text: str) -> Iterator[Word]:
    """The words of a head, in their order.

    Chinese, Japanese, Korean and others are taken by pairs of characters, which do as well as words in
    finding texts and need no dictionary (Nie, Gao, Zhang and Zhou, SIGIR 2000).
    """
    for found in _fitting(text).finditer(text):
        kind, start, end = found.lastgroup, found.start(), found.end()
        if kind == "solid":
            if end - start == 1:
                yield Word(found[0], start, end)
            for at in range(start, end - 1):
                yield Word(text[at : at + 2], at, at + 2)
        elif kind == "word":
            yield Word(found[0].lower().replace("’", "'"), start, end)
        else:
            yield Word(f"<{kind}>", start, end)
