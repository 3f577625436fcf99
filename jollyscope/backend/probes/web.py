"""Asking over HTTP, with a bound on the time."""

from __future__ import annotations

import urllib.error
import urllib.request
from typing import Any

import msgspec

from jollyscope.backend.stack.trouble import BackendError

__all__ = ["get_json", "status_of"]

# Parts of the backend are asked straight, whatever proxy the environment names.
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_MOST = 8 << 20


def get_json(url: str, *, timeout: float = 5.0) -> Any:
    """The JSON at `url`. Raises `BackendError` where nothing answers, or something else."""
    status, body = _get(url, timeout)
    if status != 200:
        raise BackendError(f"{url} answers with {status}.")
    try:
        return msgspec.json.decode(body)
    except msgspec.DecodeError:
        raise BackendError(
            f"{url} does not answer with JSON.", hint="Does something else listen on that port?"
        ) from None


def status_of(url: str, *, timeout: float = 5.0) -> int:
    """The HTTP status at `url`. Raises `BackendError` where nothing answers."""
    return _get(url, timeout)[0]


def _get(url: str, timeout: float) -> tuple[int, bytes]:
    try:
        with _direct.open(url, timeout=timeout) as answer:
            return answer.status, answer.read(_MOST)
    except urllib.error.HTTPError as error:
        return error.code, b""
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        said = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
        raise BackendError(f"Nothing answers at {url}: {said[:1].lower()}{said[1:]}.") from None
