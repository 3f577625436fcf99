"""Store URLs: `clickhouse://user:pass@host:port/db`, `clickhouses://` for TLS."""

from __future__ import annotations

from urllib.parse import parse_qs, quote, unquote, urlsplit

import msgspec

from jollyscope.errors import UsageError

__all__ = ["SCHEMES", "Address", "parse_address"]

SCHEMES = ("clickhouse", "clickhouses", "chdb")
_HINT = "Write clickhouse://user:password@host:8123/database."
_TRUE, _FALSE = ("1", "true", "yes"), ("0", "false", "no")


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """Where a server is and who asks. `folder` is that of an engine in this process (`chdb://`)."""

    host: str = ""
    port: int = 8123
    user: str = "default"
    password: str = ""
    database: str = "jollyscope"
    secure: bool = False
    folder: str = ""

    @property
    def shown(self) -> str:
        """The URL without the password."""
        if self.folder:
            return f"chdb://{quote(self.folder)}?database={self.database}"
        who = "" if self.user == "default" else f"{quote(self.user, safe='')}@"
        host = f"[{self.host}]" if ":" in self.host else self.host
        scheme = "clickhouses" if self.secure else "clickhouse"
        return f"{scheme}://{who}{host}:{self.port}/{quote(self.database)}"


def parse_address(url: str) -> Address:
    """What a URL says; the port is that of ClickHouse's HTTP interface (8123, with TLS 8443).

    Raises `UsageError`, which never repeats the password.
    """
    if not _is_unicode(url):
        raise UsageError("The store URL is not UTF-8.", hint=_HINT)
    try:
        parts = urlsplit(url)
    except ValueError:  # its text repeats the URL
        raise UsageError("The store URL names no host that can be.", hint=_HINT) from None
    if "@" in parts.path + parts.query + parts.fragment:
        # A password with one of these in it, of which the errors below would repeat the rest.
        raise UsageError(
            "The store URL has an `@` behind its host.",
            hint="In a password write %2F for `/`, %3F for `?`, %23 for `#` and %40 for `@`.",
        )
    options = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    unknown = set(options) - {"secure", "database"}
    if unknown:
        raise UsageError(f"A store URL has no `{min(unknown)}`.", hint="There is `secure=1`.")
    if parts.scheme == "chdb":
        return Address(folder=unquote(parts.path), database=options.get("database", "jollyscope"))
    said = options.get("secure", "0").lower()
    if said not in (*_TRUE, *_FALSE):
        raise UsageError("`secure` in the store URL is neither 1 nor 0.", hint=_HINT)
    secure = parts.scheme == "clickhouses" or said in _TRUE
    try:
        port = parts.port or (8443 if secure else 8123)
    except ValueError:
        raise UsageError("The store URL has no port that can be.", hint=_HINT) from None
    if not parts.hostname:
        raise UsageError("The store URL names no host.", hint=_HINT)
    database = unquote(parts.path.strip("/"))
    if "/" in database:
        raise UsageError("The store URL has more than one database.", hint=_HINT)
    return Address(
        host=parts.hostname,
        port=port,
        user=unquote(parts.username or "default"),
        password=unquote(parts.password or ""),
        database=database or options.get("database", "jollyscope"),
        secure=secure,
    )


def _is_unicode(text: str) -> bool:
    """Not so for bytes of a command line or a variable that were no UTF-8."""
    return text.encode(errors="replace").decode() == text
