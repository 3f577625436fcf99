"""From a store URL to a store."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from jollyscope import config
from jollyscope.errors import NotFoundError, StoreError, UsageError
from jollyscope.paths import data_dir
from jollyscope.store.api import Store
from jollyscope.store.clickhouse.url import SCHEMES, parse_address

__all__ = ["open_store"]

_HINT = (
    "Write lake:///path/to/data (the directory that holds `spool` and `lake`), or "
    "clickhouse://user:password@host:8123/database."
)


def open_store(url: str | None = None) -> Store:
    """See `store.api.open_store`."""
    from jollyscope.store._usual import usual_store
    from jollyscope.store.lake.store import LakeStore

    settings = config.load()
    url = url or settings.store
    if url is None:
        home = data_dir()
        if home.exists() and not home.is_dir():
            raise StoreError(
                f"The data directory {home} is a file.", hint="Set JOLLYSCOPE_HOME to a directory."
            )
        return usual_store(home, settings)
    scheme = url.partition(":")[0].lower()
    if scheme in SCHEMES:
        from jollyscope.store.clickhouse.store import ClickHouseStore

        return ClickHouseStore(parse_address(url), settings.clickhouse)
    if scheme != "lake":
        raise UsageError(
            f"`{_harmless(url)}` is no store that this version can open.",
            hint=_HINT,
        )
    return LakeStore(_lake_path(url), settings.lake)


def _harmless(url: str) -> str:
    """What of an unknown URL can be shown: behind a scheme, or before an `@`, a password may stand."""
    scheme, colon, _ = url.partition(":")
    if "@" in scheme:
        return "…@…"
    return f"{scheme}:…" if colon else url


def _lake_path(url: str) -> Path:
    try:
        parts = urlsplit(url)
    except ValueError:
        raise UsageError("The store URL cannot be read.", hint=_HINT) from None
    home = Path(unquote(parts.netloc + parts.path)).expanduser()
    if not home.exists():
        raise NotFoundError(
            f"There is no store at {home}.",
            hint="Check the path, or leave --store out to use the default one.",
        )
    if not home.is_dir():
        raise StoreError(
            f"{home} is a file, not a store.",
            hint="Name the directory that holds `spool` and `lake`.",
        )
    if not (home / "lake").is_dir() and not (home / "spool").is_dir():
        raise NotFoundError(
            f"{home} holds no store.", hint="A store is a directory with `spool` and `lake` in it."
        )
    return home
