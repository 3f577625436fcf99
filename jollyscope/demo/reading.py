"""What the offline planner reads out of text: clauses, expressions, measures, rows of a table.

Rules only, for English and Chinese; they know nothing of the shipped tasks.
"""

from __future__ import annotations

import ast
import csv
import re
import unicodedata
from collections.abc import Iterator

import msgspec

__all__ = [
    "MEASURES",
    "Measure",
    "Quantity",
    "clauses",
    "expression_in",
    "file_in",
    "is_chinese",
    "keywords",
    "measure_in",
    "quantity_in",
    "sentences",
    "subject_of",
    "table_rows",
    "without_measures",
]

CJK = "\u3400-\u9fff"


def is_chinese(text: str) -> bool:
    """Whether there is a Chinese character in it."""
    return re.search(f"[{CJK}]", text) is not None


# --- clauses -----------------------------------------------------------------------------------

_CLAUSE_STARTS = re.compile(
    r"(?:please |can you |could you |tell me |and |then |also )*"
    r"(?:what|how|who|when|where|which|why|is|are|was|were|does|do|did|read|open|calculate|"
    r"compute|add|tell|find|compare|write|give|search|look)\b",
    re.IGNORECASE,
)
_CHINESE_ASKS = re.compile(
    r"几|多少|多[高长深快重远大久]|什么|谁|哪|怎么|吗|呢|读|计算|写|查|搜索|比较"
)


def clauses(question: str) -> list[str]:
    """The question cut into parts that each ask something.

    A part that asks nothing by itself ("… and London") stays with its neighbour.
    """
    pieces = re.split(
        r"((?:,(?!\d{3})|[;?!，；？！。])\s*(?:and\s+)?|\.\s+|\.$|\s+and\s+|然后|以及)", question
    )
    parts: list[str] = []
    asks = False  # whether the last part asks something yet
    for text, separator in zip(pieces[::2], ["", *pieces[1::2]], strict=False):
        if not text.strip():
            continue
        starts = _asks(text)
        if parts and not (starts and asks):
            parts[-1] += separator + text
            asks = asks or starts
        else:
            parts.append(text)
            asks = starts
    return [part.strip() for part in parts]


def _asks(text: str) -> bool:
    return bool(
        _CLAUSE_STARTS.match(text.strip()) or _CHINESE_ASKS.search(text) or expression_in(text)
    )


# --- arithmetic --------------------------------------------------------------------------------

_NUMBER = r"\d+(?:\.\d+)?"
_SPOKEN = [
    (rf"square root of ({_NUMBER})", r"\1**0.5"),
    (rf"({_NUMBER})的平方根", r"\1**0.5"),
    (rf"({_NUMBER})(?:%| percent) of ({_NUMBER})", r"\2*\1/100"),
    (rf"({_NUMBER})的({_NUMBER})%", r"\1*\2/100"),
    (r"\bto the power of\b|\^|的?次方", "**"),
    (r"\bsquared\b|的?平方", "**2"),
    (r"\bcubed\b|的?立方", "**3"),
    (r"\bdivided by\b|除以|÷", "/"),
    (r"\bmultiplied by\b|\btimes\b|乘以|乘|×", "*"),
    (r"\bplus\b|加上|加", "+"),
    (r"\bminus\b|减去|减|−", "-"),
]


def expression_in(text: str) -> str | None:
    """The longest arithmetic expression in a text, in Python's notation, spelled words included."""
    text = _without_dates_and_files(_plain(text))
    for pattern, replacement in _SPOKEN:
        text = re.sub(pattern, replacement, text, flags=re.IGNORECASE)
    runs = (match.group().strip() for match in re.finditer(r"[\d.+\-*/%() ]+", text))
    found = [expression for run in runs if (expression := _longest_expression(run))]
    return max(found, key=len, default=None)


def _longest_expression(run: str) -> str | None:
    for cut in range(len(run), 2, -1):
        expression = run[:cut].strip()
        try:
            tree = ast.parse(expression, mode="eval")
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        return expression if isinstance(tree.body, ast.BinOp) else None
    return None


def _without_dates_and_files(text: str) -> str:
    return re.sub(r"\b\d{4}-\d{1,2}(-\d{1,2})?\b", " ; ", _FILE.sub(" ; ", text))


def _plain(text: str) -> str:
    """Full-width digits and signs as ASCII, digit groups without commas."""
    return re.sub(r"(?<=\d),(?=\d{3})", "", unicodedata.normalize("NFKC", text))


# --- measures ----------------------------------------------------------------------------------


class Measure(msgspec.Struct, frozen=True):
    """Something that can be measured: the words that ask for it and the units it comes in."""

    name: str
    chinese: str
    words: str
    """Pattern of the words that ask for it, both languages."""
    units: tuple[str, ...]


class Quantity(msgspec.Struct, frozen=True):
    """A number with its unit, as `UNITS` names it, and the words it was found as."""

    value: str
    unit: str
    found: str

    def __str__(self) -> str:
        return self.found


_END = r"\s*(?:$|多少|几|吗|些|一点|[，。？！,?!])"
"""What follows a Chinese measure word that asks: the 长 of 比黄河长多少, not of 长江."""

