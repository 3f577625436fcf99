"""Python literals read as JSON: `{'role': 'user', 'ok': True}`, as `str()` of a dict leaves it.

A tokenizer and no `ast.literal_eval`: that one parses recursively in C, which can end the whole
process on a thread with a small stack.
"""

from __future__ import annotations

import re

import msgspec

__all__ = ["json_of_literal"]

MAX_TOKENS = 200_000
"""Most strings, numbers and marks read: about 0.2 s. A picture in base64 is one."""

_TOKEN = re.compile(
    r"""\s*+(?:
        (?P<text>'[^'\\]*+(?:\\.[^'\\]*+)*+'|"[^"\\]*+(?:\\.[^"\\]*+)*+")
      | (?P<number>-?\d[\d.eE+-]*+)
      | (?P<word>True|False|None|nan|inf|-inf)\b
      | (?P<mark>[\[\]{}(),:])
    )""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|.)", re.DOTALL)
_WORDS = {"True": "true", "False": "false", "None": "null"}
_MARKS = {"(": "[", ")": "]"}
_PLAIN = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "v": "\v", "a": "\a", "0": "\0"}


def json_of_literal(text: str) -> str | None:
    """`text` as JSON text, or None where it holds anything but literals. Linear.

    Tuples become arrays, what JSON has no number for becomes null. That the result is well formed
    is for the JSON decoder to say.
    """
    made: list[str] = []
    position, end = 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None or len(made) > MAX_TOKENS:
            return None
        position = match.end()
        token = _json(match)
        if token in ("]", "}") and made and made[-1] == ",":
            made.pop()  # a trailing comma, as in `(1,)`
        made.append(token)
    return "".join(made)


def _json(match: re.Match[str]) -> str:
    token = match[match.lastgroup or 0]
    if match.lastgroup == "text":
        return msgspec.json.encode(_ESCAPE.sub(_unescaped, token[1:-1])).decode()
    if match.lastgroup == "word":
        return _WORDS.get(token, "null")
    return _MARKS.get(token, token)


def _unescaped(match: re.Match[str]) -> str:
    escape = match[1]
    if len(escape) == 1:
        return _PLAIN.get(escape, "" if escape == "\n" else escape)
    code = int(escape[1:], 16)
    return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"
