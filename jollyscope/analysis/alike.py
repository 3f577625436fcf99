"""Error messages and stack traces with what changes from one occurrence to the next taken out."""

from __future__ import annotations

import re

__all__ = ["masked", "top_frame"]

_MASKS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), mask)
    for pattern, mask in (
        (r"\b[a-zA-Z][a-zA-Z0-9+.-]*://[^\s\"'<>)\]]+", "<url>"),
        (
            r"\"[^\"\n]*\"|`[^`\n]*`|(?<!\w)'[^'\n]*'(?!\w)|“[^”\n]*”|‘[^’\n]*’|「[^」\n]*」",
            "<text>",
        ),
        (r"\b[\w.+-]+@[\w-]+\.[\w.-]+", "<mail>"),
        (r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b", "<id>"),
        (
            r"\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?",
            "<time>",
        ),
        (r"(?<![\w<])(?:[A-Za-z]:\\|\\\\)[^\s\"'<>|:,;]+", "<path>"),
        (r"(?<![\w<])(?:~|\.{1,2})?(?:/[^\s\"'<>:,;()]+)+/?", "<path>"),
        (r"\b0[xX][0-9a-fA-F]+\b", "<id>"),
        # At least one digit: `feedface` and `accede` are words as well.
        (r"\b(?=[a-zA-Z_-]*\d)(?=[\w-]*[a-zA-Z])[0-9a-zA-Z_-]*\d[0-9a-zA-Z_-]{7,}\b", "<id>"),
        (r"(?<![\w<])[-+]?\d[\d.,_]*(?:[eE][-+]?\d+)?(?=[a-zA-Zµ%]{0,3}\b|[^\w]|$)", "<n>"),
        (r"\d+", "<n>"),
    )
)


def masked(message: str) -> str:
    """The message with URLs, quoted texts, addresses, ids, times, paths and numbers replaced by what
    they are, on one line. Two messages of one template become equal (the masks that log parsers set
    before they look for templates: He et al., "Drain", ICWS 2017).
    """
    for pattern, mask in _MASKS:
        message = pattern.sub(mask, message)
    return " ".join(message.split())


_PYTHON = re.compile(r'^\s*File "([^"\n]+)", line \d+, in (\S+)', re.MULTILINE)
_JAVA = re.compile(r"^\s*at ([\w.$<>/]+)\(([\w.]+)(?::\d+)?\)", re.MULTILINE)
_SCRIPT = re.compile(
    r"^\s*at (?:async )?(?:(\S[^(\n]*?) \()?([^()\s\n]+?):\d+(?::\d+)?\)?", re.MULTILINE
)


def top_frame(stack: str | None) -> str:
    """Where it was raised: the innermost frame of a Python, Java or JavaScript stack trace, without
    line numbers, which move with every change above them; empty where none is understood.
    """
    if not stack:
        return ""
    frames = _PYTHON.findall(stack)
    if frames:
        path, function = frames[-1]
        return f"{_base(path)}:{function}"
    java = _JAVA.search(stack)
    if java:
        return f"{java[2]}:{java[1].rpartition('.')[2]}"
    script = _SCRIPT.search(stack)
    return f"{_base(script[2])}:{script[1] or ''}".rstrip(":") if script else ""


def _base(path: str) -> str:
    return re.split(r"[/\\]", path)[-1]
