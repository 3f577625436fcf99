"""Markdown as painted lines: headings, lists, quotes, code, tables, emphasis, links.

Parsed by markdown-it in parts of about two thousand characters, cut at blank lines outside of code:
it reads 200 characters a millisecond, and the first screen must not wait for the last.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from jollyscope_tui.widgets.cells import Paint, clean, paint_width
from jollyscope_tui.widgets.code_lines import code_paint, language_of
from jollyscope_tui.widgets.document import Line, text_line

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

__all__ = ["looks_like_markdown", "markdown_lines"]

PART = 2_000
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_SIGNS = re.compile(
    r"^ {0,3}(?:#{1,6} \S|[-*+] \S|\d{1,3}[.)] \S|>|`{3}|~{3}|\|.*\|)|\*\*\S|`\S|\]\(|^-{3,}$",
    re.MULTILINE,
)


def looks_like_markdown(text: str) -> bool:
    """Whether its beginning has any of the signs of Markdown."""
    return _SIGNS.search(text, 0, 20_000) is not None


def markdown_lines(text: str) -> Iterator[Line]:
    """The text's lines, rendered."""
    for part, apart in _parts(text):
        rendered = _rendered(part)
        if apart and rendered:
            yield Line([("", "")])
        yield from rendered


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    """The text cut at blank lines, none of them within code or before an indented line; with each part
    whether it stands apart from the one before.
    """
    held: list[str] = []
    apart = False
    size, fence, opened = 0, "", ""
    for line in text.split("\n"):
        if size >= PART and not fence and held and not held[-1].strip() and line[:1].strip():
            yield "\n".join(held), apart
            held, size, apart = [], 0, True
        mark = _FENCE.match(line)
        if mark and not fence:
            fence, opened = mark[1], line
        elif mark and line.strip().strip(fence[0]) == "" and len(mark[1]) >= len(fence):
            fence = ""
        # Code without end, or a paragraph without a break, is cut all the same.
        if size >= 4 * PART:
            yield "\n".join(held) + (f"\n{fence}" if fence else ""), apart
            apart = False
            held, size = ([opened] if fence else []), 0
        held.append(line)
        size += len(line) + 1
    yield "\n".join(held), apart


@lru_cache(2048)
def _rendered(part: str) -> tuple[Line, ...]:
    if len(part) > 8 * PART:
        # One line of that length is no Markdown, and `[[[[…` of 250 kB takes 3 s to parse.
        return tuple(text_line(line) for line in part.split("\n"))
    return tuple(_Renderer().render(_parser().parse(part)))


@lru_cache(1)
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").enable(["table", "strikethrough"])


_CONTENT = frozenset({"inline", "fence", "code_block", "hr", "html_block", "table_open"})


class _Mark(NamedTuple):
    """What stands before lines: `first` once, then as many blanks (`rest`)."""

    first: str
    rest: str
    style: str
    number: int
    """Tells it from marks that look alike."""