MEASURES = [
    Measure(
        "speed", "速度",
        r"\bfast(?:er|est)?\b|\bslow(?:er)?\b|\bspeed\b|多快|速度|时速"
        rf"|[快慢](?={_END})",
        ("km/h", "km/s"),
    ),
    Measure("depth", "深度", rf"\bdeep(?:er|est)?\b|\bdepth\b|多深|深度|深(?={_END})", ("m",)),
    Measure(
        "weight", "重量", rf"\bheav(?:y|ier|iest)\b|\bweighs?\b|\bweight\b|多重|重量|重(?={_END})",
        ("tonne", "kg", "g"),
    ),
    Measure(
        "year", "年份",
        r"\bwhen\b|\bwhat year\b|\bold(?:er|est)?\b|\bearlier\b|\blater\b|\bnewer\b|\bage\b"
        rf"|哪一?年|什么时候|何时|[早晚](?={_END})",
        ("year",),
    ),
    Measure(
        "height", "高度",
        rf"\btall(?:er|est)?\b|\bhigh(?:er|est)?\b|\bheight\b|\belevation\b|多高|海拔|高度|[高矮](?={_END})",
        ("m",),
    ),
    Measure(
        "distance", "距离",
        rf"\bfar(?:ther)?\b|\bdistance\b|\baway\b|多远|距离|远(?={_END})", ("km",),
    ),
    Measure(
        "length", "全长",
        rf"\blong(?:er|est)?\b|\blength\b|\bshorter\b|多长|全长|长度|[长短](?={_END})", ("km", "m"),
    ),
]  # fmt: skip

UNITS = {
    "km/h": r"km/h|kilomet(?:re|er)s? (?:per|an) hour|公里/小时|公里每小时",
    "km/s": r"km/s|kilomet(?:re|er)s? (?:per|a) second|公里/秒|公里每秒",
    "km": r"km\b|kilomet(?:re|er)s?\b|公里|千米",
    "m": r"m\b|met(?:re|er)s?\b|米",
    "tonne": r"tonnes?\b|吨",
    "kg": r"kg\b|kilograms?\b|公斤|千克",
    "g": r"g\b|grams?\b|克",
}
_QUANTITIES = {
    unit: re.compile(rf"(?<![\d.])({_NUMBER})\s*(?:{pattern})(?![/²³])")
    for unit, pattern in UNITS.items()
} | {"year": re.compile(r"(?:(?<=in )|(?<=about )|(?<=since )|)\b(1\d{3}|20\d{2})(?:\b|年)")}


def measure_in(question: str) -> Measure | None:
    """The measure that a question asks for."""
    return next((m for m in MEASURES if re.search(m.words, question, re.IGNORECASE)), None)


def without_measures(text: str) -> str:
    """The text without words that only name a measure."""
    for measure in MEASURES:
        text = re.sub(measure.words, " ", text, flags=re.IGNORECASE)
    return " ".join(text.split())


def quantity_in(text: str, measure: Measure) -> Quantity | None:
    """The first number of that measure; one in a sentence that names the measure wins."""
    for sentence in sorted(sentences(text), key=lambda s: not _names(s, measure)):
        for unit in measure.units:
            for match in _QUANTITIES[unit].finditer(_plain(sentence)):
                return Quantity(match[1], unit, match[0].strip())
    return None


def _names(sentence: str, measure: Measure) -> bool:
    return re.search(measure.words, sentence, re.IGNORECASE) is not None


# --- words -------------------------------------------------------------------------------------

_FILLERS = frozenset(
    re.findall(
        r"\S+",
        "a an the is are was were be been do does did has have had can could would will should may "
        "what which who whom whose when where why how much many more less than of in on at to for "
        "from by with and or as it its this that these those there i you we they me my your our "
        "please tell give find show say know think please take takes took get about around it's "
        "what's who's long tall high deep fast far old heavy big large if per each every one",
    )
)
_CHINESE_FILLERS = re.compile(
    r"请问|请|告诉我|什么时候|为什么|哪一?年|什么|多少|有多|是多|谁|哪[个里座条]?|怎么样?|几[个年]?"
    r"|多[高长深快重远大久]|[吗呢吧了的地得]|是|有|在(?=$)|[、，。？！；,?!]"
)


def keywords(question: str) -> str:
    """The question's words worth searching for."""
    text = unicodedata.normalize("NFKC", question)
    if is_chinese(text):
        return " ".join(_CHINESE_FILLERS.sub(" ", text).split())
    words = re.findall(r"[\w'-]+", text)
    return " ".join(word for word in words if word.lower() not in _FILLERS)


def subject_of(text: str) -> str:
    """What a phrase is about: its keywords without articles and words of measure."""
    return without_measures(keywords(text))


def sentences(text: str) -> list[str]:
    """The sentences and lines of a text."""
    return [s.strip() for s in re.split(r"(?<=[.!?])\s+|(?<=[。！？])|\n+", text) if s.strip()]


# --- files -------------------------------------------------------------------------------------

_FILE = re.compile(r"(?:[A-Za-z0-9_\-.]*/)*[A-Za-z0-9_\-]+\.(?:csv|txt|md|log|json)(?![A-Za-z0-9])")


def file_in(text: str) -> str | None:
    """The first file name in a text."""
    match = _FILE.search(text)
    return match.group() if match else None


def table_rows(text: str) -> Iterator[tuple[list[str], str]]:
    """Each line's words in lower case and its last number: the cells of CSV, else of prose."""
    rows = list(csv.reader(text.splitlines()))
    is_table = len(rows) > 1 and len(rows[0]) > 1 and len({len(row) for row in rows}) == 1
    for row in rows:
        cells = row if is_table else [",".join(row)]
        line = _without_dates_and_files(_plain(cells[-1]))
        numbers = re.findall(_NUMBER, line)
        if numbers:
            yield [cell.lower() for cell in cells], numbers[-1]
