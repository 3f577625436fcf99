"""Users, sessions and names hidden: the same one by the same word in every file made with one salt.

A word is `user-` and the like with 64 bits of HMAC-SHA-256 (RFC 2104) under the salt: without it
nobody can try names out. DuckDB's SQL and Python give the same words.
"""

from __future__ import annotations

import hashlib
import hmac
import re

import msgspec

from jollyscope.errors import UsageError
from jollyscope.store.lake.engine import literal

__all__ = ["GONE", "KINDS", "PERSONAL", "TEXTS", "Guise"]

KINDS = {
    "user_id": "user",
    "session_id": "session",
    "conversation_id": "conversation",
    "service": "service",
}
"""Columns that are replaced, and what their words begin with."""

TEXTS = frozenset({"name", "input", "output", "error_message", "stack_trace", "content"})
"""Columns of text that the rules are applied to; those of JSON are besides."""

PERSONAL = (
    r'"((?:enduser|user|client|source|host|session|conversation|thread|gen_ai\.conversation'
    r"|langfuse\.user|langfuse\.session|service\.instance|service\.namespace|service)"
    r"\.(?:id|name|email|full_name|hash|address|ip|domain)|user|user_id|userId|session_id|sessionId"
    r"|thread_id|conversation_id|email|username|process\.(?:owner|command|command_line"
    r'|command_args|executable\.path))":\s*(?:"(?:[^"\\]|\\.)*"|\[[^\]]*\])'
)
"""Members of JSON that say who or where somebody is, by the names of OpenTelemetry and libraries."""

GONE = "[redacted]"
_EMPTY = ("{}", "[]")
"""What stands for JSON that a rule has left broken: of an object, and of an array."""
_BLOCK = 64  # of SHA-256, in bytes


class Guise(msgspec.Struct, frozen=True):
    """A salt, and patterns (RE2) whose matches in texts become `[redacted]`. Raises `UsageError`."""

    salt: bytes
    patterns: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for pattern in self.patterns:
            try:
                re.compile(pattern, re.ASCII)
            except re.error as error:
                raise UsageError(
                    f"The redaction rule `{pattern}` is no regular expression: {error}."
                ) from None

    def word(self, kind: str, value: str) -> str:
        """What stands for a value."""
        mac = hmac.new(self.salt, f"{kind}:{value}".encode("utf-8", "replace"), hashlib.sha256)
        return f"{kind}-{mac.hexdigest()[:16]}"

    def text(self, text: str, *, json: bool = False) -> str:
        """A text without what the rules find, and without personal members where it is JSON."""
        if json:
            text = re.sub(PERSONAL, rf'"\1":"{GONE}"', text)
        shown = text
        for pattern in self.patterns:
            shown = re.sub(pattern, GONE, shown, flags=re.ASCII)
        return shown if not json or _is_json(shown) else _EMPTY[text[:1] == "["]

    def sql(self, column: str, expression: str, *, json: bool = False) -> str:
        """DuckDB's SQL of a column's `expression` as it is shown."""
        if column in KINDS:
            return self._word(KINDS[column], expression)
        whole = f"CAST({expression} AS VARCHAR)"
        if json:
            gone = literal(rf'"\1":"{GONE}"')
            expression = f"regexp_replace({whole}, {literal(PERSONAL)}, {gone}, 'g')"
        if json or column in TEXTS:
            for pattern in self.patterns:
                expression = f"regexp_replace({expression}, {literal(pattern)}, '{GONE}', 'g')"
        if json and self.patterns:
            empty = f"CASE WHEN starts_with({whole}, '[') THEN '[]' ELSE '{{}}' END"
            return f"CASE WHEN json_valid({expression}) THEN {expression} ELSE {empty} END"
        return expression

    def _word(self, kind: str, expression: str) -> str:
        key = self.salt if len(self.salt) <= _BLOCK else hashlib.sha256(self.salt).digest()
        inner, outer = (
            "from_hex('" + bytes(b ^ pad for b in key.ljust(_BLOCK, b"\0")).hex() + "')"
            for pad in (0x36, 0x5C)
        )
        within = f"from_hex(sha256({inner} || encode('{kind}:' || {expression})))"
        return f"'{kind}-' || left(sha256({outer} || {within}), 16)"


def _is_json(text: str) -> bool:
    try:
        msgspec.json.decode(text)
    except msgspec.DecodeError:
        return False
    return True
