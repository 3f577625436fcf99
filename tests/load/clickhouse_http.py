"""ClickHouse's HTTP interface in front of its engine within this process, as far as clients of
`clickhouse_connect` use it to ask: so that programs of other processes can be given a store's URL.

A connection is a thread with a handle of the engine of its own, so questions run side by side as they do on
a server.
"""

from __future__ import annotations

import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import chdb

__all__ = ["HttpDoor"]

_FORMAT = re.compile(r"\bFORMAT\s+\w+\s*;?\s*$", re.IGNORECASE)
_CODE = re.compile(r"Code: (\d+)")
_NOT_THE_ENGINES = {
    "database", "query", "compress", "wait_end_of_query", "client_protocol_version", "query_id",
    "send_progress_in_http_headers", "http_headers_progress_interval_ms", "enable_http_compression",
    "cancel_http_readonly_queries_on_client_close",
}  # fmt: skip
"""What HTTP itself is told among the settings."""


class HttpDoor:
    """Listens on a free port of this machine alone."""

    def __init__(self, folder: Path) -> None:
        place = str(folder)

        class Handler(_Handler):
            folder = place

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    folder = ""

    def setup(self) -> None:
        super().setup()
        self._engine: Any = chdb.connect(self.folder)  # pyright: ignore[reportUnknownMemberType]

    def finish(self) -> None:
        self._engine.close()
        super().finish()

    def do_GET(self) -> None:
        self._answer("")

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers.get("content-length", "0"))).decode())

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is logged."""

    def _answer(self, body: str) -> None:
        told = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        sql = "\n".join(part for part in (told.get("query", ""), body) if part)
        try:
            if "database" in told:
                self._engine.query(f"USE `{told['database']}`")
            parameters = {k[6:]: v for k, v in told.items() if k.startswith("param_")}
            statement = _with_settings(sql, told)
            found = self._engine.query(statement, "TabSeparated", params=parameters).bytes()
        except RuntimeError as error:
            self._refuse(str(error))
            return
        self._send(200, found or b"", {"X-ClickHouse-Format": "TabSeparated"} if found else {})

    def _refuse(self, said: str) -> None:
        code = _CODE.search(said)
        named = {"X-ClickHouse-Exception-Code": code[1] if code else "1"}
        self._send(500, said.encode(), named)

    def _send(self, status: int, data: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("X-ClickHouse-Timezone", "UTC")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def _with_settings(sql: str, told: dict[str, str]) -> str:
    """The statement with its settings, which stand before the format; those that select nothing take none."""
    settings = {
        key: value for key, value in told.items()
        if key not in _NOT_THE_ENGINES and not key.startswith("param_")
    }  # fmt: skip
    end = _FORMAT.search(sql)
    if not settings or end is None:
        return sql
    quoted = {
        key: value.replace("\\", "\\\\").replace("'", "\\'") for key, value in settings.items()
    }
    clause = ", ".join(f"{key} = '{value}'" for key, value in quoted.items())
    return f"{sql[: end.start()].rstrip()}\nSETTINGS {clause}\n{sql[end.start() :]}"
