"""A client of the server, and what its errors mean to people."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from io import IOBase
from types import TracebackType
from typing import Any, Protocol, Self, cast

from jollyscope.errors import StoreError
from jollyscope.store.clickhouse.url import Address

__all__ = ["Answer", "Client", "connect", "quoted", "troubles"]

CONNECT_S = 5
"""Seconds until a server that says nothing counts as away."""


class Answer(Protocol):
    """Of `clickhouse_connect`'s results what is used here."""

    column_names: Sequence[str]
    result_rows: Sequence[Sequence[Any]]


class Client(Protocol):
    """Of `clickhouse_connect`'s client what is used here; its own types say too little."""

    def query(
        self,
        query: str,
        parameters: dict[str, Any] | None = None,
        settings: dict[str, Any] | None = None,
        *,
        column_formats: dict[str, str | dict[str, str]] | None = None,
    ) -> Answer: ...

    def raw_stream(
        self,
        query: str,
        parameters: dict[str, Any] | None = None,
        settings: dict[str, Any] | None = None,
        fmt: str | None = None,
    ) -> IOBase: ...

    def command(
        self,
        cmd: str,
        parameters: dict[str, Any] | None = None,
        *,
        settings: dict[str, Any] | None = None,
    ) -> Any: ...

    def insert(
        self,
        table: str,
        data: Sequence[Sequence[Any]],
        *,
        column_names: Sequence[str],
        column_type_names: Sequence[str],
        column_oriented: bool = False,
    ) -> Any: ...

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None: ...


def connect(address: Address, *, database: str | None = None, timeout: int = 300) -> Client:
    """A client of the address's database (or another), whose answers may take `timeout` seconds.

    Clients are not thread-safe and cheap: one a reader. Raises `StoreError`.
    """
    import logging

    import clickhouse_connect

    # What it logs it raises as well; without a handler Python would print it above our sentence.
    logging.getLogger("clickhouse_connect").addHandler(logging.NullHandler())
    get_client = cast("Callable[..., Client]", clickhouse_connect.get_client)  # pyright: ignore[reportUnknownMemberType]
    from clickhouse_connect.driver.exceptions import ClickHouseError

    name = address.database if database is None else database
    with troubles(address):
        if address.folder:
            return get_client(dsn=f"chdb://{address.folder}", database=name)
        try:
            return get_client(
                host=address.host,
                port=address.port,
                username=address.user,
                password=address.password,
                database=name,
                secure=address.secure,
                connect_timeout=CONNECT_S,
                send_receive_timeout=timeout,
                query_limit=0,
                # Queries of one session wait for one another, and `cancel` could not get through.
                autogenerate_session_id=False,
                client_name="jollyscope",
            )
        except (ClickHouseError, OSError):
            raise
        except ValueError as error:
            raise StoreError(f"ClickHouse at {address.shown} cannot be used: {error}.") from None


def quoted(name: str) -> str:
    """A name for SQL."""
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"


@contextmanager
def troubles(address: Address) -> Generator[None]:
    """Errors of the client become `StoreError`s: one sentence, and what to do."""
    from clickhouse_connect.driver.exceptions import ClickHouseError

    try:
        yield
    except (ClickHouseError, OSError) as error:
        raise _told(str(error), address) from None


_CODE = re.compile(r"Code: (\d+)\.|error code (\d+)|\(code[:= ]+(\d+)")
_UNKNOWN_TABLE, _UNKNOWN_DATABASE, _MEMORY, _TIMEOUT, _KILLED = 60, 81, 241, 159, 394
_REFUSED_LOGIN = (192, 193, 194, 516)
_NOT_ALLOWED = (164, 497)


def _told(text: str, address: Address) -> StoreError:
    found = _CODE.search(text)
    code = int(next(group for group in found.groups() if group)) if found else 0
    where = f"ClickHouse at {address.shown}"
    if code in _REFUSED_LOGIN:
        return StoreError(
            f"{where} refuses the user `{address.user}` or its password.",
            hint="Check both in the store's URL: clickhouse://user:password@host:8123/database.",
        )
    if code == _UNKNOWN_DATABASE:
        return StoreError(
            f"{where} has no database `{address.database}`.",
            hint="Check the name at the URL's end; `jollyscope up` makes one.",
        )
    if code == _UNKNOWN_TABLE and "ads_" not in text and "dwd_" not in text:
        return StoreError(f"The query failed: {_first(text)}.")
    if code == _MEMORY:
        return StoreError(
            "The query needs more memory than the server lets it use.",
            hint="Narrow the time range, or raise the user's `max_memory_usage`.",
        )
    if code == _TIMEOUT:
        return StoreError(
            "The query took longer than the server allows.", hint="Narrow it by time."
        )
    if code == _KILLED:
        return StoreError("The query was cancelled.")
    if code in _NOT_ALLOWED:
        return StoreError(f"{where} does not allow that: {_first(text)}.")
    if code:
        return StoreError(f"The query failed: {_first(text)}.")
    return _unreachable(text, where)


def _unreachable(text: str, where: str) -> StoreError:
    low = text.lower()
    if "timed out" in low or "timeout" in low:
        return StoreError(
            f"{where} did not answer in time.",
            hint="Is the host right, and nothing in between that swallows connections?",
        )
    if "certificate" in low or "ssl" in low:
        return StoreError(
            f"{where} and this end do not agree on TLS.",
            hint="clickhouses:// speaks TLS (port 8443), clickhouse:// does not (port 8123).",
        )
    return StoreError(
        f"{where} cannot be reached.",
        hint="Is it running? `jollyscope status` says, and `jollyscope up` starts one.",
    )


def _first(text: str) -> str:
    """The first line of what the engine said, without its own frame."""
    said = re.sub(r"^.*?DB::Exception: ", "", text.strip(), count=1, flags=re.DOTALL)
    said = re.sub(r"^Code: \d+\. DB::Exception: ", "", said)
    said = re.sub(r"\s*\((version [^)]*)\).*$", "", said, flags=re.DOTALL)
    line = re.sub(r"\s+", " ", said.splitlines()[0] if said else "no reason given")
    line = re.sub(r"\s*\([A-Z_]+\)\.?$", "", line)
    return line[:300].rstrip(". ")
