"""What happened in the sandbox, for people, with buttons for the controls."""

from starlette.routing import BaseRoute, Route, request_response

from sandboxes.kit.control import LocalOnly
from sandboxes.kit.pages import Pages
from sandboxes.stripe.context import Context
from sandboxes.stripe.people.dashboard.sections import BY_NAME
from sandboxes.stripe.people.dashboard.views import Dashboard


def routes(ctx: Context, pages: Pages) -> list[BaseRoute]:
    """`/` and the other lists, `/objects/<id>`, and the buttons, which are for this machine only as all controls."""
    dashboard = Dashboard(ctx, pages)
    lists = [Route(path, dashboard.show_list) for path in ("/", *(f"/{name}" for name in BY_NAME))]
    buttons = LocalOnly(request_response(dashboard.act))
    return [
        *lists,
        Route("/objects/{id}", dashboard.show_object),
        Route("/objects/{id}/{action}", buttons, methods=["POST"]),
    ]
