"""A server for one page and what it shows, on the loopback address alone; it changes nothing."""

import json
import sys
import threading
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from math import inf
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

LOOPBACK = "127.0.0.1"
_POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; "
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": f"{_POLICY}connect-src 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


class Server:
    """Hands out a page at `/`, and at `/state?have=N` what it shows, unless the browser has that version already."""

    def __init__(self, page: bytes, port: int = 0) -> None:
        self.page = page
        self._state = b"{}"
        self._version = 0
        self._is_seen = threading.Event()
        self._asked = -inf
        self._http = _Quiet((LOOPBACK, port), _handler(self))
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.1,), daemon=True)

    @property
    def address(self) -> str:
        """Where a browser finds it."""
        return f"http://{LOOPBACK}:{self._http.server_port}/"

    def show(self, state: dict[str, Any]) -> None:
        """Let the page show this from now on."""
        self._version += 1
        self._is_seen.clear()
        self._state = json.dumps({"version": self._version, **state}, allow_nan=False).encode()

    def wait_until_seen(self, seconds: float) -> None:
        """Wait until a browser has fetched what is shown, for so long at most; not at all if none has asked lately."""
        if time.monotonic() - self._asked < seconds:
            self._is_seen.wait(seconds)

    def answer(self, host: str, path: str) -> tuple[HTTPStatus, str, bytes]:
        """Return status, type and body of the answer to a request."""
        if host not in (f"{LOOPBACK}:{self._http.server_port}", f"localhost:{self._http.server_port}"):
            # another name for this machine: a page from elsewhere that wants to read along
            return HTTPStatus.FORBIDDEN, "text/plain", b"not this host"
        parts = urlsplit(path)
        if parts.path == "/":
            return HTTPStatus.OK, "text/html; charset=utf-8", self.page
        if parts.path != "/state":
            return HTTPStatus.NOT_FOUND, "text/plain", b"not here"
        self._asked = time.monotonic()
        state, version = self._state, self._version
        if parse_qs(parts.query).get("have") == [str(version)]:
            return HTTPStatus.NO_CONTENT, "application/json", b""
        return HTTPStatus.OK, "application/json", state

    def seen(self, body: bytes) -> None:
        """Note that a browser has got an answer."""
        if body is self._state:
            self._is_seen.set()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.shutdown()
        self._http.server_close()


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a browser that is gone before it has its answer."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def _handler(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, kind, body = server.answer(self.headers.get("Host", ""), self.path)
            self.send_response(status)
            for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **_HEADERS}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
            server.seen(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            """Say nothing of requests."""

    return Handler
