"""Cheap tests that let everything through that may fit, put before the exact and dear ones.

At ten million spans (two cores, DuckDB 2.0): lowering the texts to look for a word takes 4.4 s, and
looking for two of its letters, in either case each, 1.8 s, of which reading is 1.4. Reading an
attribute by its type takes 4.3 s; looking for its name in the JSON text 0.2, since DuckDB does a
plain function of a column once for each distinct text (there are few), and a CASE for each row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product

from jollyscope.query.filter.attributes import AttributeTest

__all__ = ["in_any_case", "key_part", "value_parts"]

_PLAIN = re.compile(r"[A-Za-z0-9_.: -]+")
"""Written alike in a JSON text and out of it."""
_WHOLE = re.compile(r"0|[1-9][0-9]{0,14}")

# Of a thousand characters how many are this one, in English; elsewhere the choice is only slower.
_OFTEN = dict(
    zip(" etaoinshrdlcumwfgypbvkjxqz", (
        170, 102, 75, 65, 62, 57, 57, 53, 50, 50, 35, 33, 23, 23, 20, 17, 18, 16, 16, 15, 12, 8, 6, 1.5,
        1.5, 1, 0.7,
    ), strict=True)
)  # fmt: skip
_LENGTH = 400
"""Characters of a text, about."""
_EXACT, _ONE = 65.0, 1.0
"""What the exact test of a text takes, in lookings for one short text."""


def in_any_case(folded: str) -> list[str]:
    """Texts of which one stands in every text that contains `folded` in any case; the fewest and
    rarest of `folded`'s own pieces. Empty where looking for them would not pay.
    """
    best, found = _EXACT, list[str]()
    for piece in _pieces(folded):
        variants = 1
        share = float(_LENGTH)
        for character in piece:
            variants *= len(_cases(character))
            share *= _OFTEN.get(character, 4 if character.isascii() else 0.5) / 1000
        cost = variants * _ONE + min(1.0, share) * _EXACT
        if variants <= 16 and cost < best:
            best, found = cost, ["".join(some) for some in product(*map(_cases, piece))]
    return found


def _pieces(text: str) -> Iterator[str]:
    """Every stretch of up to four characters whose other cases are known."""
    for start in range(len(text)):
        for end in range(start + 1, min(start + 4, len(text)) + 1):
            if not _cases(text[end - 1]):
                break
            yield text[start:end]


def _cases(character: str) -> str:
    """All characters that `fold` makes this one; empty where they are not known here."""
    if character in "ik":
        return ""  # `İ` and the Kelvin sign fold to them
    if character.isascii():
        return character + character.upper() if character.islower() else character
    caseless = "\u3040" <= character <= "\u9fff" or "\uac00" <= character <= "\ud7a3"
    return character if caseless else ""


def key_part(key: str) -> str:
    """What stands in the JSON text of every object that has this key; empty where in several ways."""
    return f'"{key}"' if _PLAIN.fullmatch(key) else ""


def value_parts(test: AttributeTest) -> list[str]:
    """Texts of which one stands in the JSON text of every value that fits; empty where
    that cannot be told."""
    if test.present or test.digits or not test.texts:
        return []
    found: list[str] = []
    for pattern in test.texts:
        text = pattern.text
        if pattern.shape.test != "equal" or not _PLAIN.fullmatch(text):
            return []
        # 1k is 1000, and TRUE is true.
        if test.numbers.alternatives and not _WHOLE.fullmatch(text):
            return []
        if test.truths and text not in ("true", "false"):
            return []
        found.append(text)
    return found
