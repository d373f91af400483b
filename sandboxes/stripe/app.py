"""The sandbox as an application: the API, the pages for people, the controls."""

from collections.abc import Awaitable, Callable

from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route, Router
from starlette.types import ASGIApp

from sandboxes.kit.app import Kit
from sandboxes.kit.options import Options
from sandboxes.stripe import people, schedule
from sandboxes.stripe.context import Context
from sandboxes.stripe.controls import controls
from sandboxes.stripe.dispatch import Dispatcher, Endpoint, failure, not_found
from sandboxes.stripe.endpoints import ENDPOINTS
from sandboxes.stripe.events import signature

_API = "/v1"


def create_app(options: Options) -> ASGIApp:
    """The application of one data folder."""
    kit = Kit.open(options, sign=signature, error_response=failure)
    ctx = Context.of(kit)
    schedule.register(ctx)
    return kit.app(routes=[api(ctx), *people.routes(ctx)], controls=controls(ctx))


def api(ctx: Context) -> Mount:
    """Everything below /v1; browsers of any site may call it, as Stripe.js does."""
    dispatcher = Dispatcher(ctx)
    routes = [_route(dispatcher, each) for each in ENDPOINTS]
    unknown = Route("/{path:path}", _unknown, methods=["GET", "POST", "DELETE", "PUT", "PATCH"])
    open_to_browsers = CORSMiddleware(
        Router([*routes, unknown]),
        allow_origins=["*"],
        allow_methods=["GET", "POST"],
        allow_headers=["*"],
        expose_headers=["Request-Id", "Stripe-Version"],
    )
    return Mount(_API, app=open_to_browsers)


def _route(dispatcher: Dispatcher, endpoint: Endpoint) -> Route:
    path = endpoint.path.removeprefix(_API)
    return Route(path, _handler(dispatcher, endpoint), methods=[endpoint.method])


def _handler(dispatcher: Dispatcher, endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
    async def handle(request: Request) -> Response:
        return await dispatcher.serve(endpoint, request)

    return handle


async def _unknown(request: Request) -> Response:
    return not_found(request)
