"""The controls that every sandbox has, and the page that documents them all."""

import inspect
import ipaddress
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from sandboxes.kit.pages import Pages

if TYPE_CHECKING:
    from sandboxes.kit.app import Kit

Body = dict[str, Any]
Handler = Callable[[Request, Body], Any]
Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class Control:
    """One control: method, path below /_control/, handler, what to tell about it, an example body.

    ``handler(request, body)``, plain or async, returns what is answered as JSON, or a Response;
    its ValueError becomes a 400, its LookupError a 404.
    """

    method: str
    path: str
    handler: Handler
    summary: str
    example: Body | None = None


def control_mount(kit: "Kit", controls: Sequence[Control]) -> Mount:
    """The routes below /_control/, for clients on this machine only."""
    every = [*shared_controls(kit), *controls]
    routes = [Route("/" + control.path, _endpoint(control), methods=[control.method]) for control in every]
    index = Route("/", _index(kit.options.name, every))
    return Mount("/_control", app=LocalOnly(Router([index, *routes])))


class LocalOnly:
    """Refuses clients from elsewhere, and pages of other sites that try to use this machine's browser."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what comes from this machine."""
        if scope["type"] == "http" and not _is_local(Request(scope)):
            await _error(403, "The controls answer this machine only.")(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def is_loopback(host: str) -> bool:
    """Whether a host name or address means this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def shared_controls(kit: "Kit") -> list[Control]:
    """Faults, webhooks, clock, state and reset."""
    fault = {"match": "POST /v1/refunds", "kind": "500", "times": 1}
    return [
        Control("POST", "faults", _adder(kit), "Let matching requests fail: 500, 429, timeout, drop_before, "
                "drop_after (the effect happens, the answer is lost) or slow (2 s).", fault),
        Control("GET", "faults", lambda *_: kit.faults.waiting(), "The faults that are still to happen."),
        Control("DELETE", "faults", lambda *_: kit.faults.clear(), "Forget every fault."),
        Control("POST", "webhooks", _mode_setter(kit), "Treat webhooks as normal, hold, drop, duplicate "
                "or shuffle (out of order).", {"mode": "hold"}),
        Control("POST", "webhooks/release", _releaser(kit), "Send the webhooks that are held, all or "
                "only those of some types.", {"types": ["some.type"]}),
        Control("POST", "clock", _advancer(kit), "Move the clock forward, in seconds; what is due by "
                "then has happened when this answers.", {"advance": 3600}),
        Control("GET", "state", lambda *_: state(kit), "Everything the sandbox knows."),
        Control("POST", "reset", lambda *_: kit.reset(), "Forget everything but the keys."),
    ]  # fmt: skip


def state(kit: "Kit") -> Body:
    """All documents and settings, as GET /_control/state shows them."""
    return {
        "name": kit.options.name,
        "clock": {"now": kit.clock.now(), "offset": kit.clock.offset},
        "webhooks": {"mode": kit.deliveries.mode, "waiting": len(kit.deliveries.waiting())},
        "faults": kit.faults.waiting(),
        "documents": {kind: kit.store.all(kind) for kind in kit.store.kinds()},
    }


def _adder(kit: "Kit") -> Handler:
    def add(_: Request, body: Body) -> Body:
        return kit.faults.add(
            match=_text(body, "match"), kind=str(body.get("kind")), times=int(body.get("times", 1))
        )

    return add


def _mode_setter(kit: "Kit") -> Handler:
    def set_mode(_: Request, body: Body) -> Body:
        kit.deliveries.set_mode(_text(body, "mode"))
        return {"mode": kit.deliveries.mode}

    return set_mode


def _releaser(kit: "Kit") -> Handler:
    return lambda _, body: {"released": kit.deliveries.release(body.get("types"))}


def _advancer(kit: "Kit") -> Handler:
    async def advance(_: Request, body: Body) -> Body:
        kit.clock.advance(float(body.get("advance", 0)))
        await kit.timers.run_due()
        return {"now": kit.clock.now(), "offset": kit.clock.offset}

    return advance


def _text(body: Body, name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str):
        raise ValueError(f"{name} must be a text.")
    return value


def _is_local(request: Request) -> bool:
    cross_site = request.headers.get("sec-fetch-site") in ("cross-site", "same-site")
    return request.client is not None and is_loopback(request.client.host) and not cross_site


def _endpoint(control: Control) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        try:
            outcome = control.handler(request, await _body(request))
            answer = await outcome if inspect.isawaitable(outcome) else outcome
        except LookupError as error:
            return _error(404, str(error.args[0] if error.args else "not found"))
        except (ValueError, TypeError) as error:
            return _error(400, str(error))
        return (
            answer
            if isinstance(answer, Response)
            else JSONResponse({"ok": True} if answer is None else answer)
        )

    return endpoint


async def _body(request: Request) -> Body:
    raw = await request.body()
    body = json.loads(raw) if raw else {}
    if not isinstance(body, dict):
        raise ValueError("The body must be a JSON object.")
    return body


def _error(status: int, message: str) -> JSONResponse:
    return JSONResponse({"error": message}, status)


def _index(name: str, controls: Sequence[Control]) -> Endpoint:
    listing = [
        {
            "method": control.method,
            "path": "/_control/" + control.path,
            "summary": control.summary,
            "example": control.example,
        }
        for control in controls
    ]
    pages = Pages(name)

    async def index(request: Request) -> Response:
        if "text/html" in request.headers.get("accept", ""):
            return pages.render("controls.html", title="Controls", controls=listing)
        return JSONResponse({"name": name, "controls": listing})

    return index
