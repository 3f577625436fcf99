"""The grammar: what stands beside what. `docs/filter.md` has it written out.

filter = [ any ]
any    = all { "OR" all }
all    = one { [ "AND" ] one }
one    = ( "NOT" | "-" ) one | "(" any ")" | term
"""

from __future__ import annotations

from collections.abc import Callable

from jollyscope.query.filter.errors import FilterError
from jollyscope.query.filter.nodes import And, Node, Not, Or, Place, Text
from jollyscope.query.filter.scanner import QUOTE_IT, Scanner
from jollyscope.query.filter.terms import read_term

__all__ = ["MAX_DEPTH", "MAX_LENGTH", "MAX_TERMS", "parse_tree"]

MAX_LENGTH = 16_000
"""Characters of a filter."""
MAX_DEPTH = 50
"""Parentheses and negations within each other."""
MAX_TERMS = 200
"""Terms of a filter; on traces each may be a query of its own."""

_KEYWORDS = ("OR", "AND", "NOT")


def parse_tree(text: str) -> Node | None:
    """The tree of a filter; None for an empty one. Raises `FilterError`."""
    if len(text) > MAX_LENGTH:
        raise FilterError(
            f"The filter has {len(text):,} characters; {MAX_LENGTH:,} is the most.",
            text,
            MAX_LENGTH,
            hint="Ask for less at a time.",
        )
    parser = _Parser(text)
    scanner = parser.scanner
    scanner.skip_space()
    if not scanner.peek():
        return None
    tree = parser.any() if scanner.peek() != ")" else None
    if scanner.peek():
        raise scanner.fail(
            "This `)` closes nothing.", scanner.at, hint="Quote it to search for it."
        )
    return tree


class _Parser:
    def __init__(self, text: str) -> None:
        self.scanner = Scanner(text)
        self.depth = 0
        self.terms = 0

    def any(self) -> Node:
        parts = [self.all()]
        while self._keyword("OR"):
            parts.append(self.all(after="OR"))
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def all(self, after: str = "") -> Node:
        parts = [self.one(after)]
        while True:
            if self._keyword("AND"):
                parts.append(self.one("AND"))
            elif self.scanner.peek() in ("", ")") or self._word_here() == "OR":
                return parts[0] if len(parts) == 1 else And(tuple(parts))
            else:
                parts.append(self.one())

    def one(self, after: str = "") -> Node:
        """One thing; `after` is the word before it that asks for it."""
        scanner = self.scanner
        start = scanner.at
        if scanner.peek() == "(":
            return self._deeper(self._group)
        if scanner.peek() == "-" or self._word_here() == "NOT":
            return self._deeper(self._negation)
        keyword = self._word_here()
        if keyword or scanner.peek() in ("", ")"):
            raise self._nothing(after, keyword, start)
        self.terms += 1
        if self.terms > MAX_TERMS:
            raise scanner.fail(
                f"The filter has more than {MAX_TERMS} terms.",
                start,
                hint="Ask for less at a time.",
            )
        if scanner.peek() == '"':
            raw = scanner.quoted()
            scanner.end_of_quote(start)
            found: Node = Text(scanner.pattern(raw, start), Place(start, len(raw)))
        else:
            found = read_term(scanner)
        scanner.skip_space()
        return found

    def _group(self, start: int) -> Node:
        scanner = self.scanner
        scanner.at += 1
        scanner.skip_space()
        if scanner.peek() == ")":
            raise scanner.fail(
                "Nothing stands in these parentheses.", start, scanner.at - start + 1
            )
        tree = self.any() if scanner.peek() else None
        if tree is None or scanner.peek() != ")":
            raise scanner.fail("This `(` is never closed.", start, hint="Close it with a `)`.")
        scanner.at += 1
        after = scanner.peek()
        if after and not after.isspace() and after not in "()":
            raise scanner.fail(
                "Something stands right behind a `)`.", scanner.at, hint="Leave a space between."
            )
        scanner.skip_space()
        return tree

    def _negation(self, start: int) -> Node:
        scanner = self.scanner
        sign = "-" if scanner.peek() == "-" else "NOT"
        scanner.at += len(sign)
        if sign == "NOT":
            scanner.skip_space()
        elif scanner.peek().isspace():
            raise scanner.fail(
                "A `-` must stand right before what it negates.", start, hint=QUOTE_IT
            )
        return Not(self.one(sign))

    def _deeper(self, read: Callable[[int], Node]) -> Node:
        start = self.scanner.at
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.scanner.fail(
                f"The filter is nested deeper than {MAX_DEPTH} levels.",
                start,
                hint="Leave out parentheses that change nothing.",
            )
        found = read(start)
        self.depth -= 1
        return found

    def _word_here(self) -> str:
        """The keyword that stands here, if any."""
        scanner = self.scanner
        for word in _KEYWORDS:
            if scanner.text.startswith(word, scanner.at):
                after = scanner.text[scanner.at + len(word) : scanner.at + len(word) + 1]
                if not after or after.isspace() or after in "()":
                    return word
        return ""

    def _keyword(self, word: str) -> bool:
        """Reads a keyword over, if it is the one that stands here."""
        if self._word_here() != word:
            return False
        self.scanner.at += len(word)
        self.scanner.skip_space()
        return True

    def _nothing(self, after: str, keyword: str, at: int) -> FilterError:
        """The error for a place where something should stand."""
        if after:
            behind = "stands behind" if not keyword else f"but `{keyword}` stands behind"
            return self.scanner.fail(f"Nothing {behind} this `{after}`.", *self._before(after, at))
        return self.scanner.fail(
            f"Nothing stands before this `{keyword}`.",
            at,
            len(keyword),
            hint=f'Quote it to search for it: "{keyword}".',
        )

    def _before(self, word: str, at: int) -> tuple[int, int]:
        return self.scanner.text.rindex(word, 0, at), len(word)
