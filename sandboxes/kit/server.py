"""Starting a sandbox as a program of its own."""

import argparse
import logging
import socket
import sys
from collections.abc import Callable, Sequence
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from sandboxes.kit.faults import DROP_EXTENSION
from sandboxes.kit.options import Key, Options, load_keys, parser, refuse_unsafe

CreateApp = Callable[[Options], ASGIApp]
AddOptions = Callable[[argparse.ArgumentParser], None]


def main(
    name: str,
    create_app: CreateApp,
    *,
    keys: Sequence[Key] = (),
    default_port: int,
    add_options: AddOptions | None = None,
    argv: Sequence[str] | None = None,
) -> None:
    """Parse the command line and serve until SIGTERM or SIGINT.

    ``add_options(parser)`` adds options of the sandbox's own, found again in ``Options.args``.
    """
    arguments = parser(name, keys, default_port)
    if add_options is not None:
        add_options(arguments)
    args = arguments.parse_args(argv)
    refuse_unsafe(arguments, args)
    listener = _listen(args.host, args.port)
    url = _url(args.host, listener.getsockname()[1])
    options = Options(
        name=name,
        data_dir=args.data,
        public_url=(args.public_url or url).rstrip("/"),
        keys=load_keys(args.data, keys, args),
        args=args,
    )
    _set_up_log()
    SandboxServer(_config(create_app(options)), f"{name} sandbox listening on {url}").run(sockets=[listener])


class DroppableProtocol(H11Protocol):
    """HTTP/1.1 that lends the application a handle to close the connection, which ASGI has no word for."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        served = self.app

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            scope.setdefault("extensions", {})[DROP_EXTENSION] = {"close": lambda: self.transport.abort()}
            await served(scope, receive, send)

        self.app = app


class SandboxServer(uvicorn.Server):
    """Says so once it listens."""

    def __init__(self, config: uvicorn.Config, greeting: str) -> None:
        super().__init__(config)
        self._greeting = greeting

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then print the one line that callers wait for."""
        await super().startup(sockets)
        print(self._greeting, flush=True)


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=DroppableProtocol,
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=1,
        server_header=False,
    )


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named because asyncio looks at it: without, each answer would wait for a delayed ACK, 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        sys.exit(f"cannot listen on {host}:{port}: {error.strerror}")
    return listener


def _url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _set_up_log() -> None:
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stdout)
    logging.getLogger("sandbox").setLevel(logging.INFO)
