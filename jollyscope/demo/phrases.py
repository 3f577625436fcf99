"""What the offline planner reads out of questions: pairs to compare, rates, factors, places."""

from __future__ import annotations

import re

from jollyscope.demo.reading import subject_of
from jollyscope.demo.tools.places import places_in

__all__ = ["factor_in", "pair_in", "places_named"]

_EN_THAN = r"(?P<a>.+?)\s+than\s+(?P<b>.+)"
_ADJECTIVE = (
    r"(?:taller|higher|longer|shorter|deeper|faster|slower|heavier"
    r"|older|newer|earlier|later|farther)"
)
_PAIRS = [
    rf"{_ADJECTIVE}\s+(?:is|are|was|were)\s+{_EN_THAN}",
    rf"(?:is|are|was|were)\s+(?P<a>.+?)\s+{_ADJECTIVE}\s+than\s+(?P<b>.+)",
    r"difference\b.*?\bbetween\s+(?P<a>.+?)\s+and\s+(?P<b>.+)",
    rf"(?:which|what|who)\b.*?\b{_ADJECTIVE}\b[\s,:]+(?P<a>.+?)\s+or\s+(?P<b>.+)",
    r"compare\b(?: the)?(?: \w+ of)?\s+(?P<a>.+?)\s+(?:and|with|to)\s+(?P<b>.+)",
    r"(?P<a>.+?)比(?P<b>.+?)(?:高|长|深|快|重|远|早|晚|矮|短|慢)",
    r"(?P<a>.+?)[和与跟](?P<b>.+?)(?:哪一?[个座条]|谁|相差|差多少|的?(?:高度|长度|海拔)?差)",
]


def pair_in(text: str) -> tuple[str, str] | None:
    """The two things that a question compares."""
    for pattern in _PAIRS:
        if match := re.search(pattern, text, re.IGNORECASE):
            tail = re.split(r"[,?!，。？！]|\band\b|\bin\b", match["b"])[0]
            one, other = subject_of(match["a"]), subject_of(tail)
            if one and other:
                return one, other
    return None


def factor_in(text: str) -> tuple[str, str, str] | None:
    """`in feet`, `twice`, `三倍`: the words, the factor, and the unit it leads to, if any."""
    for pattern, number, unit in _FACTORS:
        if match := re.search(pattern, text, re.IGNORECASE):
            return match.group(), number or match[1], unit
    return None


_FACTORS = [
    (r"\bin feet\b|多少英尺", "3.28084", "ft"),
    (r"\bin miles\b|多少英里", "0.000621371", "miles"),
    (r"\bin (?:kilomet(?:re|er)s|km)\b", "0.001", "km"),
    (r"\bin met(?:re|er)s\b", "1", "m"),
    (r"多少华?里", "0.002", "里"),
    (r"\btwice\b|\bdouble\b|[两二]倍", "2", ""),
    (r"\bhalf\b|一半", "0.5", ""),
    (r"\b(\d+(?:\.\d+)?) times the\b", "", ""),
    (r"(\d+(?:\.\d+)?)倍", "", ""),
]


def places_named(text: str) -> list[str]:
    """Places and time zones that a question names, known or not."""
    zones = re.findall(r"\b[A-Z][a-z]+/[A-Z][A-Za-z_]+(?:/[A-Z][A-Za-z_]+)?", text)
    known, named = places_in(text), _places_after_in(text)
    return zones or (known if len(known) >= len(named) else named)


def _places_after_in(text: str) -> list[str]:
    """Places by position, so that unknown ones are asked for too: `time is it in Lima and Oslo`."""
    match = re.search(r"\b(?:in|between)\s+(.+?)[?.!]*$", text)
    if match is None:
        return []
    named = re.split(r",|\band\b|\bor\b", match[1])
    return [
        re.sub(r"(?i)\b(?:right now|now|today|currently|the)\b", "", n).strip()
        for n in named
        if n.strip()
    ]