class _Renderer:
    """Walks the tokens of one part; what it stands in is a stack of marks."""

    def __init__(self) -> None:
        self._marks: list[_Mark] = []
        self._numbers: list[int | None] = []
        self._style = "text"
        self._rows: list[list[Paint]] = []
        self._count = 0
        self._stood: set[int] = set()
        """The marks that the line before stood behind."""

    def render(self, tokens: list[Token]) -> Iterator[Line]:
        """The lines; blocks that stood apart stand apart."""
        last = 0
        for token in tokens:
            if token.type in _CONTENT and token.map and not self._rows:
                if last and token.map[0] > last:
                    yield self._blank()
                last = token.map[1]
            yield from self._token(token)

    def _token(self, token: Token) -> Iterator[Line]:
        match token.type:
            case "heading_open":
                self._style = "heading"
                self._mark("#" * int(token.tag[1:]) + " ", "  ", "muted")
            case "heading_close":
                self._style = "text"
                self._marks.pop()
            case "blockquote_open":
                self._mark("▎ ", "▎ ", "muted")
            case "bullet_list_open":
                self._numbers.append(None)
            case "ordered_list_open":
                self._numbers.append(int(token.attrs.get("start", 1)))
            case "bullet_list_close" | "ordered_list_close":
                self._numbers.pop()
            case "list_item_open":
                self._item()
            case "blockquote_close" | "list_item_close":
                self._marks.pop()
            case "fence" | "code_block":
                yield from self._code(token)
            case "html_block":
                for line in token.content.rstrip("\n").split("\n"):
                    yield self._line([(clean(line), "muted")])
            case "hr":
                yield self._line([("─" * 24, "muted")])
            case "inline":
                yield from self._inline(token)
            case "table_open":
                self._rows = []
            case "tr_open":
                self._rows.append([])
            case "table_close":
                yield from self._table()
            case _:
                pass

    def _mark(self, first: str, rest: str, style: str) -> None:
        self._count += 1
        self._marks.append(_Mark(first, rest, style, self._count))

    def _item(self) -> None:
        number = self._numbers[-1]
        sign = "• " if number is None else f"{number}. "
        if number is not None:
            self._numbers[-1] = number + 1
        self._mark(sign, " " * len(sign), "key")

    def _code(self, token: Token) -> Iterator[Line]:
        language = language_of(token.info)
        for paint in code_paint(token.content.rstrip("\n"), language):
            yield self._line([("│ ", "muted"), *paint], 2)

    def _inline(self, token: Token) -> Iterator[Line]:
        painted = _spans(token.children or [], self._style)
        if self._rows:
            self._rows[-1].append([piece for line in painted for piece in line])
            return
        for paint in painted:
            yield self._line(paint)

    def _table(self) -> Iterator[Line]:
        rows, self._rows = self._rows, []
        columns = max(len(row) for row in rows)
        widths = [
            max(paint_width(row[at]) for row in rows if at < len(row)) for at in range(columns)
        ]
        for number, row in enumerate(rows):
            line: Paint = []
            for at, cell in enumerate(row):
                bold = [(text, "strong" if number == 0 else style) for text, style in cell]
                line += [*bold, (" " * (widths[at] - paint_width(cell)), ""), (" │ ", "muted")]
            yield self._line(line[:-1])
            if number == 0:
                yield self._line([("─┼─".join("─" * width for width in widths), "muted")])

    def _blank(self) -> Line:
        begun = [mark for mark in self._marks if mark.number in self._stood]
        bars = [(mark.rest, mark.style) for mark in begun if mark.rest.strip()]
        return Line(bars or [("", "")])

    def _line(self, paint: Paint, more: int = 0) -> Line:
        lead: Paint = [(mark.first, mark.style) for mark in self._marks]
        self._stood = {mark.number for mark in self._marks}
        # A list's bullet stands before its first line alone.
        self._marks = [mark._replace(first=mark.rest) for mark in self._marks]
        return Line([*lead, *paint], indent=sum(len(mark.rest) for mark in self._marks) + more)


_INLINE = {"strong_open": "strong", "em_open": "emphasis", "link_open": "link", "s_open": "muted"}


def _spans(tokens: list[Token], base: str) -> list[Paint]:
    """The lines of an inline text."""
    lines: list[Paint] = [[]]
    styles = [base]
    link = ""
    for token in tokens:
        if token.type == "softbreak" or token.type == "hardbreak":
            lines.append([])
        elif token.type in _INLINE:
            link = str(token.attrs.get("href", "")) if token.type == "link_open" else link
            styles.append(_INLINE[token.type])
        elif token.type.endswith("_close"):
            styles.pop()
            if token.type == "link_close" and link and link != lines[-1][-1][0]:
                lines[-1].append((f" ({clean(link)})", "muted"))
        elif token.type == "image":
            lines[-1].append((clean(f"[image {token.content}]".replace(" ]", "]")), "muted"))
        else:
            style = "code" if token.type == "code_inline" else styles[-1]
            lines[-1].append((clean(token.content), style))
    return [line or [("", "")] for line in lines]
