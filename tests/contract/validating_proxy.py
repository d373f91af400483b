"""A proxy between the product and a provider that holds requests and answers against the provider's description."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import httpx

_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server", "host"}


@dataclass
class Exchange:
    """One request and its answer. Header names in small letters."""

    method: str
    target: str
    request_headers: dict[str, str]
    request_body: bytes
    status: int = 0
    response_headers: dict[str, str] = field(default_factory=dict)
    response_body: bytes = b""

    @property
    def path(self) -> str:
        """The target without its query."""
        return urlsplit(self.target).path

    @property
    def query(self) -> str:
        """What stands behind the question mark."""
        return urlsplit(self.target).query

    @property
    def request_json(self) -> Any:
        """The request's body as JSON."""
        return json.loads(self.request_body)

    @property
    def response_json(self) -> Any:
        """The answer's body as JSON."""
        return json.loads(self.response_body)


Check = Callable[[Exchange], list[str]]
Change = Callable[[Exchange], None]


class ValidatingProxy:
    """Hands everything on to `upstream` and keeps what `check` finds wrong with it.

    `before` and `after` may change a request or an answer on its way: a control puts mistakes in with them.
    """

    def __init__(self, upstream: str, check: Check) -> None:
        self.exchanges: list[Exchange] = []
        self.violations: list[str] = []
        self.before: Change = lambda _: None
        self.after: Change = lambda _: None
        self._check = check
        self._client = httpx.Client(base_url=upstream, verify=False, timeout=30, trust_env=False)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        """The address that stands in for the provider's, without a slash at its end."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def made(self, method: str, path: str) -> list[Exchange]:
        """The requests of one kind so far; a path that ends in `*` is a beginning."""
        begin = path.removesuffix("*")
        return [
            each
            for each in list(self.exchanges)
            if each.method == method and (each.path.startswith(begin) if begin != path else each.path == path)
        ]

    def carry(self, exchange: Exchange) -> bool:
        """Ask the provider. False when it hung up without an answer: then there is nothing to check but the request."""
        self.before(exchange)
        headers = {name: value for name, value in exchange.request_headers.items() if name not in _HOP_BY_HOP}
        try:
            answer = self._client.request(
                exchange.method, exchange.target, headers=headers, content=exchange.request_body
            )
        except httpx.HTTPError:
            return False
        exchange.status, exchange.response_body = answer.status_code, answer.content
        exchange.response_headers = {name.lower(): value for name, value in answer.headers.items()}
        self.after(exchange)
        self.exchanges.append(exchange)
        self.violations += [f"{exchange.method} {exchange.path}: {each}" for each in self._faults(exchange)]
        return True

    def _faults(self, exchange: Exchange) -> list[str]:
        """What the check finds; what it cannot even read is a fault as well."""
        try:
            return self._check(exchange)
        except Exception as error:
            return [f"unreadable: {type(error).__name__}: {error}"]

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._client.close()


def _handler(proxy: ValidatingProxy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            exchange = Exchange(self.command, self.path, headers, body)
            if not proxy.carry(exchange):
                self.close_connection = True
                return
            self.send_response_only(exchange.status)
            for name, value in exchange.response_headers.items():
                if name not in _HOP_BY_HOP | {"content-encoding"}:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(exchange.response_body)))
            self.end_headers()
            self.wfile.write(exchange.response_body)

        do_GET = do_POST = do_DELETE = do_PATCH = _pass_on

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    return Handler
