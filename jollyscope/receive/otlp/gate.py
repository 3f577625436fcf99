"""Who may send: the token, and the pages of this machine."""

from __future__ import annotations

import hmac
import ipaddress
import re

from jollyscope.errors import UsageError
from jollyscope.receive.otlp.replies import StrangerError

__all__ = ["LOCAL_ORIGIN", "check_exposure", "check_token", "is_loopback"]

LOCAL_ORIGIN = r"https?://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?"
"""Pages of this machine. Any other page's request is refused, whatever Host it names: a browser adds
`Origin` to every POST, so a page of a foreign name that was pointed at 127.0.0.1 is recognised too.
"""
_BEARER = re.compile(rb"bearer +(\S+) *", re.IGNORECASE)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach `host`."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def check_exposure(host: str, token: str | None, *, insecure: bool) -> None:
    """Raises `UsageError` where anybody on the network could send."""
    if insecure or token or is_loopback(host):
        return
    raise UsageError(
        f"On {host} anybody who can reach this machine could send.",
        hint="Set a token with JOLLYSCOPE_COLLECT_TOKEN, or say --insecure.",
    )


def check_token(token: str | None, authorization: bytes | None) -> None:
    """Raises `StrangerError` unless the header says `Bearer <token>` (RFC 6750)."""
    if not token:
        return
    said = _BEARER.fullmatch(authorization or b"")
    if said is None:
        raise StrangerError("This receiver wants a token.", hint=_HINT)
    if not hmac.compare_digest(said[1], token.encode()):
        raise StrangerError("The token is not the one that this receiver wants.", hint=_HINT)


_HINT = "Set OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20<token>."
